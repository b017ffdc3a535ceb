package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.junit.jupiter.params.provider.Arguments;
import org.nd4j.linalg.activations.Activation;

/**
 * Configurations of all layers that together visit every branch of their mathematics, and what each computes: the rows
 * of the table that the tests of this package run through. A new layer is tested by being in it.
 */
enum Variants {
    BATCH_NORM(BatchNorm::builder, Variants::batchNorm),
    BATCH_NORM_LOCKED(() -> BatchNorm.builder().lockGammaBeta(true).gamma(2).beta(0.5), Variants::batchNorm, 2, 0.5),
    BATCH_NORM_WITHOUT_STATISTICS(() -> BatchNorm.builder().runningStatistics(false), Variants::batchNorm),
    BATCH_NORM_WITHOUT_PARAMETERS(
            () -> BatchNorm.builder().lockGammaBeta(true).runningStatistics(false), Variants::batchNorm, 1, 0),
    BATCH_NORM_LOCKED_GAMMA(() -> BatchNorm.builder().lockGamma(true).gamma(-2), Variants::batchNorm, -2, 0),
    BATCH_NORM_LOCKED_BETA(() -> BatchNorm.builder().lockBeta(true).beta(0.5), Variants::batchNorm, 1, 0.5),
    BATCH_NORM_ON_LAST_AXIS(() -> BatchNorm.builder().axis(-1), c -> batchNorm(-1)),
    BATCH_NORM_RELU(() -> BatchNorm.builder().activation(Activation.RELU), c -> relu(batchNorm(c))),
    BATCH_NORM_LOCKED_RELU(
            () -> BatchNorm.builder().lockGammaBeta(true).gamma(-2).beta(0.5).activation(Activation.RELU),
            c -> relu(batchNorm(c)),
            -2,
            0.5),

    LAYER_NORM(LayerNorm::builder, Variants::layerNorm),
    LAYER_NORM_LOCKED_BETA(() -> LayerNorm.builder().lockBeta(true), Variants::layerNorm),
    LAYER_NORM_LOCKED(() -> LayerNorm.builder().lockGammaBeta(true), Variants::layerNorm),
    LAYER_NORM_OVER_LAST_AXIS(() -> LayerNorm.builder().axes(-1), c -> layerNorm(-1)),
    LAYER_NORM_RELU(() -> LayerNorm.builder().activation(Activation.RELU), c -> relu(layerNorm(c))),
    LAYER_NORM_OVER_LAST_AXIS_RELU(
            () -> LayerNorm.builder().axes(-1).activation(Activation.RELU), c -> relu(layerNorm(-1))),

    GROUP_NORM(() -> GroupNorm.builder().groups(2), Variants::groupNorm),
    GROUP_NORM_LOCKED(
            () -> GroupNorm.builder().groups(2).lockGammaBeta(true).gamma(2).beta(0.5), Variants::groupNorm, 2, 0.5),
    GROUP_NORM_ON_LAST_AXIS(() -> GroupNorm.builder().groups(1).axis(-1), c -> NormSpec.groupNorm(1, 1e-5, -1)),
    GROUP_NORM_RELU(() -> GroupNorm.builder().groups(2).activation(Activation.RELU), c -> relu(groupNorm(c))),

    INSTANCE_NORM(InstanceNorm::builder, Variants::instanceNorm),
    INSTANCE_NORM_LOCKED_GAMMA(() -> InstanceNorm.builder().lockGamma(true).gamma(-2), Variants::instanceNorm, -2, 0),
    INSTANCE_NORM_RELU(() -> InstanceNorm.builder().activation(Activation.RELU), c -> relu(instanceNorm(c))),

    RMS_NORM(RmsNorm::builder, Variants::rmsNorm),
    RMS_NORM_UNIT_OFFSET(
            () -> RmsNorm.builder().unitOffset(true), c -> rmsNorm(c).withUnitOffset(true)),
    RMS_NORM_UNIT_OFFSET_LOCKED(
            () -> RmsNorm.builder().unitOffset(true).gamma(0.5).lockGamma(true),
            c -> rmsNorm(c).withUnitOffset(true),
            0.5,
            0),
    RMS_NORM_WITH_BETA(() -> RmsNorm.builder().lockBeta(false).lockGamma(true), Variants::rmsNorm),
    RMS_NORM_OVER_LAST_AXIS_RELU(() -> RmsNorm.builder().axes(-1).activation(Activation.RELU), c -> relu(rmsNorm(-1))),

    SUM_NORM(SumNorm::builder, c -> NormSpec.sumNorm(0, c)),
    SUM_NORM_OVER_LAST_AXIS(() -> SumNorm.builder().axes(-1).eps(0.1), c -> NormSpec.sumNorm(0.1, -1)),
    SUM_NORM_OVER_BATCH(() -> SumNorm.builder().axes(0), c -> NormSpec.sumNorm(0, 0)),

    UNIT_NORM(UnitNorm::builder, c -> NormSpec.unitNorm(1e-12, c)),
    UNIT_NORM_OVER_LAST_AXIS(() -> UnitNorm.builder().axes(-1).eps(0.1), c -> NormSpec.unitNorm(0.1, -1)),
    UNIT_NORM_OVER_BATCH(() -> UnitNorm.builder().axes(0), c -> NormSpec.unitNorm(1e-12, 0));

    /** The configuration. */
    final Supplier<FeedForwardLayer> layer;

    /** γ and β where they are no parameters. */
    final double constantGamma;

    final double constantBeta;

    private final Supplier<? extends NormLayer.Builder<?>> builder;
    private final IntFunction<NormSpec> spec;

    Variants(Supplier<? extends NormLayer.Builder<?>> builder, IntFunction<NormSpec> spec) {
        this(builder, spec, 1, 0);
    }

    Variants(
            Supplier<? extends NormLayer.Builder<?>> builder,
            IntFunction<NormSpec> spec,
            double constantGamma,
            double constantBeta) {
        this.builder = builder;
        this.spec = spec;
        this.constantGamma = constantGamma;
        this.constantBeta = constantBeta;
        this.layer = () -> builder.get().build();
    }

    /** A builder with the options of this variant. */
    NormLayer.Builder<?> builder() {
        return builder.get();
    }

    /** What the layer computes in training, for an axis of the channels: said here, not asked of the layer. */
    NormSpec spec(int channelAxis) {
        return spec.apply(channelAxis);
    }

    /** Whether there is anything to normalize over, for activations of a rank. */
    boolean takesRank(int rank) {
        return rank > 2 || !(layer.get() instanceof InstanceNorm);
    }

    private static NormSpec batchNorm(int axis) {
        return NormSpec.batchNorm(1e-5, axis);
    }

    private static NormSpec layerNorm(int axis) {
        return NormSpec.layerNorm(1e-5, axis);
    }

    private static NormSpec groupNorm(int axis) {
        return NormSpec.groupNorm(2, 1e-5, axis);
    }

    private static NormSpec instanceNorm(int axis) {
        return NormSpec.instanceNorm(1e-5, axis);
    }

    private static NormSpec rmsNorm(int axis) {
        return NormSpec.rmsNorm(1e-6, axis);
    }

    private static NormSpec relu(NormSpec spec) {
        return spec.with(FusedActivation.RELU);
    }

    /** Every variant, for every kind of input. */
    static Stream<Arguments> perScenario() {
        return Arrays.stream(values()).flatMap(variant -> Arrays.stream(Scenario.values())
                .filter(scenario -> variant.takesRank(scenario.rank()))
                .map(scenario -> Arguments.of(variant, scenario)));
    }

    /** Every variant, for every kind of input, first in a network and deeper. */
    static Stream<Arguments> everywhere() {
        return perScenario().flatMap(arguments -> {
            Object[] of = arguments.get();
            return Stream.of(Arguments.of(of[0], of[1], false), Arguments.of(of[0], of[1], true));
        });
    }
}
