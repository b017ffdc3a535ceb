package io.github.dl4jnorm.internal.kernel;

import io.github.dl4jnorm.spec.AnyGroups;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Reference;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Float matrices whose groups are their rows, or their columns: for each of the two loop nests.
 *
 * @param rows whether groups are rows
 * @param groups number of groups
 * @param size number of elements of a group
 */
record Nest(boolean rows, int groups, int size) {

    /** A normalization of each group. */
    NormSpec spec(Statistic statistic, double eps) {
        return new NormSpec(statistic, NormAxes.over(rows ? 1 : 0), eps);
    }

    Reference reference(NormSpec spec) {
        return Reference.ofRoles(spec, shape(), new int[] {rows ? 0 : 1}, new int[0], null, null);
    }

    long[] shape() {
        return rows ? new long[] {groups, size} : new long[] {size, groups};
    }

    private Groups roles() {
        return AnyGroups.of(shape(), new int[] {rows ? 0 : 1});
    }

    /** The place of an element of a group. */
    int place(int group, int element) {
        return rows ? group * size + element : element * groups + group;
    }

    /** The same values, rounded to float, in every group. */
    double[] values(IntToDoubleFunction byElement) {
        return IntStream.range(0, groups * size)
                .mapToDouble(i -> (float) byElement.applyAsDouble(rows ? i % size : i / groups))
                .toArray();
    }

    /** Statistics as engines allocate them. */
    StatisticOperands<float[]> statistics(Statistic statistic) {
        boolean centered = statistic.isCentered();
        return new StatisticOperands<>(
                centered ? perGroup() : null,
                centered ? perGroup() : null,
                perGroup(),
                statistic == Statistic.SUM ? null : perGroup());
    }

    /** y. */
    double[] forward(String kernels, NormSpec spec, StatisticOperands<float[]> statistics, double... x) {
        Operand<float[]> y = whole();
        kernels(kernels).run(new ForwardPass<>(spec, roles(), whole(x), ParameterOperands.none(), statistics, y));
        return read(y, x.length);
    }

    /** dx. */
    double[] backward(String kernels, NormSpec spec, StatisticOperands<float[]> statistics, double[] x, double... dy) {
        Operand<float[]> dx = whole();
        kernels(kernels)
                .run(new BackwardPass<>(spec, roles(), whole(x), whole(dy), ParameterOperands.none(), statistics, dx));
        return read(dx, x.length);
    }

    private static NormKernels<float[]> kernels(String name) {
        return KernelChoice.named(name).floats(new Workers(2));
    }

    private Operand<float[]> whole(double... values) {
        Operand<float[]> operand = operand(groups * size, rows ? size : groups, 1);
        IntStream.range(0, values.length).forEach(i -> operand.memory().put(i, values[i]));
        return operand;
    }

    private Operand<float[]> perGroup() {
        return rows ? operand(groups, 1, 0) : operand(groups, 0, 1);
    }

    private static Operand<float[]> operand(int size, long... strides) {
        return new Operand<>(FloatMemory.allocate(size), 0, strides);
    }

    /** One value per group. */
    double[] read(Operand<float[]> statistic) {
        return read(statistic, groups);
    }

    private static double[] read(Operand<float[]> operand, int count) {
        return IntStream.range(0, count)
                .mapToDouble(i -> operand.memory().get(i))
                .toArray();
    }

    @Override
    public String toString() {
        return size + (rows ? " by rows" : " by columns");
    }
}
