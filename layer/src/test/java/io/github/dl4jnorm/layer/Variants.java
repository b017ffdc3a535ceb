package io.github.dl4jnorm.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.junit.jupiter.params.provider.Arguments;
import org.nd4j.linalg.activations.Activation;

/** Configurations of the layers that together visit every branch of their mathematics. */
enum Variants {
    BATCH_NORM(() -> new BatchNorm.Builder().build()),
    BATCH_NORM_FIXED(() ->
            new BatchNorm.Builder().lockGammaBeta(true).gamma(2).beta(0.5).build()),
    BATCH_NORM_WITHOUT_STATISTICS(
            () -> new BatchNorm.Builder().runningStatistics(false).build()),
    BATCH_NORM_WITHOUT_PARAMETERS(() -> new BatchNorm.Builder()
            .lockGammaBeta(true)
            .runningStatistics(false)
            .build()),
    BATCH_NORM_FIXED_GAMMA(
            () -> new BatchNorm.Builder().lockGamma(true).gamma(-2).build()),
    BATCH_NORM_FIXED_BETA(
            () -> new BatchNorm.Builder().lockBeta(true).beta(0.5).build()),
    BATCH_NORM_ON_LAST_AXIS(() -> new BatchNorm.Builder().axis(-1).build()),
    BATCH_NORM_RELU(() -> new BatchNorm.Builder().activation(Activation.RELU).build()),
    BATCH_NORM_FIXED_RELU(() -> new BatchNorm.Builder()
            .lockGammaBeta(true)
            .gamma(-2)
            .beta(0.5)
            .activation(Activation.RELU)
            .build()),
    LAYER_NORM_RELU(() -> new LayerNorm.Builder().activation(Activation.RELU).build()),
    LAYER_NORM_OVER_LAST_AXIS_RELU(
            () -> new LayerNorm.Builder().axes(-1).activation(Activation.RELU).build()),

    LAYER_NORM(() -> new LayerNorm.Builder().build()),
    LAYER_NORM_WITHOUT_BIAS(() -> new LayerNorm.Builder().lockBeta(true).build()),
    LAYER_NORM_WITHOUT_PARAMETERS(
            () -> new LayerNorm.Builder().lockGamma(true).lockBeta(true).build()),
    LAYER_NORM_OVER_LAST_AXIS(() -> new LayerNorm.Builder().axes(-1).build()),
    SUM_NORM(() -> new SumNorm.Builder().build()),
    SUM_NORM_OVER_LAST_AXIS(() -> new SumNorm.Builder().axes(-1).eps(0.1).build()),
    SUM_NORM_OVER_BATCH(() -> new SumNorm.Builder().axes(0).build());

    final Supplier<FeedForwardLayer> layer;

    Variants(Supplier<FeedForwardLayer> layer) {
        this.layer = layer;
    }

    /** Every variant, for every kind of input, first in a network and deeper. */
    static Stream<Arguments> everywhere() {
        List<Arguments> cases = new ArrayList<>();
        for (Variants variant : values()) {
            for (Scenario scenario : Scenario.values()) {
                cases.add(Arguments.of(variant, scenario, false));
                cases.add(Arguments.of(variant, scenario, true));
            }
        }
        return cases.stream();
    }
}
