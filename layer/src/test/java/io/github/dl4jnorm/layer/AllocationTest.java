package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.github.dl4jnorm.internal.engine.FusedEngine;
import io.github.dl4jnorm.testing.Engines;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a pass leaves on the Java heap is a constant, however large its arrays are: data that are copied into Java arrays
 * would show, and so would configurations worked out and arrays of parameters made anew in every pass, if there were
 * many of them. ND4J takes a few kilobytes per array, so that the bound is generous. The nd4j engine makes more arrays.
 */
class AllocationTest {
    private static final long BOUND = 64 << 10;

    /**
     * More than the bound if it were copied once, small enough for one thread, as only this thread's bytes are counted,
     * and few groups in every variant: what the kernels make per group is garbage until the compiler sees through it.
     */
    private static final long[] SHAPE = {8, 32, 2, 50};

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    @ParameterizedTest
    @EnumSource(Variants.class)
    void aPassAllocatesNoMoreThanAConstant(Variants variant) {
        Engines.with(FusedEngine.NAME, () -> assertAllocatesLittle(variant));
    }

    private static void assertAllocatesLittle(Variants variant) {
        assumeTrue(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean, "this JVM does not count bytes");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Nd4j.getRandom().setSeed(1);
        INDArray x = Nd4j.rand(DataType.FLOAT, SHAPE).addi(0.5);
        INDArray dy = Nd4j.rand(DataType.FLOAT, SHAPE);
        SingleLayer layer = SingleLayer.of(variant, x);
        for (boolean training : new boolean[] {true, false}) {
            // The least of many, as many as it takes: vectors are objects until the compiler has seen to them, which on
            // a
            // busy machine may be late.
            long end = System.nanoTime() + PATIENCE;
            long forward = Long.MAX_VALUE;
            long backward = Long.MAX_VALUE;
            while ((forward >= BOUND || backward >= BOUND) && System.nanoTime() < end) {
                long before = threads.getCurrentThreadAllocatedBytes();
                layer.forward(x, training);
                long between = threads.getCurrentThreadAllocatedBytes();
                layer.backward(dy);
                layer.step();
                forward = Math.min(forward, between - before);
                backward = Math.min(backward, threads.getCurrentThreadAllocatedBytes() - between);
            }
            assertTrue(forward < BOUND, "training " + training + ": forward allocates " + forward + " bytes");
            assertTrue(backward < BOUND, "training " + training + ": backward allocates " + backward + " bytes");
        }
    }
}
