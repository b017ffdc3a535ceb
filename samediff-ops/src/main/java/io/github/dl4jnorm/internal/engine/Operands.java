package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.internal.kernel.Operand;
import io.github.dl4jnorm.internal.kernel.StatisticOperands;
import io.github.dl4jnorm.spec.Groups;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Describes the arrays of a pass to the kernels, one after the other: each method takes the next.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
final class Operands<A> {
    private final NativeMemory<A> memory;
    private final Groups groups;
    private final @Nullable INDArray[] arrays;
    private final List<@Nullable Operand<A>> operands = new ArrayList<>();

    Operands(NativeMemory<A> memory, Groups groups, @Nullable INDArray... arrays) {
        this.memory = memory;
        this.groups = groups;
        this.arrays = arrays;
    }

    /** Those that were taken, in the order of the arrays; null where there is none. */
    List<@Nullable Operand<A>> taken() {
        return operands;
    }

    /** An array of the shape of x. */
    Operand<A> whole() {
        INDArray array = Objects.requireNonNull(next());
        return taken(array, groups.split(array.stride()));
    }

    /** An array with one value per index of the affine axes, or null. */
    @Nullable Operand<A> parameter() {
        INDArray array = next();
        return array == null
                ? absent()
                : taken(array, groups.alongAffine(EvenStrides.of(array, groups.parameterShape())));
    }

    /** The four arrays of {@link GroupStatistics}. */
    StatisticOperands<A> statistics() {
        return new StatisticOperands<>(statistic(), statistic(), statistic(), statistic());
    }

    private @Nullable Operand<A> statistic() {
        INDArray array = next();
        return array == null
                ? absent()
                : taken(array, groups.alongKept(EvenStrides.of(array, groups.statisticShape())));
    }

    private @Nullable INDArray next() {
        return arrays[operands.size()];
    }

    private @Nullable Operand<A> absent() {
        operands.add(null);
        return null;
    }

    private Operand<A> taken(INDArray array, long... strides) {
        Operand<A> operand = new Operand<>(memory.of(array), array.offset(), strides);
        operands.add(operand);
        return operand;
    }
}
