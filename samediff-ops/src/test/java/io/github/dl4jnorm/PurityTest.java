package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.NormCase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The functions are functions: same bits each time, on each thread, and nothing else changes. */
class PurityTest {
    private static final int THREADS = 16;

    @Property(tries = 60)
    void argumentsAreNotModifiedNorShared(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        AllFunctions functions = functions(c);
        List<double[]> before = functions.inputs().stream().map(Doubles::of).toList();

        List<AllFunctions.Result> results = functions.call();
        assertSame("inputs", before, functions.inputs());

        results.forEach(result -> result.arrays().forEach(array -> array.assign(Double.NaN)));
        assertSame("inputs after their results were overwritten", before, functions.inputs());
    }

    @Property(tries = 60)
    void sameBitsEachTime(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        AllFunctions functions = functions(c);
        List<AllFunctions.Result> first = functions.call();
        assertSameResults(first, functions.call());
        assertSameResults(first, functions(c).call());
    }

    @Example
    void sameBitsOnEachThread() throws Exception {
        List<AllFunctions> work = new ArrayList<>();
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16}) {
            work.add(functions(large(type, new long[] {8, 4, 10, 10}, 1)));
            work.add(functions(large(type, new long[] {100, 20}, -1)));
        }
        List<List<AllFunctions.Result>> expected =
                work.stream().map(AllFunctions::call).toList();

        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier together = new CyclicBarrier(THREADS);
            List<Callable<List<List<AllFunctions.Result>>>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                tasks.add(() -> {
                    together.await();
                    return work.stream().map(AllFunctions::call).toList();
                });
            }
            for (Future<List<List<AllFunctions.Result>>> done : threads.invokeAll(tasks)) {
                List<List<AllFunctions.Result>> actual = done.get();
                for (int i = 0; i < expected.size(); i++) {
                    assertSameResults(expected.get(i), actual.get(i));
                }
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a thread failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Inside a workspace y belongs to it, but what the backward pass needs outlives it. */
    @Example
    void statisticsOutliveAWorkspace() {
        AllFunctions functions = functions(large(DataType.FLOAT, new long[] {4, 3}, 1));
        NDNorm norm = new NDNorm();
        Normalized expected = norm.batchNorm(functions.x(), null, null, 1e-5, 1);
        double[] sum = Doubles.of(norm.sumNorm(functions.x(), 0, 1).measure());
        Normalized inside;
        INDArray sumInside;
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 20).build();
        try (MemoryWorkspace ignored =
                Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "PurityTest")) {
            inside = norm.batchNorm(functions.x(), null, null, 1e-5, 1);
            sumInside = norm.sumNorm(functions.x(), 0, 1).measure();
            assertArrayEquals(Doubles.of(expected.y()), Doubles.of(inside.y()));
        }
        for (INDArray statistic : List.of(
                inside.mean(), inside.statistics().centerResidual(), inside.measure(), inside.scale(), sumInside)) {
            assertFalse(statistic.isAttached());
        }
        assertArrayEquals(Doubles.of(expected.mean()), Doubles.of(inside.mean()));
        assertArrayEquals(Doubles.of(expected.measure()), Doubles.of(inside.measure()));
        assertArrayEquals(Doubles.of(expected.scale()), Doubles.of(inside.scale()));
        assertArrayEquals(sum, Doubles.of(sumInside));
    }

    private static NormCase large(DataType type, long[] shape, int axis) {
        return new NormCase(
                shape, new int[] {axis}, type, Layout.CHANNEL_MAJOR, Layout.F, Layout.STRIDED, 0, 0, 1e-5, 42);
    }

    private static AllFunctions functions(NormCase c) {
        return new AllFunctions(
                c.mostlyPositiveX(),
                c.dy(),
                c.optionalParameter(1),
                c.optionalParameter(2),
                c.parameter(3),
                c.variance(4),
                c.eps(),
                c.axes()[0]);
    }

    private static void assertSameResults(List<AllFunctions.Result> expected, List<AllFunctions.Result> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            AllFunctions.Result result = expected.get(i);
            List<double[]> values = result.arrays().stream().map(Doubles::of).toList();
            assertSame(result.function(), values, actual.get(i).arrays());
        }
    }

    private static void assertSame(String what, List<double[]> expected, List<INDArray> actual) {
        assertEquals(expected.size(), actual.size(), what);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), Doubles.of(actual.get(i)), what + ", array " + i);
        }
    }
}
