package io.github.dl4jnorm.gradcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.engine.Stats;
import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.testing.NormCase;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.ndarray.INDArray;

class GradientDoctorTest {
    private static final NDNorm NORM = new NDNorm();

    // No false alarms: hundreds of right backward passes, in random shapes, axes and layouts.

    @Property(tries = 100)
    void batchNormIsHealthy(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        int axis = c.axes()[0];
        Differentiable batchNorm = Differentiable.withCache(
                in -> {
                    NDNorm.Standardized f = NORM.batchNorm(in[0], in[1], in[2], c.eps(), axis);
                    return Forward.of(f.y()).saving(in[0], in[1], f.mean(), f.variance(), f.invStd());
                },
                (saved, d) -> {
                    Stats stats = new Stats(saved[2], saved[3], saved[4]);
                    NDNorm.Gradients g = NORM.batchNormBackward(saved[0], d[0], saved[1], stats, axis);
                    return new INDArray[] {g.dx(), g.dGamma(), g.dBeta()};
                });
        assertHealthy(GradientDoctor.of(batchNorm).examine(c.x(), c.parameter(1), c.parameter(2)));
    }

    @Property(tries = 100)
    void batchNormInferenceIsHealthy(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        int axis = c.axes()[0];
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);
        Differentiable inference = Differentiable.ofMany(
                in -> new INDArray[] {NORM.batchNormInference(in[0], mean, variance, in[1], in[2], c.eps(), axis)},
                (in, d) -> {
                    NDNorm.InferenceGradients g =
                            NORM.batchNormInferenceBackward(in[0], d[0], mean, variance, in[1], c.eps(), axis);
                    return new INDArray[] {g.dx(), g.dGamma(), g.dBeta()};
                });
        Diagnosis diagnosis = GradientDoctor.of(inference)
                .expecting(KnownNorm.batchNormInference(mean, variance, c.eps(), axis))
                .examine(c.x(), c.parameter(1), c.parameter(2));
        assertHealthy(diagnosis);
        assertEquals(List.of(), diagnosis.notes());
    }

    @Property(tries = 100)
    void layerNormIsHealthy(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        Differentiable layerNorm = Differentiable.withCache(
                in -> {
                    NDNorm.Standardized f = NORM.layerNorm(in[0], in[1], in[2], c.eps(), c.axes());
                    return Forward.of(f.y()).saving(in[0], in[1], f.mean(), f.variance(), f.invStd());
                },
                (saved, d) -> {
                    Stats stats = new Stats(saved[2], saved[3], saved[4]);
                    NDNorm.Gradients g = NORM.layerNormBackward(saved[0], d[0], saved[1], stats, c.axes());
                    return new INDArray[] {g.dx(), g.dGamma(), g.dBeta()};
                });
        assertHealthy(GradientDoctor.of(layerNorm).examine(c.x(), c.parameter(1), c.parameter(2)));
    }

    @Property(tries = 100)
    void sumNormIsHealthy(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        Differentiable sumNorm = Differentiable.withCache(
                in -> {
                    NDNorm.SumNormalized f = NORM.sumNorm(in[0], 0, c.axes());
                    return Forward.of(f.y()).saving(in[0], f.sum());
                },
                (saved, d) -> new INDArray[] {NORM.sumNormBackward(saved[0], d[0], saved[1], c.axes())});
        assertHealthy(GradientDoctor.of(sumNorm).examine(c.mostlyPositiveX()));
    }

    private static void assertHealthy(Diagnosis diagnosis) {
        assertTrue(diagnosis.healthy(), diagnosis::toString);
        assertEquals(List.of(), diagnosis.causes());
    }
}
