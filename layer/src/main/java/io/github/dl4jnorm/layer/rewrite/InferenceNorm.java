package io.github.dl4jnorm.layer.rewrite;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.spec.FusedActivation;
import java.util.Map;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
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
record InferenceNorm(INDArray scale, INDArray shift, DataFormat format, boolean relu, boolean ours) {

    /** Whether a layer is a batch normalization, ours or DL4J's. */
    static boolean isOne(Layer layer) {
        return layer instanceof BatchNorm || layer instanceof BatchNormalization;
    }

    /** Why such a layer is not the map above, or null. */
    static String obstacle(Layer layer) {
        if (layer instanceof BatchNorm norm) {
            if (norm.getAxis() != null) {
                return "it normalizes per index of axis " + norm.getAxis() + ", not per channel";
            }
            return norm.isRunningStatistics() ? null : "it normalizes with the statistics of each batch";
        }
        return FromBuiltIn.obstacle(layer);
    }

    /** The map that a layer with these parameters is. */
    static InferenceNorm of(Layer layer, Map<String, INDArray> parameters) {
        boolean ours = layer instanceof BatchNorm;
        BatchNorm norm = ours ? (BatchNorm) layer : FromBuiltIn.counterpart((BatchNormalization) layer);
        INDArray log10Std = parameters.get(GLOBAL_LOG_STD);
        INDArray variance = log10Std == null ? parameters.get(BatchNorm.VARIANCE) : FromBuiltIn.variance(log10Std);
        INDArray std = Transforms.sqrt(vector(variance).add(norm.getEps()), false);
        INDArray gamma = parameters.get(BatchNorm.GAMMA);
        INDArray beta = parameters.get(BatchNorm.BETA);
        INDArray scale = (gamma == null ? constant(norm.getGamma(), std) : vector(gamma)).div(std);
        INDArray shift = (beta == null ? constant(norm.getBeta(), std) : vector(beta))
                .sub(vector(parameters.get(BatchNorm.MEAN)).mul(scale));
        DataFormat format = norm.getDataFormat() == null ? norm.getInputFormat() : norm.getDataFormat();
        return new InferenceNorm(scale, shift, format, norm.getFusedActivation() == FusedActivation.RELU, ours);
    }

    private static INDArray vector(INDArray parameter) {
        return parameter.castTo(DataType.DOUBLE).reshape(parameter.length());
    }

    private static INDArray constant(double value, INDArray like) {
        return Nd4j.valueArrayOf(like.shape(), value, DataType.DOUBLE);
    }
}
