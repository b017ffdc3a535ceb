package io.github.dl4jnorm;

import static io.github.dl4jnorm.AgainstReference.assertBackward;
import static io.github.dl4jnorm.AgainstReference.assertForward;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
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

    /** ε is about what half of the groups have for Σx², so that some are below it. */
    @Property(tries = 200)
    void unitNormOfShortVectors(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        double eps = 0.7
                * Reference.of(NormSpec.unitNorm(1, c.axes()), c.shape()).groupSize()
                * (1 + c.offset() * c.offset());
        agrees(norm.unitNorm(c.x(), eps, c.axes()), c);
    }

    private static void agrees(Normalized forward, NormCase c) {
        assertForward(forward);
        assertBackward(forward, c.dy());
    }
}
