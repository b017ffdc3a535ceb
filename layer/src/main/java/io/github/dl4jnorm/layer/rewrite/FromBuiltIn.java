package io.github.dl4jnorm.layer.rewrite;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_MEAN;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_VAR;

import io.github.dl4jnorm.layer.BatchNorm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** DL4J's BatchNormalization becomes our BatchNorm. */
final class FromBuiltIn implements LayerConverter {
    private static final Set<String> STATISTICS = Set.of(GLOBAL_MEAN, GLOBAL_VAR, GLOBAL_LOG_STD);

    @Override
    public boolean concerns(Layer layer) {
        return layer instanceof BatchNormalization;
    }

    @Override
    public String obstacle(Layer layer, Map<String, INDArray> parameters) {
        String obstacle = obstacle(layer);
        if (obstacle != null) {
            return obstacle;
        }
        INDArray log10Std = parameters.get(GLOBAL_LOG_STD);
        if (log10Std != null
                && variance(log10Std).castTo(log10Std.dataType()).isInfinite().any()) {
            return "a running variance is too large for " + log10Std.dataType();
        }
        return null;
    }

    /** Why nobody but its author knows what a layer does, or null. */
    static String obstacle(Layer layer) {
        return layer.getClass() == BatchNormalization.class
                ? null
                : layer.getClass().getName() + " may compute something else than BatchNormalization";
    }

    @Override
    public List<String> notes(Layer layer) {
        BatchNormalization norm = (BatchNormalization) layer;
        List<String> notes = new ArrayList<>();
        if (norm.isLockGammaBeta() && !appliesFixed(norm) && (norm.getGamma() != 1 || norm.getBeta() != 0)) {
            notes.add("its fixed gamma " + norm.getGamma() + " and beta " + norm.getBeta()
                    + " are not applied, as before, and no longer distort its gradient");
        }
        GradientNormalization normalization = norm.getGradientNormalization();
        if (normalization != null && normalization != GradientNormalization.None) {
            notes.add(normalization + " no longer changes its running statistics");
        }
        if (norm.getConstraints() != null
                && norm.getConstraints().stream()
                        .anyMatch(c -> c.getParams().stream().anyMatch(STATISTICS::contains))) {
            notes.add("constraints no longer change its running statistics");
        }
        return notes;
    }

    /** DL4J applies a fixed gamma and beta only if both differ from the neutral 1 and 0. */
    static boolean appliesFixed(BatchNormalization norm) {
        return appliesFixed(norm.getGamma(), norm.getBeta());
    }

    static boolean appliesFixed(double gamma, double beta) {
        return gamma != 1 && beta != 0;
    }

    @Override
    public FeedForwardLayer counterpart(Layer layer) {
        return counterpart((BatchNormalization) layer);
    }

    static BatchNorm counterpart(BatchNormalization from) {
        boolean neutral = from.isLockGammaBeta() && !appliesFixed(from);
        BatchNorm to = LayerConverter.inherit(
                from,
                BatchNorm.builder()
                        .nIn(from.getNOut())
                        .eps(from.getEps())
                        .decay(from.getDecay())
                        .gamma(neutral ? 1 : from.getGamma())
                        .beta(neutral ? 0 : from.getBeta())
                        .lockGammaBeta(from.isLockGammaBeta())
                        .build());
        // DL4J's layer has NCHW for whatever it does not know; channels first is what no format means here.
        to.setInputFormat(from.getCnn2DFormat() == CNN2DFormat.NHWC ? CNN2DFormat.NHWC : null);
        // To DL4J's layer beta is no bias.
        to.setBiasUpdater(null);
        if (to.getConstraints() != null) {
            for (LayerConstraint constraint : to.getConstraints()) {
                Set<String> trained = new HashSet<>(constraint.getParams());
                trained.removeAll(STATISTICS);
                constraint.setParams(trained);
            }
        }
        return to;
    }

    @Override
    public void convertVariance(Map<String, INDArray> from, Map<String, INDArray> to, Layer counterpart) {
        INDArray log10Std = from.get(GLOBAL_LOG_STD);
        if (log10Std != null) {
            to.get(BatchNorm.VARIANCE).assign(variance(log10Std));
        }
    }

    /** σ² = 10^(2·log10 σ), in double. */
    static INDArray variance(INDArray log10Std) {
        return Transforms.exp(log10Std.castTo(DataType.DOUBLE).mul(2 * Math.log(10)), false);
    }
}
