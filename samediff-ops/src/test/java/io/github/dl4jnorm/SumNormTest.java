package io.github.dl4jnorm;

import static io.github.dl4jnorm.AgainstReference.assertBackward;
import static io.github.dl4jnorm.AgainstReference.assertForward;
import static io.github.dl4jnorm.testing.Tolerances.assertClose;

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
        assertForward(norm.sumNorm(c.mostlyPositiveX(), withEps ? c.eps() : 0, c.axes()));
    }

    @Property(tries = 300)
    void backward(@ForAll(supplier = NormCase.OverAxes.class) NormCase c, @ForAll boolean withEps) {
        assertBackward(norm.sumNorm(c.mostlyPositiveX(), withEps ? c.eps() : 0, c.axes()), c.dy());
    }

    /** Without eps the outputs of a group add up to 1, so a constant gradient moves nothing. */
    @Property(tries = 50)
    void outputsAddUpToOne(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        INDArray x = c.mostlyPositiveX();
        Normalized forward = norm.sumNorm(x, 0, c.axes());
        INDArray ones = Doubles.toArray(x.dataType(), c.shape(), Doubles.filled(1, c.shape()));

        Reference reference = Reference.of(forward.spec(), c.shape());
        double[] total =
                reference.forward(Doubles.of(forward.y()), null, null).measure().values();
        double[] dx = Doubles.of(forward.backward(ones).dx());
        double bound = Tolerances.bound(x.dataType(), reference.groupSize(), 0, 10);
        assertClose("Σy", Doubles.filled(1, total.length), total, bound);
        assertClose("dx", new double[dx.length], dx, bound / 0.01);
    }
}
