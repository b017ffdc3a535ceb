package io.github.dl4jnorm.rewrite;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;

import io.github.dl4jnorm.internal.engine.RunningVariance;
import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.spec.FusedActivation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Our BatchNorm becomes DL4J's BatchNormalization, with log10 of the running standard deviation, its default, if every
 * variance has one that DL4J can train, and the variance itself if not.
 */
final class ToBuiltIn implements LayerConverter {
    /** The smallest number that HALF keeps all its digits of. */
    private static final double LEAST_OF_HALF = 0x1p-14;

    @Override
    public boolean concerns(Layer layer) {
        return layer instanceof BatchNorm;
    }

    @Override
    public @Nullable String obstacle(Layer layer, Map<String, INDArray> parameters) {
        BatchNorm norm = (BatchNorm) layer;
        boolean fixed = norm.isLockGamma();
        boolean neutral = norm.getGamma() == 1 && norm.getBeta() == 0;
        if (norm.getAxis() != null) {
            return "DL4J's layer has statistics per channel only, not on axis " + norm.getAxis();
        }
        if (norm.isLockGamma() != norm.isLockBeta()) {
            return "DL4J's layer fixes gamma and beta together or not at all";
        }
        if (!norm.isRunningStatistics()) {
            return "DL4J's layer always has running statistics";
        }
        if (norm.isUnbiasedRunningVariance()) {
            return "DL4J's running variance is always the biased one";
        }
        if (norm.getFusedActivation() != FusedActivation.IDENTITY) {
            return "DL4J's layer applies no activation";
        }
        if (fixed && !neutral && !FromBuiltIn.appliesFixed(norm.getGamma(), norm.getBeta())) {
            return "DL4J's layer ignores a fixed gamma of 1 with any beta, and any with a fixed beta of 0";
        }
        if (!fixed
                && norm.isRegularizeGammaBeta()
                && (any(norm.getRegularization()) || any(norm.getRegularizationBias()))) {
            return "DL4J's layer regularizes neither gamma nor beta";
        }
        if (!fixed && norm.getBiasUpdater() != null && !Objects.equals(norm.getBiasUpdater(), norm.getIUpdater())) {
            return "DL4J's layer has one updater for gamma and beta";
        }
        DataFormat format = format(norm);
        if (format != null && !(format instanceof CNN2DFormat)) {
            return "DL4J's layer does not know data format " + format;
        }
        INDArray variance = parameters.get(BatchNorm.VARIANCE);
        return RunningVariance.problem(variance, norm.getEps(), variance.dataType())
                .orElse(null);
    }

    private static boolean any(@Nullable Collection<?> things) {
        return things != null && !things.isEmpty();
    }

    private static @Nullable DataFormat format(BatchNorm norm) {
        return norm.getDataFormat() != null ? norm.getDataFormat() : norm.getInputFormat();
    }

    @Override
    public List<String> notes(Layer layer, Map<String, INDArray> parameters) {
        List<String> notes = new ArrayList<>();
        BatchNorm norm = (BatchNorm) layer;
        LayerConverter.ofGradientNormalization(
                        norm,
                        norm.isLockGamma(),
                        "will change its running statistics",
                        "with these in the norm of its gradient, gamma and beta take smaller steps")
                .ifPresent(notes::add);
        BatchNormalization to = counterpart(layer, parameters);
        if (FromBuiltIn.distortsGradient(to)) {
            notes.add("its fixed gamma " + to.getGamma() + " is not applied, and distorts its gradient");
        }
        if (FromBuiltIn.constrainsStatistics(to)) {
            notes.add("constraints will change its running statistics");
        }
        if (start(norm.getReplaced()).isUseLogStd() && !to.isUseLogStd()) {
            notes.add("useLogStd(false), for a running variance is too small for its logarithm");
        }
        return notes;
    }

    /** In training DL4J takes the logarithm back, in the type of the network: what becomes 0 there ends in NaN. */
    private static boolean haveLogarithms(Map<String, INDArray> parameters) {
        INDArray variance = parameters.get(BatchNorm.VARIANCE);
        double least = variance.dataType() == DataType.FLOAT16 ? LEAST_OF_HALF : Float.MIN_NORMAL;
        double[] values =
                variance.castTo(DataType.DOUBLE).reshape(variance.length()).toDoubleVector();
        return Arrays.stream(values).allMatch(value -> value >= least);
    }

    @Override
    public BatchNormalization counterpart(Layer layer, Map<String, INDArray> parameters) {
        BatchNorm from = (BatchNorm) layer;
        BatchNormalization to = LayerConverter.inherit(from, start(from.getReplaced()));
        if (to.getNOut() != from.getNOut()) {
            to.setNIn(from.getNIn());
            to.setNOut(from.getNOut());
        }
        to.setEps(from.getEps());
        to.setDecay(from.getDecay());
        to.setUseLogStd(to.isUseLogStd() && haveLogarithms(parameters));
        if (from.getBiasUpdater() != null) {
            to.setBiasUpdater(from.getBiasUpdater());
        }
        setTranslated(from, to);
        return to;
    }

    /** A copy of the layer that was replaced, or else DL4J's defaults. */
    private static BatchNormalization start(@Nullable BatchNormalization replaced) {
        return replaced == null
                ? new BatchNormalization.Builder()
                        .activation(Activation.IDENTITY)
                        .build()
                : (BatchNormalization) LayerCopy.of(replaced);
    }

    /** Sets what DL4J's layer and ours say in other words, unless it says already what ours does. */
    private static void setTranslated(BatchNorm from, BatchNormalization to) {
        if (to.isLockGammaBeta() != from.isLockGamma()
                || FromBuiltIn.gamma(to) != from.getGamma()
                || FromBuiltIn.beta(to) != from.getBeta()) {
            to.setLockGammaBeta(from.isLockGamma());
            to.setGamma(from.getGamma());
            to.setBeta(from.getBeta());
        }
        boolean same = Objects.equals(FromBuiltIn.ofTrained(to.getConstraints()), from.getConstraints());
        to.setConstraints(LayerCopy.of(same ? to.getConstraints() : from.getConstraints()));
        CNN2DFormat format = format(from) == CNN2DFormat.NHWC ? CNN2DFormat.NHWC : null;
        if (FromBuiltIn.format(to) != format) {
            to.setCnn2DFormat(format == null ? CNN2DFormat.NCHW : format);
        }
    }

    /** log10 σ = ½·log10 σ², in double. */
    @Override
    public void convertVariance(Map<String, INDArray> from, Map<String, INDArray> to, Layer counterpart) {
        INDArray log10Std = to.get(GLOBAL_LOG_STD);
        if (log10Std != null) {
            INDArray variance = from.get(BatchNorm.VARIANCE).castTo(DataType.DOUBLE);
            log10Std.assign(Transforms.log(variance, true).mul(0.5 / Math.log(10)));
        }
    }
}
