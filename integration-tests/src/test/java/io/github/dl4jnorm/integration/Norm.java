package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.layer.LayerNorm;
import io.github.dl4jnorm.layer.SumNorm;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.Activation;

/** The normalization layers, with their options. */
enum Norm {
    BATCH,
    BATCH_FIXED,
    BATCH_WITHOUT_RUNNING_STATISTICS,
    BATCH_UNBIASED,
    BATCH_REGULARIZED,
    LAYER,
    LAYER_WITHOUT_GAIN,
    LAYER_WITHOUT_BIAS,
    LAYER_ALL_AXES,
    LAYER_REGULARIZED,
    BATCH_RELU,
    LAYER_RELU,
    SUM,
    SUM_ALL_AXES,
    SUM_OVER_BATCH;

    /** Each layer once, as it is by default. */
    static final List<Norm> DEFAULTS = List.of(BATCH, LAYER, SUM);

    /** Those that differ in what they compute. */
    static final List<Norm> KINDS = List.of(BATCH, LAYER, BATCH_RELU, LAYER_RELU, SUM);

    /** A new layer for activations of a kind. */
    Layer on(Kind kind) {
        return switch (this) {
            case BATCH -> new BatchNorm.Builder().build();
            case BATCH_FIXED ->
                new BatchNorm.Builder().fixedGammaBeta(true).gamma(2).beta(-0.5).build();
            case BATCH_WITHOUT_RUNNING_STATISTICS ->
                new BatchNorm.Builder().runningStatistics(false).gamma(1.5).build();
            case BATCH_UNBIASED ->
                new BatchNorm.Builder().unbiasedRunningVariance(true).eps(1e-3).build();
            case BATCH_REGULARIZED ->
                new BatchNorm.Builder().regularizeGammaBeta(true).build();
            case LAYER -> new LayerNorm.Builder().build();
            case LAYER_WITHOUT_GAIN -> new LayerNorm.Builder().hasGain(false).build();
            case LAYER_WITHOUT_BIAS -> new LayerNorm.Builder().hasBias(false).build();
            case LAYER_ALL_AXES ->
                new LayerNorm.Builder().axes(allButBatch(kind)).build();
            case LAYER_REGULARIZED ->
                new LayerNorm.Builder().regularizeGainBias(true).build();
            case BATCH_RELU ->
                new BatchNorm.Builder().activation(Activation.RELU).build();
            case LAYER_RELU ->
                new LayerNorm.Builder().activation(Activation.RELU).build();
            case SUM -> new SumNorm.Builder().build();
            case SUM_ALL_AXES -> new SumNorm.Builder().axis(allButBatch(kind)).build();
            case SUM_OVER_BATCH ->
                new SumNorm.Builder().axis(0, kind.channelAxis()).eps(0.5).build();
        };
    }

    private static int[] allButBatch(Kind kind) {
        return IntStream.range(1, kind.rank()).toArray();
    }
}
