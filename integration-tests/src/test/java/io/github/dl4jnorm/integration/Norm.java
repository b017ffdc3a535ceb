package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.layer.GroupNorm;
import io.github.dl4jnorm.layer.InstanceNorm;
import io.github.dl4jnorm.layer.LayerNorm;
import io.github.dl4jnorm.layer.RmsNorm;
import io.github.dl4jnorm.layer.SumNorm;
import io.github.dl4jnorm.layer.UnitNorm;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.Activation;

/** The normalization layers, with their options. */
enum Norm {
    BATCH,
    BATCH_LOCKED,
    BATCH_WITHOUT_RUNNING_STATISTICS,
    BATCH_UNBIASED,
    BATCH_REGULARIZED,
    LAYER,
    LAYER_WITHOUT_GAMMA,
    LAYER_WITHOUT_BETA,
    LAYER_ALL_AXES,
    LAYER_REGULARIZED,
    BATCH_RELU,
    LAYER_RELU,
    SUM,
    SUM_ALL_AXES,
    SUM_OVER_BATCH,
    GROUP,
    GROUP_RELU,
    INSTANCE,
    RMS,
    RMS_UNIT_OFFSET,
    RMS_ALL_AXES,
    UNIT,
    UNIT_ALL_AXES;

    /** Each layer once, as it is by default. */
    static final List<Norm> DEFAULTS = List.of(BATCH, LAYER, GROUP, INSTANCE, RMS, SUM, UNIT);

    /** Those that differ in what they compute. */
    static final List<Norm> KINDS = List.of(BATCH, LAYER, BATCH_RELU, LAYER_RELU, GROUP, INSTANCE, RMS, SUM, UNIT);

    private static final int GROUPS = 2;

    /** Whether the layer takes activations of a kind. */
    boolean suits(Kind kind) {
        return this != INSTANCE || kind != Kind.FEED_FORWARD;
    }

    /** Whether its statistics are means over all positions of an example, which a mask along them would change. */
    boolean averagesOverSteps() {
        return List.of(LAYER_ALL_AXES, RMS_ALL_AXES, GROUP, GROUP_RELU, INSTANCE)
                .contains(this);
    }

    /** A new layer for activations of a kind. */
    Layer on(Kind kind) {
        return switch (this) {
            case BATCH -> new BatchNorm.Builder().build();
            case BATCH_LOCKED ->
                new BatchNorm.Builder().lockGammaBeta(true).gamma(2).beta(-0.5).build();
            case BATCH_WITHOUT_RUNNING_STATISTICS ->
                new BatchNorm.Builder().runningStatistics(false).gamma(1.5).build();
            case BATCH_UNBIASED ->
                new BatchNorm.Builder().unbiasedRunningVariance(true).eps(1e-3).build();
            case BATCH_REGULARIZED ->
                new BatchNorm.Builder().regularizeGammaBeta(true).build();
            case LAYER -> new LayerNorm.Builder().build();
            case LAYER_WITHOUT_GAMMA -> new LayerNorm.Builder().lockGamma(true).build();
            case LAYER_WITHOUT_BETA -> new LayerNorm.Builder().lockBeta(true).build();
            case LAYER_ALL_AXES ->
                new LayerNorm.Builder().axes(allButBatch(kind)).build();
            case LAYER_REGULARIZED ->
                new LayerNorm.Builder().regularizeGammaBeta(true).build();
            case BATCH_RELU ->
                new BatchNorm.Builder().activation(Activation.RELU).build();
            case LAYER_RELU ->
                new LayerNorm.Builder().activation(Activation.RELU).build();
            case SUM -> new SumNorm.Builder().build();
            case SUM_ALL_AXES -> new SumNorm.Builder().axes(allButBatch(kind)).build();
            case SUM_OVER_BATCH ->
                new SumNorm.Builder().axes(0, kind.channelAxis()).eps(0.5).build();
            case GROUP -> new GroupNorm.Builder().groups(GROUPS).build();
            case GROUP_RELU ->
                new GroupNorm.Builder()
                        .groups(GROUPS)
                        .activation(Activation.RELU)
                        .build();
            case INSTANCE -> new InstanceNorm.Builder().build();
            case RMS -> new RmsNorm.Builder().build();
            case RMS_UNIT_OFFSET -> new RmsNorm.Builder().unitOffset(true).build();
            case RMS_ALL_AXES -> new RmsNorm.Builder().axes(allButBatch(kind)).build();
            case UNIT -> new UnitNorm.Builder().build();
            case UNIT_ALL_AXES -> new UnitNorm.Builder().axes(allButBatch(kind)).build();
        };
    }

    /** A chain of layers with a new one in the middle, whose gradient goes through layers on both sides. */
    List<Layer> between(Kind kind) {
        return List.of(kind.hidden(), on(kind), kind.hidden(), kind.output());
    }

    private static int[] allButBatch(Kind kind) {
        return IntStream.range(1, kind.rank()).toArray();
    }
}
