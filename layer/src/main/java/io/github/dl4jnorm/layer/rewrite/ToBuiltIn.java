package io.github.dl4jnorm.layer.rewrite;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.spec.FusedActivation;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Our BatchNorm becomes DL4J's BatchNormalization, with log10 of the running standard deviation, its default. */
final class ToBuiltIn implements LayerConverter {
    /** A variance of less than ε times this makes no difference beside ε in any data type. */
    private static final double NEGLIGIBLE = 0x1p-60;

    @Override
    public boolean concerns(Layer layer) {
        return layer instanceof BatchNorm;
    }

    @Override
    public String obstacle(Layer layer, Map<String, INDArray> parameters) {
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
        return null;
    }

    private static boolean any(Collection<?> things) {
        return things != null && !things.isEmpty();
    }

    private static DataFormat format(BatchNorm norm) {
        return norm.getDataFormat() != null ? norm.getDataFormat() : norm.getInputFormat();
    }

    @Override
    public List<String> notes(Layer layer) {
        GradientNormalization normalization = ((BatchNorm) layer).getGradientNormalization();
        return normalization == null || normalization == GradientNormalization.None
                ? List.of()
                : List.of(normalization + " will change its running statistics");
    }

    @Override
    public FeedForwardLayer counterpart(Layer layer) {
        BatchNorm from = (BatchNorm) layer;
        return LayerConverter.inherit(
                from,
                new BatchNormalization.Builder()
                        .nIn(from.getNIn())
                        .nOut(from.getNOut())
                        .eps(from.getEps())
                        .decay(from.getDecay())
                        .gamma(from.getGamma())
                        .beta(from.getBeta())
                        .lockGammaBeta(from.isLockGamma())
                        .dataFormat(format(from) == CNN2DFormat.NHWC ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
                        .build());
    }

    /**
     * log10 σ = ½·log10 σ², in double; a variance of 0, with which DL4J's layer would train to NaN, becomes a tiny one.
     */
    @Override
    public void convertVariance(Map<String, INDArray> from, Map<String, INDArray> to, Layer counterpart) {
        double least = NEGLIGIBLE * ((BatchNormalization) counterpart).getEps();
        INDArray variance = Transforms.max(from.get(BatchNorm.VARIANCE).castTo(DataType.DOUBLE), least, true);
        to.get(GLOBAL_LOG_STD).assign(Transforms.log(variance, false).mul(0.5 / Math.log(10)));
    }
}
