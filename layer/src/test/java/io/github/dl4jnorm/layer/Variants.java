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
    BATCH_NORM(BatchNorm.Builder::new, Variants::batchNorm),
    BATCH_NORM_LOCKED(
            () -> new BatchNorm.Builder().lockGammaBeta(true).gamma(2).beta(0.5), Variants::batchNorm, 2, 0.5),
    BATCH_NORM_WITHOUT_STATISTICS(() -> new BatchNorm.Builder().runningStatistics(false), Variants::batchNorm),
    BATCH_NORM_WITHOUT_PARAMETERS(
            () -> new BatchNorm.Builder().lockGammaBeta(true).runningStatistics(false), Variants::batchNorm, 1, 0),
    BATCH_NORM_LOCKED_GAMMA(() -> new BatchNorm.Builder().lockGamma(true).gamma(-2), Variants::batchNorm, -2, 0),
    BATCH_NORM_LOCKED_BETA(() -> new BatchNorm.Builder().lockBeta(true).beta(0.5), Variants::batchNorm, 1, 0.5),
    BATCH_NORM_ON_LAST_AXIS(() -> new BatchNorm.Builder().axis(-1), c -> batchNorm(-1)),
    BATCH_NORM_RELU(() -> new BatchNorm.Builder().activation(Activation.RELU), c -> relu(batchNorm(c))),
    BATCH_NORM_LOCKED_RELU(
            () -> new BatchNorm.Builder()
                    .lockGammaBeta(true)
                    .gamma(-2)
                    .beta(0.5)
                    .activation(Activation.RELU),
            c -> relu(batchNorm(c)),
            -2,
            0.5),

    LAYER_NORM(LayerNorm.Builder::new, Variants::layerNorm),
    LAYER_NORM_LOCKED_BETA(() -> new LayerNorm.Builder().lockBeta(true), Variants::layerNorm),
    LAYER_NORM_LOCKED(() -> new LayerNorm.Builder().lockGammaBeta(true), Variants::layerNorm),
    LAYER_NORM_OVER_LAST_AXIS(() -> new LayerNorm.Builder().axes(-1), c -> layerNorm(-1)),
    LAYER_NORM_RELU(() -> new LayerNorm.Builder().activation(Activation.RELU), c -> relu(layerNorm(c))),
    LAYER_NORM_OVER_LAST_AXIS_RELU(
            () -> new LayerNorm.Builder().axes(-1).activation(Activation.RELU), c -> relu(layerNorm(-1))),

    GROUP_NORM(() -> new GroupNorm.Builder().groups(2), Variants::groupNorm),
    GROUP_NORM_LOCKED(
            () -> new GroupNorm.Builder().groups(2).lockGammaBeta(true).gamma(2).beta(0.5),
            Variants::groupNorm,
            2,
            0.5),
    GROUP_NORM_ON_LAST_AXIS(() -> new GroupNorm.Builder().groups(1).axis(-1), c -> NormSpec.groupNorm(1, 1e-5, -1)),
    GROUP_NORM_RELU(() -> new GroupNorm.Builder().groups(2).activation(Activation.RELU), c -> relu(groupNorm(c))),

    INSTANCE_NORM(InstanceNorm.Builder::new, Variants::instanceNorm),
    INSTANCE_NORM_LOCKED_GAMMA(
            () -> new InstanceNorm.Builder().lockGamma(true).gamma(-2), Variants::instanceNorm, -2, 0),
    INSTANCE_NORM_RELU(() -> new InstanceNorm.Builder().activation(Activation.RELU), c -> relu(instanceNorm(c))),

    RMS_NORM(RmsNorm.Builder::new, Variants::rmsNorm),
    RMS_NORM_UNIT_OFFSET(
            () -> new RmsNorm.Builder().unitOffset(true), c -> rmsNorm(c).withUnitOffset(true)),
    RMS_NORM_UNIT_OFFSET_LOCKED(
            () -> new RmsNorm.Builder().unitOffset(true).gamma(0.5).lockGamma(true),
            c -> rmsNorm(c).withUnitOffset(true),
            0.5,
            0),
    RMS_NORM_WITH_BETA(() -> new RmsNorm.Builder().lockBeta(false).lockGamma(true), Variants::rmsNorm),
    RMS_NORM_OVER_LAST_AXIS_RELU(
            () -> new RmsNorm.Builder().axes(-1).activation(Activation.RELU), c -> relu(rmsNorm(-1))),

    SUM_NORM(SumNorm.Builder::new, c -> NormSpec.sumNorm(0, c)),
    SUM_NORM_OVER_LAST_AXIS(() -> new SumNorm.Builder().axes(-1).eps(0.1), c -> NormSpec.sumNorm(0.1, -1)),
    SUM_NORM_OVER_BATCH(() -> new SumNorm.Builder().axes(0), c -> NormSpec.sumNorm(0, 0)),

    UNIT_NORM(UnitNorm.Builder::new, c -> NormSpec.unitNorm(1e-12, c)),
    UNIT_NORM_OVER_LAST_AXIS(() -> new UnitNorm.Builder().axes(-1).eps(0.1), c -> NormSpec.unitNorm(0.1, -1)),
    UNIT_NORM_OVER_BATCH(() -> new UnitNorm.Builder().axes(0), c -> NormSpec.unitNorm(1e-12, 0));

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
