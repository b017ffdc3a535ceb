package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The numbers that each group of an array is normalized with: everything a backward pass needs besides x, γ and β. They
 * have the shape of {@link Groups#statisticShape()}, or are vectors of that length, and the type {@link
 * ComputeTypes#of(DataType)}.
 *
 * @param center c rounded to its type; null where c = 0
 * @param centerResidual c less its rounded value, so that x − c keeps its digits where |c| ≫ |x − c|; null for 0
 * @param measure q: σ² of a mean and variance, Σx²/M of a root mean square, Σx² or Σx of the others
 * @param scale s as a function of q and ε; null where it follows from the measure: of a sum, and given statistics
 */
public record GroupStatistics(
        @Nullable INDArray center,
        @Nullable INDArray centerResidual,
        INDArray measure,
        @Nullable INDArray scale) {
    /**
     * A mean and variance that do not come from x, such as BatchNorm's running ones, for {@link Statistic#GIVEN}.
     *
     * @param mean μ, one value per group
     * @param variance σ², likewise; σ² + ε may not be negative
     * @return the statistics
     */
    public static GroupStatistics given(INDArray mean, INDArray variance) {
        return new GroupStatistics(mean, null, variance, null);
    }

    /**
     * Room for what {@link NormEngine#forward} computes.
     *
     * @param statistic a statistic that comes from x
     * @param array makes one array of the shape and type of statistics
     * @return uninitialized arrays
     */
    public static GroupStatistics allocate(Statistic statistic, Supplier<INDArray> array) {
        boolean centered = statistic.isCentered();
        return new GroupStatistics(
                centered ? array.get() : null,
                centered ? array.get() : null,
                array.get(),
                storesScale(statistic) ? array.get() : null);
    }

    /**
     * Room for what {@link NormEngine#forward} computes, in arrays detached from workspaces.
     *
     * @param spec a normalization whose statistics come from x
     * @param groups its groups
     * @param type type of x
     * @return uninitialized arrays
     */
    public static GroupStatistics allocate(NormSpec spec, Groups groups, DataType type) {
        try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return allocate(
                    spec.statistic(),
                    () -> Nd4j.createUninitialized(ComputeTypes.of(type), groups.statisticShape(), 'c'));
        }
    }

    /**
     * How many arrays {@link #allocate(Statistic, Supplier)} makes.
     *
     * @param statistic a statistic that comes from x
     * @return the number of statistics that are kept per group
     */
    public static int count(Statistic statistic) {
        return 1 + (statistic.isCentered() ? 2 : 0) + (storesScale(statistic) ? 1 : 0);
    }

    /** Whether s is kept beside q. */
    private static boolean storesScale(Statistic statistic) {
        // A root of a sum of squares may be in the range of its type where the sum is not; 1/Σx follows from Σx.
        return switch (statistic.scale()) {
            case INVERSE -> false;
            case INVERSE_ROOT, INVERSE_FLOORED_ROOT -> !statistic.isGiven();
        };
    }

    /**
     * The same with every array replaced.
     *
     * @param change what becomes of an array
     * @return statistics
     */
    public GroupStatistics map(UnaryOperator<INDArray> change) {
        return new GroupStatistics(
                center == null ? null : change.apply(center),
                centerResidual == null ? null : change.apply(centerResidual),
                change.apply(measure),
                scale == null ? null : change.apply(scale));
    }

    /**
     * In the type that is computed in: statistics in a half type, which users may bring, are widened.
     *
     * @return statistics in FLOAT or DOUBLE
     */
    public GroupStatistics wide() {
        return map(ComputeTypes::wide);
    }

    /**
     * s of every group.
     *
     * @param spec the normalization
     * @return the scale, or a new array that follows from the measure and ε
     */
    public INDArray scale(NormSpec spec) {
        if (scale != null) {
            return scale;
        }
        INDArray q = measure.castTo(DataType.DOUBLE);
        INDArray s =
                switch (spec.statistic().scale()) {
                    case INVERSE -> q.add(spec.eps()).rdivi(1);
                    case INVERSE_ROOT -> inverseRoot(q.add(spec.eps()));
                    case INVERSE_FLOORED_ROOT -> inverseRoot(new Floor(q, spec.eps()).floored());
                };
        return s.castTo(ComputeTypes.of(measure.dataType()));
    }

    private static INDArray inverseRoot(INDArray q) {
        return Transforms.sqrt(q, false).rdivi(1);
    }
}
