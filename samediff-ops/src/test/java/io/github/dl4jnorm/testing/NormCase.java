package io.github.dl4jnorm.testing;

import java.util.Arrays;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One random array to normalize, its axes, and everything that goes with it. x, its gradient and the parameters lie in
 * memory in ways of their own. Use as {@code @ForAll(supplier = NormCase.PerChannel.class)}.
 *
 * @param shape shape of x
 * @param axes the channel axis of BatchNorm, or the axes of LayerNorm and sum-normalization
 * @param type type of all arrays
 * @param xLayout how x lies in memory
 * @param dyLayout how the gradient of the output lies in memory
 * @param parameterLayout how parameters and given statistics lie in memory
 * @param vectorForm how a vector of parameters is shaped: 0 for [C], 1 for [1, C], 2 for [C, 1]
 * @param offset mean of x
 * @param eps ε
 * @param seed of the values
 */
public record NormCase(
        long[] shape,
        int[] axes,
        DataType type,
        Layout xLayout,
        Layout dyLayout,
        Layout parameterLayout,
        int vectorForm,
        double offset,
        double eps,
        long seed) {
    private static final int MAX_LENGTH = 1500;
    private static final int SMALL_LENGTH = 40;

    /** Cases of BatchNorm: rank 2 to 5, one axis. */
    public static final class PerChannel implements ArbitrarySupplier<NormCase> {
        @Override
        public Arbitrary<NormCase> get() {
            return cases(2, true, Samples.types(), Samples::offsets, MAX_LENGTH);
        }
    }

    /** Cases of LayerNorm and sum-normalization: rank 1 to 5, any axes. */
    public static final class OverAxes implements ArbitrarySupplier<NormCase> {
        @Override
        public Arbitrary<NormCase> get() {
            return cases(1, false, Samples.types(), Samples::offsets, MAX_LENGTH);
        }
    }

    /** Cases of GroupNorm and InstanceNorm: rank 3 to 5, one axis that is not the first. */
    public static final class PerExample implements ArbitrarySupplier<NormCase> {
        @Override
        public Arbitrary<NormCase> get() {
            return cases(3, true, Samples.types(), Samples::offsets, MAX_LENGTH).filter(NormCase::isBehindExamples);
        }
    }

    /** Cases of BatchNorm in double, small and near enough to zero for differences. */
    public static final class SmallPerChannel implements ArbitrarySupplier<NormCase> {
        @Override
        public Arbitrary<NormCase> get() {
            return cases(2, true, Arbitraries.just(DataType.DOUBLE), NormCase::small, SMALL_LENGTH);
        }
    }

    /** Cases of LayerNorm and sum-normalization in double, small and near enough to zero for differences. */
    public static final class SmallOverAxes implements ArbitrarySupplier<NormCase> {
        @Override
        public Arbitrary<NormCase> get() {
            return cases(1, false, Arbitraries.just(DataType.DOUBLE), NormCase::small, SMALL_LENGTH);
        }
    }

    /** Cases of GroupNorm and InstanceNorm in double, small and near enough to zero for differences. */
    public static final class SmallPerExample implements ArbitrarySupplier<NormCase> {
        @Override
        public Arbitrary<NormCase> get() {
            return cases(3, true, Arbitraries.just(DataType.DOUBLE), NormCase::small, SMALL_LENGTH)
                    .filter(NormCase::isBehindExamples);
        }
    }

    private boolean isBehindExamples() {
        return axes[0] != 0 && axes[0] != -shape.length;
    }

    private static Arbitrary<Double> small(DataType type) {
        return Arbitraries.of(0.0, -3.0);
    }

    private static Arbitrary<NormCase> cases(
            int minRank,
            boolean oneAxis,
            Arbitrary<DataType> types,
            Function<DataType, Arbitrary<Double>> offsets,
            int maxLength) {
        Arbitrary<Layout> layouts = Samples.layouts();
        return Combinators.combine(Samples.shapes(minRank, 5, maxLength), types)
                .flatAs((shape, type) -> Combinators.combine(
                                Samples.axes(shape.length).map(axes -> oneAxis ? new int[] {axes[0]} : axes),
                                layouts,
                                layouts,
                                layouts,
                                Arbitraries.integers().between(0, 2),
                                offsets.apply(type),
                                Arbitraries.of(1e-5, 1e-3, 0.1),
                                Arbitraries.longs())
                        .as((axes, xLayout, dyLayout, parameterLayout, vectorForm, offset, eps, seed) -> new NormCase(
                                shape, axes, type, xLayout, dyLayout, parameterLayout, vectorForm, offset, eps, seed)));
    }

    /**
     * The input.
     *
     * @return a new array: always the same values
     */
    public INDArray x() {
        double[] values = Samples.gaussian(seed, Doubles.length(shape));
        for (int i = 0; i < values.length; i++) {
            values[i] += offset;
        }
        return xLayout.create(type, shape, values);
    }

    /**
     * An input whose sums are far from zero.
     *
     * @return a new array: always the same values
     */
    public INDArray mostlyPositiveX() {
        return xLayout.create(type, shape, Samples.mostlyPositive(seed, Doubles.length(shape)));
    }

    /**
     * The gradient of the output.
     *
     * @return a new array: always the same values
     */
    public INDArray dy() {
        return dyLayout.create(type, shape, Samples.gaussian(seed + 1, Doubles.length(shape)));
    }

    /**
     * A parameter, or a mean, per index of {@link #axes}.
     *
     * @param salt which one
     * @return a new array: always the same values
     */
    public INDArray parameter(int salt) {
        long[] along = Arrays.stream(axes)
                .map(axis -> axis < 0 ? axis + shape.length : axis)
                .sorted()
                .mapToLong(axis -> shape[axis])
                .toArray();
        long[] form = along;
        if (along.length == 1 && vectorForm > 0) {
            form = vectorForm == 1 ? new long[] {1, along[0]} : new long[] {along[0], 1};
        }
        return parameterLayout.create(type, form, Samples.gaussian(seed + 1 + salt, Doubles.length(form)));
    }

    /**
     * A variance per index of {@link #axes}: positive, not small.
     *
     * @param salt which one
     * @return a new array: always the same values
     */
    public INDArray variance(int salt) {
        INDArray parameter = parameter(salt);
        double[] values = Arrays.stream(Doubles.of(parameter))
                .map(value -> 0.1 + value * value)
                .toArray();
        return parameterLayout.create(type, parameter.shape(), values);
    }

    /**
     * A number of groups for GroupNorm.
     *
     * @return a divisor of the number of channels, always the same
     */
    public int channelGroups() {
        long channels = shape[axes[0] < 0 ? axes[0] + shape.length : axes[0]];
        int groups = 1 + (int) Math.floorMod(seed, channels);
        while (channels % groups != 0) {
            groups--;
        }
        return groups;
    }

    /**
     * A null in place of a parameter in some of the cases.
     *
     * @param salt which one
     * @return {@link #parameter}, or null where the seed says so
     */
    public INDArray optionalParameter(int salt) {
        return (seed >> salt & 3) == 0 ? null : parameter(salt);
    }

    @Override
    public String toString() {
        return type + " " + Arrays.toString(shape) + " axes " + Arrays.toString(axes) + ", x " + xLayout + ", dy "
                + dyLayout + ", parameters " + parameterLayout + " form " + vectorForm + ", offset " + offset
                + ", eps " + eps + ", seed " + seed;
    }
}
