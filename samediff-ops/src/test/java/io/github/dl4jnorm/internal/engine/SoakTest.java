package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.kernel.KernelChoice;
import io.github.dl4jnorm.internal.kernel.Workers;
import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Many calls of one engine by many threads at once, without a pause. */
class SoakTest {
    private static final int CALLERS = 16;
    private static final int ITERATIONS = 10_000;
    private static final FusedEngine ENGINE = new FusedEngine(KernelChoice.configured(), new Workers(3));

    /** A step forward and back. */
    private record Step(NormSpec spec, INDArray x, INDArray dy, AffineParameters affine) {

        static Step of(NormSpec spec, DataType type, Layout layout, long... shape) {
            int count = Doubles.length(shape);
            long[] parameters = spec.on("test", shape).parameterShape();
            int length = Doubles.length(parameters);
            return new Step(
                    spec,
                    layout.create(type, shape, Samples.mostlyPositive(1, count)),
                    layout.create(type, shape, Samples.gaussian(2, count)),
                    new AffineParameters(
                            Doubles.toArray(type, parameters, Samples.gaussian(3, length)),
                            Doubles.toArray(type, parameters, Samples.gaussian(4, length))));
        }

        /** All results, in order. */
        List<float[]> results() {
            Normalization normalization = Normalization.of(ENGINE, spec, x);
            INDArray y = normalization.forward(x, affine, x.ulike());
            Gradients gradients = normalization.backward(x, dy, affine, x.ulike());
            return List.of(floats(y), floats(gradients.dx()), floats(gradients.dGamma()), floats(gradients.dBeta()));
        }

        private static float[] floats(INDArray array) {
            float[] values = new float[(int) array.length()];
            array.data().asNioFloat().get(values);
            // The buffer does not keep the array's memory from being freed.
            Reference.reachabilityFence(array);
            return values;
        }
    }

    /** Of more elements than one thread is left with, so that helpers join, and of few, so that they come and go. */
    private static List<Step> steps() {
        DataType type = DataType.FLOAT;
        long[] images = {8, 6, 27, 29};
        return List.of(
                Step.of(NormSpec.batchNorm(1e-5, 1), type, Layout.C, images),
                Step.of(NormSpec.batchNorm(1e-5, 1), type, Layout.C, 8, 6),
                Step.of(NormSpec.batchNorm(1e-5, 1).with(FusedActivation.RELU), type, Layout.CHANNEL_MAJOR, images),
                Step.of(NormSpec.layerNorm(1e-5, 1), type, Layout.C, 300, 128),
                Step.of(NormSpec.layerNorm(1e-5, 1), type, Layout.C, images),
                Step.of(NormSpec.groupNorm(2, 1e-5, 1), type, Layout.F, images),
                Step.of(NormSpec.rmsNorm(1e-5, -1), type, Layout.C, 3, 5),
                Step.of(NormSpec.sumNorm(0, 0), type, Layout.C, 300, 128));
    }

    @Test
    void tenThousandIterationsOnSixteenThreadsChangeNoBit() throws Exception {
        List<Step> steps = steps();
        List<List<float[]>> expected = steps.stream().map(Step::results).toList();
        AtomicInteger next = new AtomicInteger();
        List<Callable<Integer>> callers = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            callers.add(() -> {
                int done = 0;
                for (int i = next.getAndIncrement(); i < ITERATIONS; i = next.getAndIncrement()) {
                    int step = i % steps.size();
                    List<float[]> results = steps.get(step).results();
                    for (int result = 0; result < results.size(); result++) {
                        String what = "step " + step + ", result " + result;
                        assertArrayEquals(expected.get(step).get(result), results.get(result), what);
                    }
                    done++;
                }
                return done;
            });
        }
        ExecutorService pool = Executors.newFixedThreadPool(CALLERS);
        try {
            int done = 0;
            for (Future<Integer> caller : pool.invokeAll(callers)) {
                assertTrue(caller.get() > 0, "a caller that never came to its turn");
                done += caller.get();
            }
            assertEquals(ITERATIONS, done);
        } finally {
            pool.shutdownNow();
        }
    }
}
