package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sum-normalization on random shapes, axes, layouts and types, with and without eps, against the formulas. */
class SumNormTest {
    private final NDNorm norm = new NDNorm();

    @Property(tries = 300)
    void forward(@ForAll(supplier = NormCase.OverAxes.class) NormCase c, @ForAll boolean withEps) {
        INDArray x = c.mostlyPositiveX();
        double eps = withEps ? c.eps() : 0;

        NDNorm.SumNormalized actual = norm.sumNorm(x, eps, c.axes());

        Reference.SumNormalized expected = Reference.over(c.shape(), c.axes()).divideBySum(Doubles.of(x), eps);
        assertEquals(x.dataType(), actual.y().dataType());
        assertArrayEquals(x.shape(), actual.y().shape());
        assertClose("y", expected.y(), actual.y());
        assertClose("sum", expected.sum(), actual.sum());
    }

    @Property(tries = 300)
    void backward(@ForAll(supplier = NormCase.OverAxes.class) NormCase c, @ForAll boolean withEps) {
        INDArray x = c.mostlyPositiveX();
        INDArray dy = c.dy();
        INDArray sum = norm.sumNorm(x, withEps ? c.eps() : 0, c.axes()).sum();

        INDArray actual = norm.sumNormBackward(x, dy, sum, c.axes());

        assertEquals(x.dataType(), actual.dataType());
        assertArrayEquals(x.shape(), actual.shape());
        assertClose(
                "dx",
                Reference.over(c.shape(), c.axes()).divideBySumBackward(Doubles.of(x), Doubles.of(dy), Doubles.of(sum)),
                actual);
    }

    /** Without eps the outputs of a group add up to 1, so a constant gradient moves nothing. */
    @Property(tries = 50)
    void outputsAddUpToOne(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        INDArray x = c.mostlyPositiveX();
        NDNorm.SumNormalized forward = norm.sumNorm(x, 0, c.axes());
        INDArray ones = Doubles.toArray(x.dataType(), c.shape(), Doubles.filled(1, c.shape()));

        Reference reference = Reference.over(c.shape(), c.axes());
        double[] total = reference.divideBySum(Doubles.of(forward.y()), 0).sum().values();
        double[] dx = Doubles.of(norm.sumNormBackward(x, ones, forward.sum(), c.axes()));
        double bound = Tolerances.bound(x.dataType(), reference.groupSize(), 0, 10);
        assertClose("Σy", Doubles.filled(1, total.length), total, bound);
        assertClose("dx", new double[dx.length], dx, bound / 0.01);
    }
}
