package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Assertions that what {@link NDNorm} returns is what the formulas say, in values, shapes and types. */
final class AgainstReference {
    private AgainstReference() {}

    /** y and statistics that come from x. */
    static void assertForward(Normalized actual) {
        INDArray x = actual.x();
        Reference.Forward expected =
                reference(actual).forward(Doubles.of(x), Doubles.orNull(actual.gamma()), Doubles.orNull(actual.beta()));
        Groups groups = actual.spec().on("test", x.shape());
        assertLike(x, actual.y());
        assertClose("y", expected.y(), actual.y());
        if (actual.spec().statistic().isCentered()) {
            assertClose("mean", expected.center(), actual.mean());
            assertArrayEquals(groups.statisticShape(), actual.mean().shape());
        } else {
            assertNull(actual.mean());
        }
        assertClose("measure", expected.measure(), actual.measure());
        assertClose("scale", expected.scale(), actual.scale());
        assertArrayEquals(groups.statisticShape(), actual.measure().shape());
        assertArrayEquals(groups.statisticShape(), actual.scale().shape());
    }

    /** Gradients, of statistics that come from x. */
    static void assertBackward(Normalized forward, INDArray dy) {
        INDArray x = forward.x();
        Reference.Gradients expected = reference(forward)
                .backward(
                        Doubles.of(x), Doubles.of(dy), Doubles.orNull(forward.gamma()), Doubles.orNull(forward.beta()));
        NormGradients actual = forward.backward(dy);
        assertLike(x, actual.dx());
        assertClose("dx", expected.dx(), actual.dx());
        assertParameter("dGamma", forward, expected.dGamma(), forward.gamma(), actual.dGamma());
        assertParameter("dBeta", forward, expected.dBeta(), forward.beta(), actual.dBeta());
    }

    /** The gradient of a parameter that may be missing. */
    static void assertParameter(
            String what, Normalized forward, Expected expected, INDArray parameter, INDArray actual) {
        if (parameter == null) {
            assertNull(actual, what);
            return;
        }
        INDArray x = forward.x();
        assertEquals(x.dataType(), actual.dataType());
        assertArrayEquals(forward.spec().on("test", x.shape()).parameterShape(), actual.shape());
        assertClose(what, expected, actual);
    }

    /** A result has the type and shape of x. */
    static void assertLike(INDArray x, INDArray result) {
        assertEquals(x.dataType(), result.dataType());
        assertArrayEquals(x.shape(), result.shape());
    }

    private static Reference reference(Normalized normalized) {
        return Reference.of(normalized.spec(), normalized.x().shape());
    }
}
