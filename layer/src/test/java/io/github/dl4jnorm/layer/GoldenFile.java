package io.github.dl4jnorm.layer;

import java.util.function.ToIntFunction;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.activations.Activation;

/**
 * The layers whose saved form is kept in src/test/resources/saved, every option away from its default in one of them,
 * and what they compute: in loops over [N, H, W, C], from the formulas, without any code of the library.
 */
enum GoldenFile {
    BATCH_NORM(
            new BatchNorm.Builder()
                    .decay(0.75)
                    .unbiasedRunningVariance(true)
                    .gamma(1.5)
                    .beta(-0.25)
                    .regularizeGammaBeta(true)
                    .activation(Activation.RELU)
                    .l2(0.125),
            "eps=0.01, axes=null, dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4], gamma=1.5, beta=-0.25,"
                    + " lockGamma=false, lockBeta=false, regularizeGammaBeta=true, fusedActivation=RELU, decay=0.75,"
                    + " runningStatistics=true, unbiasedRunningVariance=true",
            Statistic.GIVEN,
            at -> at[3],
            at -> at[3]),
    BATCH_NORM_ON_AN_AXIS(
            new BatchNorm.Builder()
                    .axis(1)
                    .runningStatistics(false)
                    .gamma(2)
                    .beta(0.5)
                    .lockGammaBeta(true),
            "eps=0.01, axes=[1], dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4], gamma=2.0, beta=0.5,"
                    + " lockGamma=true, lockBeta=true, regularizeGammaBeta=false, fusedActivation=IDENTITY, decay=0.9,"
                    + " runningStatistics=false, unbiasedRunningVariance=false",
            Statistic.MEAN_AND_VARIANCE,
            at -> at[1],
            at -> at[1]) {
        @Override
        double gamma(int index) {
            return 2;
        }

        @Override
        double beta(int index) {
            return 0.5;
        }
    },
    LAYER_NORM(
            new LayerNorm.Builder().axes(1, 3).lockBeta(true).beta(0.75).activation(Activation.RELU),
            "eps=0.01, axes=[1, 3], dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4], gamma=1.0, beta=0.75,"
                    + " lockGamma=false, lockBeta=true, regularizeGammaBeta=false, fusedActivation=RELU",
            Statistic.MEAN_AND_VARIANCE,
            at -> 2 * at[0] + at[2],
            at -> 4 * at[1] + at[3]) {
        @Override
        double beta(int index) {
            return 0.75;
        }
    },
    GROUP_NORM(
            new GroupNorm.Builder().groups(2).lockGamma(true).gamma(-2),
            "eps=0.01, axes=null, dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4], gamma=-2.0, beta=0.0,"
                    + " lockGamma=true, lockBeta=false, regularizeGammaBeta=false, fusedActivation=IDENTITY, groups=2",
            Statistic.MEAN_AND_VARIANCE,
            at -> 2 * at[0] + at[3] / 2,
            at -> at[3]) {
        @Override
        double gamma(int index) {
            return -2;
        }
    },
    INSTANCE_NORM(
            new InstanceNorm.Builder().regularizeGammaBeta(true),
            "eps=0.01, axes=null, dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4], gamma=1.0, beta=0.0,"
                    + " lockGamma=false, lockBeta=false, regularizeGammaBeta=true, fusedActivation=IDENTITY",
            Statistic.MEAN_AND_VARIANCE,
            at -> 4 * at[0] + at[3],
            at -> at[3]),
    RMS_NORM(
            new RmsNorm.Builder().unitOffset(true).gamma(0.5).axes(-1).lockBeta(false),
            "eps=0.01, axes=[-1], dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4], gamma=0.5, beta=0.0,"
                    + " lockGamma=false, lockBeta=false, regularizeGammaBeta=false, fusedActivation=IDENTITY,"
                    + " unitOffset=true",
            Statistic.MEAN_OF_SQUARES,
            at -> 6 * at[0] + 2 * at[1] + at[2],
            at -> at[3]) {
        @Override
        double gamma(int index) {
            return 1 + super.gamma(index);
        }
    },
    SUM_NORM(
            new SumNorm.Builder().axes(1, 2),
            "eps=0.01, axes=[1, 2], dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4]",
            Statistic.SUM,
            at -> 4 * at[0] + at[3],
            null),
    UNIT_NORM(
            new UnitNorm.Builder().axes(3),
            "eps=0.01, axes=[3], dataFormat=NHWC, inputFormat=NHWC, inputShape=[-1, 3, 2, 4]",
            Statistic.SUM_OF_SQUARES,
            at -> 6 * at[0] + 2 * at[1] + at[2],
            null);

    static final int[] SHAPE = {2, 3, 2, 4};
    private static final double EPS = 0.01;

    /** What x is divided by. */
    private enum Statistic {
        MEAN_AND_VARIANCE,
        MEAN_OF_SQUARES,
        SUM,
        SUM_OF_SQUARES,
        GIVEN
    }

    /** The options that were set, as the layer's toString must say them. */
    final String settings;

    private final NormLayer.Builder<?> builder;
    private final Statistic statistic;
    private final ToIntFunction<int[]> group;
    private final ToIntFunction<int[]> parameter;

    GoldenFile(
            NormLayer.Builder<?> builder,
            String settings,
            Statistic statistic,
            ToIntFunction<int[]> group,
            ToIntFunction<int[]> parameter) {
        this.builder = builder.eps(EPS).dataFormat(CNN2DFormat.NHWC);
        this.settings = settings;
        this.statistic = statistic;
        this.group = group;
        this.parameter = parameter;
    }

    /** A new configuration. */
    NormLayer layer() {
        return builder.name(name()).build();
    }

    /** An element of a saved parameter. */
    static double saved(String parameter, int index) {
        return switch (parameter) {
            case NormLayer.GAMMA -> 1.25 - 0.5 * index;
            case NormLayer.BETA -> 0.25 * index - 0.5;
            case BatchNorm.MEAN -> 0.5 + 0.25 * index;
            case BatchNorm.VARIANCE -> 0.75 + 0.5 * index;
            default -> throw new IllegalArgumentException(parameter);
        };
    }

    /** An element of γ, saved or locked. */
    double gamma(int index) {
        return saved(NormLayer.GAMMA, index);
    }

    /** An element of β, saved or locked. */
    double beta(int index) {
        return saved(NormLayer.BETA, index);
    }

    /** The input, an element of it; no group has a sum near 0. */
    static double input(int... at) {
        return 1.5 + Math.sin(1 + 24 * at[0] + 8 * at[1] + 4 * at[2] + at[3]);
    }

    /** An element of the output. */
    double output(int... at) {
        int mine = group.applyAsInt(at);
        double count = 0;
        double sum = 0;
        double squares = 0;
        for (int[] other : positions()) {
            if (group.applyAsInt(other) == mine) {
                count++;
                sum += input(other);
                squares += input(other) * input(other);
            }
        }
        double mean = sum / count;
        double x = input(at);
        double normalized =
                switch (statistic) {
                    case MEAN_AND_VARIANCE -> (x - mean) / Math.sqrt(squares / count - mean * mean + EPS);
                    case MEAN_OF_SQUARES -> x / Math.sqrt(squares / count + EPS);
                    case SUM -> x / (sum + EPS);
                    case SUM_OF_SQUARES -> x / Math.sqrt(Math.max(squares, EPS));
                    case GIVEN -> (x - saved(BatchNorm.MEAN, mine)) / Math.sqrt(saved(BatchNorm.VARIANCE, mine) + EPS);
                };
        if (parameter == null) {
            return normalized;
        }
        int index = parameter.applyAsInt(at);
        double y = gamma(index) * normalized + beta(index);
        return settings.contains("fusedActivation=RELU") ? Math.max(0, y) : y;
    }

    /** All positions of the input, in 'c' order. */
    static int[][] positions() {
        int[][] positions = new int[SHAPE[0] * SHAPE[1] * SHAPE[2] * SHAPE[3]][];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = new int[] {i / 24, i / 8 % 3, i / 4 % 2, i % 4};
        }
        return positions;
    }
}
