package io.github.dl4jnorm.spec;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A normalization as a value: y = a(γ·x̂ + β) with x̂ = (x − c)·s, see {@link Statistic}. It does not know the shape of x,
 * nor which of γ and β there are.
 *
 * @param statistic where c and s come from
 * @param axes which elements share them
 * @param eps ε
 * @param unitOffset whether γ counts from 1, y = a((1+γ)·x̂ + β), as in models whose weights are initialized with 0
 * @param activation a
 */
public record NormSpec(Statistic statistic, NormAxes axes, double eps, boolean unitOffset, FusedActivation activation) {
    /** The first number of an encoding: a later version that writes others can tell by it how to read these. */
    private static final long FORMAT = 1;

    /** Numbers of an encoding before the axes. */
    private static final int FIXED = 6;

    /**
     * Checks that nothing is missing; {@link #checkEps} checks ε.
     *
     * @param statistic where c and s come from
     * @param axes which elements share them
     * @param eps ε
     * @param unitOffset whether γ counts from 1
     * @param activation a
     */
    public NormSpec {
        Objects.requireNonNull(statistic, "statistic");
        Objects.requireNonNull(axes, "axes");
        Objects.requireNonNull(activation, "activation");
    }

    /**
     * A normalization without an activation, whose γ counts from 0.
     *
     * @param statistic where c and s come from
     * @param axes which elements share them
     * @param eps ε
     */
    public NormSpec(Statistic statistic, NormAxes axes, double eps) {
        this(statistic, axes, eps, false, FusedActivation.IDENTITY);
    }

    /**
     * BatchNorm in training (Ioffe and Szegedy 2015, algorithm 1): mean and variance per channel.
     *
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels
     * @return the normalization
     */
    public static NormSpec batchNorm(double eps, int channelAxis) {
        return new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.perChannel(channelAxis), eps);
    }

    /**
     * BatchNorm in inference, or frozen: a given mean and variance per channel.
     *
     * @param eps ε ≥ 0
     * @param channelAxis axis of the channels
     * @return the normalization
     */
    public static NormSpec batchNormInference(double eps, int channelAxis) {
        return new NormSpec(Statistic.GIVEN, NormAxes.perChannel(channelAxis), eps);
    }

    /**
     * LayerNorm (Ba, Kiros and Hinton 2016, section 3): mean and variance over some axes.
     *
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return the normalization
     */
    public static NormSpec layerNorm(double eps, int... axes) {
        return new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.over(axes), eps);
    }

    /**
     * GroupNorm (Wu and He 2018): mean and variance per example and group of neighbouring channels.
     *
     * @param groups number of groups, a divisor of the number of channels
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0
     * @return the normalization
     */
    public static NormSpec groupNorm(int groups, double eps, int channelAxis) {
        return new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.perExampleAndGroup(groups, channelAxis), eps);
    }

    /**
     * InstanceNorm (Ulyanov, Vedaldi and Lempitsky 2016): mean and variance per example and channel.
     *
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0
     * @return the normalization
     */
    public static NormSpec instanceNorm(double eps, int channelAxis) {
        return new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.perExampleAndChannel(channelAxis), eps);
    }

    /**
     * RMSNorm (Zhang and Sennrich 2019): root mean square over some axes.
     *
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return the normalization
     */
    public static NormSpec rmsNorm(double eps, int... axes) {
        return new NormSpec(Statistic.ROOT_MEAN_SQUARE, NormAxes.over(axes), eps);
    }

    /**
     * Sum-normalization: y = x/(Σx+ε) over some axes.
     *
     * @param eps ε ≥ 0
     * @param axes the axes summed over
     * @return the normalization
     */
    public static NormSpec sumNorm(double eps, int... axes) {
        return new NormSpec(Statistic.SUM, NormAxes.over(axes), eps);
    }

    /**
     * Unit normalization: y = x/√max(Σx², ε) over some axes.
     *
     * @param eps ε &gt; 0, the least that Σx² counts as
     * @param axes the normalized axes
     * @return the normalization
     */
    public static NormSpec unitNorm(double eps, int... axes) {
        return new NormSpec(Statistic.L2, NormAxes.over(axes), eps);
    }

    /**
     * The same with another activation.
     *
     * @param other the activation
     * @return a normalization
     */
    public NormSpec with(FusedActivation other) {
        return new NormSpec(statistic, axes, eps, unitOffset, other);
    }

    /**
     * The same over other axes.
     *
     * @param other the axes
     * @return a normalization
     */
    public NormSpec withAxes(NormAxes other) {
        return new NormSpec(statistic, other, eps, unitOffset, activation);
    }

    /**
     * The same with a γ that counts from 1, or from 0.
     *
     * @param offset whether y = a((1+γ)·x̂ + β)
     * @return a normalization
     */
    public NormSpec withUnitOffset(boolean offset) {
        return new NormSpec(statistic, axes, eps, offset, activation);
    }

    /**
     * The same with statistics that do not come from x, as BatchNorm in inference has them.
     *
     * @return a normalization
     */
    public NormSpec withGivenStatistics() {
        return new NormSpec(Statistic.GIVEN, axes, eps, unitOffset, activation);
    }

    /**
     * Checks ε.
     *
     * @param who what asks, for the message
     * @return this
     * @throws IllegalArgumentException if ε is not finite or negative, or zero where it must be positive
     */
    public NormSpec checkEps(String who) {
        boolean positive = statistic.needsPositiveEps();
        // Written so that NaN, which compares with nothing, fails.
        if (!(positive ? eps > 0 : eps >= 0)) {
            throw new IllegalArgumentException(who + ": expected eps " + (positive ? "> 0" : ">= 0") + ", got " + eps);
        }
        if (Double.isInfinite(eps)) {
            throw new IllegalArgumentException(who + ": expected a finite eps, got " + eps);
        }
        return this;
    }

    /**
     * The groups of an array.
     *
     * @param who what asks, for the message of an exception
     * @param shape shape of the array
     * @return its groups
     * @throws IllegalArgumentException if the axes do not fit the shape
     */
    public Groups on(String who, long... shape) {
        return axes.on(who, shape);
    }

    /**
     * All but ε as integers, for saved graphs: a format number, the codes of statistic, activation, offset and kind of
     * axes, the number of groups, and the axes.
     *
     * @return integers for {@link #decode}
     */
    public long[] encode() {
        return LongStream.concat(
                        LongStream.of(
                                FORMAT,
                                statistic.code(),
                                activation.code(),
                                unitOffset ? 1 : 0,
                                axes.kind().code(),
                                axes.groups()),
                        axes.axes().stream().mapToLong(Integer::longValue))
                .toArray();
    }

    /**
     * Reads what {@link #encode} wrote, in this version or an earlier one.
     *
     * @param code the integers
     * @param eps ε
     * @return the normalization
     * @throws IllegalArgumentException if the format is not known or a code means nothing
     */
    public static NormSpec decode(long[] code, double eps) {
        if (code.length < FIXED || code[0] != FORMAT) {
            throw new IllegalArgumentException("expected a normalization in format " + FORMAT + ", got "
                    + Arrays.toString(code) + "; it may be of a later version");
        }
        int[] over = IntStream.range(FIXED, code.length)
                .map(i -> Math.toIntExact(code[i]))
                .toArray();
        NormAxes axes = new NormAxes(
                NormAxes.Kind.withCode(code[4]),
                Math.toIntExact(code[5]),
                IntStream.of(over).boxed().toList());
        return new NormSpec(Statistic.withCode(code[1]), axes, eps, code[3] != 0, FusedActivation.withCode(code[2]));
    }
}
