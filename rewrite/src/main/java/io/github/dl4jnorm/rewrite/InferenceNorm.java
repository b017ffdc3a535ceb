package io.github.dl4jnorm.rewrite;

import io.github.dl4jnorm.internal.engine.RunningVariance;
import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.spec.FusedActivation;
import java.util.Map;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What a batch normalization is in inference: y = scale·x + shift per channel, with scale = γ/√(σ² + ε) and shift = β −
 * μ·scale, and then perhaps max(0, y).
 *
 * @param scale in double, [C]
 * @param shift in double, [C]
 * @param format where it looks for the channels; null for channels first
 * @param relu whether max(0, y) follows
 * @param ours whether it is our layer, which masks reach
 */
record InferenceNorm(
        INDArray scale, INDArray shift, @Nullable DataFormat format, boolean relu, boolean ours) {

    /** Whether a layer is a batch normalization, ours or DL4J's. */
    static boolean isOne(Layer layer) {
        return layer instanceof BatchNorm || layer instanceof BatchNormalization;
    }

    /** Why a layer with these parameters is not such a map in inference, or null. */
    static @Nullable String obstacle(Layer layer, Map<String, INDArray> parameters) {
        if (layer instanceof BatchNorm norm) {
            if (norm.getAxis() != null) {
                return "it normalizes per index of axis " + norm.getAxis() + ", not per channel";
            }
            // Our layer adds ε in double.
            return norm.isRunningStatistics()
                    ? RunningVariance.problem(parameters.get(BatchNorm.VARIANCE), norm.getEps(), DataType.DOUBLE)
                            .orElse(null)
                    : "it normalizes with the statistics of each batch";
        }
        String obstacle = FromBuiltIn.obstacle(layer);
        return obstacle != null ? obstacle : FromBuiltIn.problem((BatchNormalization) layer, parameters);
    }

    /** The map that a layer with these parameters is, where there is no {@link #obstacle(Layer, Map)}. */
    static InferenceNorm of(Layer layer, Map<String, INDArray> parameters) {
        return layer instanceof BatchNorm norm ? of(norm, parameters) : of((BatchNormalization) layer, parameters);
    }

    private static InferenceNorm of(BatchNorm norm, Map<String, INDArray> parameters) {
        INDArray scale = scale(norm.getGamma(), parameters.get(BatchNorm.VARIANCE), norm.getEps(), parameters);
        DataFormat format = norm.getDataFormat() == null ? norm.getInputFormat() : norm.getDataFormat();
        boolean relu = norm.getFusedActivation() == FusedActivation.RELU;
        return new InferenceNorm(scale, shift(norm.getBeta(), scale, parameters), format, relu, true);
    }

    private static InferenceNorm of(BatchNormalization norm, Map<String, INDArray> parameters) {
        boolean fixed = FromBuiltIn.appliesFixed(norm);
        INDArray variance = FromBuiltIn.variance(parameters);
        INDArray scale = scale(fixed ? norm.getGamma() : 1, variance, norm.getEps(), parameters);
        INDArray shift = shift(fixed ? norm.getBeta() : 0, scale, parameters);
        return new InferenceNorm(scale, shift, FromBuiltIn.format(norm), false, false);
    }

    /** γ/√(σ² + ε), with a constant where γ is no parameter. */
    private static INDArray scale(double constant, INDArray variance, double eps, Map<String, INDArray> parameters) {
        INDArray std = Transforms.sqrt(vector(variance).add(eps), false);
        return vectorOr(constant, parameters.get(BatchNorm.GAMMA), std).div(std);
    }

    /** β − μ·scale, with a constant where β is no parameter. */
    private static INDArray shift(double constant, INDArray scale, Map<String, INDArray> parameters) {
        return vectorOr(constant, parameters.get(BatchNorm.BETA), scale)
                .sub(vector(parameters.get(BatchNorm.MEAN)).mul(scale));
    }

    private static INDArray vectorOr(double constant, @Nullable INDArray parameter, INDArray like) {
        return parameter == null ? Nd4j.valueArrayOf(like.shape(), constant, DataType.DOUBLE) : vector(parameter);
    }

    /** Why a layer below cannot compute this map, or null. */
    @Nullable String obstacle() {
        double[] scales = scale.toDoubleVector();
        double[] shifts = shift.toDoubleVector();
        for (int channel = 0; channel < scales.length; channel++) {
            if (!Double.isFinite(scales[channel]) || !Double.isFinite(shifts[channel])) {
                return "scale " + scales[channel] + " and shift " + shifts[channel] + " of channel " + channel
                        + " are not finite";
            }
        }
        return null;
    }

    private static INDArray vector(INDArray parameter) {
        return parameter.castTo(DataType.DOUBLE).reshape(parameter.length());
    }
}
