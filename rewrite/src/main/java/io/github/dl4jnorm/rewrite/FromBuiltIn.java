package io.github.dl4jnorm.rewrite;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_MEAN;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_VAR;

import io.github.dl4jnorm.internal.engine.RunningVariance;
import io.github.dl4jnorm.layer.BatchNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
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
    public @Nullable String obstacle(Layer layer, Map<String, INDArray> parameters) {
        String obstacle = obstacle(layer);
        if (obstacle != null) {
            return obstacle;
        }
        BatchNormalization norm = (BatchNormalization) layer;
        try {
            counterpart(norm);
        } catch (IllegalArgumentException | DL4JInvalidConfigException e) {
            return e.getMessage();
        }
        return problem(norm, parameters);
    }

    /** What is wrong with a running variance, or null: DL4J's layer adds ε in the type of the network. */
    static @Nullable String problem(BatchNormalization norm, Map<String, INDArray> parameters) {
        DataType type = parameters.get(GLOBAL_MEAN).dataType();
        return RunningVariance.problem(variance(parameters), norm.getEps(), type)
                .orElse(null);
    }

    /** Why nobody but its author knows what a layer does, or null. */
    static @Nullable String obstacle(Layer layer) {
        return layer.getClass() == BatchNormalization.class
                ? null
                : layer.getClass().getName() + " may compute something else than BatchNormalization";
    }

    @Override
    public List<String> notes(Layer layer, Map<String, INDArray> parameters) {
        BatchNormalization norm = (BatchNormalization) layer;
        List<String> notes = new ArrayList<>();
        if (norm.getEps() == 0) {
            notes.add("for inference only: BatchNorm does not train with eps 0");
        }
        if (ignoresFixed(norm)) {
            notes.add("its fixed gamma " + norm.getGamma() + " and beta " + norm.getBeta()
                    + " are not applied, as before"
                    + (distortsGradient(norm) ? ", and no longer distort its gradient" : ""));
        }
        LayerConverter.ofGradientNormalization(
                        norm,
                        norm.isLockGammaBeta(),
                        "no longer changes its running statistics",
                        "without these in the norm of its gradient, gamma and beta take larger steps")
                .ifPresent(notes::add);
        if (constrainsStatistics(norm)) {
            notes.add("constraints no longer change its running statistics");
        }
        return notes;
    }

    /** Whether a constraint of a layer is on its running statistics. */
    static boolean constrainsStatistics(BatchNormalization norm) {
        return norm.getConstraints() != null
                && norm.getConstraints().stream()
                        .anyMatch(c -> c.getParams().stream().anyMatch(STATISTICS::contains));
    }

    private static boolean ignoresFixed(BatchNormalization norm) {
        return norm.isLockGammaBeta() && !appliesFixed(norm) && (norm.getGamma() != 1 || norm.getBeta() != 0);
    }

    /** Whether a layer multiplies its gradient by a gamma that its output was not multiplied by. */
    static boolean distortsGradient(BatchNormalization norm) {
        return ignoresFixed(norm) && norm.getGamma() != 1;
    }

    /** DL4J applies a fixed gamma and beta only if both differ from the neutral 1 and 0. */
    static boolean appliesFixed(BatchNormalization norm) {
        return appliesFixed(norm.getGamma(), norm.getBeta());
    }

    static boolean appliesFixed(double gamma, double beta) {
        return gamma != 1 && beta != 0;
    }

    @Override
    public FeedForwardLayer counterpart(Layer layer, Map<String, INDArray> parameters) {
        return counterpart((BatchNormalization) layer);
    }

    private static BatchNorm counterpart(BatchNormalization from) {
        BatchNorm to = LayerConverter.inherit(
                from,
                new BatchNorm.Builder()
                        .nIn(from.getNOut())
                        .eps(from.getEps())
                        .decay(from.getDecay())
                        .gamma(gamma(from))
                        .beta(beta(from))
                        .lockGammaBeta(from.isLockGammaBeta())
                        .build());
        // DL4J's layer has NCHW for whatever it does not know; channels first is what no format means here.
        to.setInputFormat(format(from));
        to.setConstraints(ofTrained(from.getConstraints()));
        to.setReplaced(from);
        return to;
    }

    /** The gamma that a layer starts with, or always has; not that which it says and ignores. */
    static double gamma(BatchNormalization norm) {
        return ignoresFixed(norm) ? 1 : norm.getGamma();
    }

    /** The beta that a layer starts with, or always has; not that which it says and ignores. */
    static double beta(BatchNormalization norm) {
        return ignoresFixed(norm) ? 0 : norm.getBeta();
    }

    /** Copies of constraints, on gamma and beta only; null for none, as in DL4J. */
    static @Nullable List<LayerConstraint> ofTrained(@Nullable List<LayerConstraint> constraints) {
        List<LayerConstraint> copies = LayerCopy.of(constraints);
        if (copies != null) {
            copies.forEach(constraint -> constraint.getParams().removeAll(STATISTICS));
        }
        return copies;
    }

    @Override
    public void convertVariance(Map<String, INDArray> from, Map<String, INDArray> to, Layer counterpart) {
        INDArray log10Std = from.get(GLOBAL_LOG_STD);
        if (log10Std != null) {
            to.get(BatchNorm.VARIANCE).assign(variance(log10Std));
        }
    }

    /** Where DL4J's layer looks for the channels; null for channels first. */
    static @Nullable CNN2DFormat format(BatchNormalization norm) {
        return norm.getCnn2DFormat() == CNN2DFormat.NHWC ? CNN2DFormat.NHWC : null;
    }

    /** The running variance, in double, whichever way it is kept. */
    static INDArray variance(Map<String, INDArray> parameters) {
        INDArray log10Std = parameters.get(GLOBAL_LOG_STD);
        return log10Std == null ? parameters.get(GLOBAL_VAR).castTo(DataType.DOUBLE) : variance(log10Std);
    }

    /** σ² = 10^(2·log10 σ), in double. */
    private static INDArray variance(INDArray log10Std) {
        return Transforms.exp(log10Std.castTo(DataType.DOUBLE).mul(2 * Math.log(10)), false);
    }
}
