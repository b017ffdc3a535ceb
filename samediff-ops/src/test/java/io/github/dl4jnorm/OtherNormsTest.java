package io.github.dl4jnorm;

import static io.github.dl4jnorm.AgainstReference.assertBackward;
import static io.github.dl4jnorm.AgainstReference.assertForward;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import java.util.Arrays;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** GroupNorm, InstanceNorm, RMSNorm and unit normalization on random shapes, layouts and types, against the formulas. */
class OtherNormsTest {
    private final NDNorm norm = new NDNorm();

    @Property(tries = 200)
    void groupNorm(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        agrees(
                norm.groupNorm(
                        c.x(), c.channelGroups(), c.optionalParameter(1), c.optionalParameter(2), c.eps(), c.axes()[0]),
                c);
    }

    @Property(tries = 200)
    void instanceNorm(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        agrees(norm.instanceNorm(c.x(), c.optionalParameter(1), c.optionalParameter(2), c.eps(), c.axes()[0]), c);
    }

    @Property(tries = 200)
    void rmsNorm(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        agrees(norm.rmsNorm(c.x(), c.optionalParameter(1), c.eps(), c.axes()), c);
    }

    @Property(tries = 200)
    void rmsNormWhoseWeightsCountFromOne(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        NormSpec spec = NormSpec.rmsNorm(c.eps(), c.axes()).withUnitOffset(true);
        agrees(norm.normalize(spec, c.x(), c.optionalParameter(1), c.optionalParameter(2)), c);
    }

    @Property(tries = 200)
    void unitNorm(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        agrees(norm.unitNorm(c.x(), c.eps(), c.axes()), c);
    }

    /**
     * ε is about what half of the groups have for Σx², so that some are below it; but none so close to it that rounding
     * decides, for dx jumps there.
     */
    @Property(tries = 200)
    void unitNormOfShortVectors(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        Reference reference = Reference.of(NormSpec.unitNorm(1, c.axes()), c.shape());
        double[] squares =
                reference.forward(Doubles.of(c.x()), null, null).measure().values();
        double eps = 0.7 * reference.groupSize() * (1 + c.offset() * c.offset());
        Assume.that(Arrays.stream(squares).noneMatch(q -> Math.abs(q - eps) < 1e-3 * eps));
        agrees(norm.unitNorm(c.x(), eps, c.axes()), c);
    }

    private static void agrees(Normalized forward, NormCase c) {
        assertForward(forward);
        assertBackward(forward, c.dy());
    }
}
