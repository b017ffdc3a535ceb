package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RunningAverageTest {
    /** running ← decay·running + (1−decay)·batch: the decay is the weight of the old value. */
    @Test
    void movesRunningStatisticsOfEveryLayoutAndType() {
        INDArray batch = Doubles.toArray(DataType.FLOAT, new long[] {2, 3}, 4, 8, -12, 16, 20, 24);
        for (Layout layout : Layout.values()) {
            for (DataType type : Samples.TYPES) {
                INDArray running = layout.create(type, new long[] {2, 3}, 8, 4, 0, -4, 0, 40);
                assertFalse(RunningAverage.move(running, batch, 0.75));
                assertEquals(type, running.dataType());
                assertArrayEquals(new double[] {7, 5, -3, 1, 5, 36}, Doubles.of(running), layout + " " + type);
                RunningAverage.move(running, batch, 1);
                assertArrayEquals(new double[] {7, 5, -3, 1, 5, 36}, Doubles.of(running));
                RunningAverage.move(running, batch, 0);
                assertArrayEquals(Doubles.of(batch), Doubles.of(running));
            }
        }
        assertArrayEquals(new double[] {4, 8, -12, 16, 20, 24}, Doubles.of(batch));
    }

    @Test
    void movesRowsByVectors() {
        INDArray row = Doubles.toArray(DataType.FLOAT, new long[] {1, 3}, 0, 2, 4);
        RunningAverage.move(row, Doubles.toArray(DataType.FLOAT, new long[] {3}, 2, 2, 0), 0.5);
        assertArrayEquals(new double[] {1, 2, 2}, Doubles.of(row));
    }

    /** Instead of infinity, which would never leave again. */
    @Test
    void whatAHalfTypeCannotHoldBecomesItsLargestNumber() {
        INDArray batch = Doubles.toArray(DataType.FLOAT, new long[] {3}, 93050, -93050, 2);
        INDArray half = Doubles.toArray(DataType.FLOAT16, new long[] {3}, 1, 1, 1);
        assertTrue(RunningAverage.move(half, batch, 0));
        assertArrayEquals(new double[] {65504, -65504, 2}, Doubles.of(half));
        assertTrue(RunningAverage.move(half, batch, 0.5), "(65504 + 93050)/2 is too large too");
        assertArrayEquals(new double[] {65504, -65504, 2}, Doubles.of(half));
        assertFalse(RunningAverage.move(half, batch.mul(0), 0.5));
        assertArrayEquals(new double[] {32752, -32752, 1}, Doubles.of(half));

        INDArray huge = Doubles.toArray(DataType.FLOAT, new long[] {3}, Float.MAX_VALUE, 0, 2);
        INDArray brain = Doubles.toArray(DataType.BFLOAT16, new long[] {3}, 0, 0, 0);
        assertFalse(RunningAverage.move(brain, batch, 0));
        assertTrue(RunningAverage.move(brain, huge, 0));
        assertArrayEquals(new double[] {0x1.fep127, 0, 2}, Doubles.of(brain));
        INDArray wide = Doubles.toArray(DataType.FLOAT, new long[] {3}, 0, 0, 0);
        assertFalse(RunningAverage.move(wide, huge, 0.5));
        assertArrayEquals(new double[] {Float.MAX_VALUE / 2, 0, 1}, Doubles.of(wide));
    }

    /** A half-made value would be what ParallelWrapper copies to its other workers, or what another thread predicts with. */
    @Test
    void otherThreadsSeeEveryValueAsBeforeOrAfter() {
        INDArray batch = Nd4j.valueArrayOf(new long[] {100_000}, 3.0, DataType.DOUBLE);
        INDArray running = batch.dup();
        CompletableFuture<double[]> reader = CompletableFuture.supplyAsync(() -> IntStream.range(0, 100_000)
                .mapToDouble(i -> running.getDouble(i))
                .filter(value -> value != 3)
                .toArray());
        while (!reader.isDone()) {
            RunningAverage.move(running, batch, 0.5);
        }
        assertArrayEquals(new double[0], reader.join());
    }

    /** 0·∞ is NaN, but a weight of 0 means that the value has no part in it. */
    @Test
    void whatHasNoWeightHasNoPart() {
        INDArray bad = Doubles.toArray(DataType.FLOAT, new long[] {3}, Double.POSITIVE_INFINITY, Double.NaN, 5);
        INDArray good = Doubles.toArray(DataType.FLOAT, new long[] {3}, 1, 2, 3);
        for (DataType type : List.of(DataType.FLOAT, DataType.FLOAT16)) {
            INDArray running = good.castTo(type).dup();
            assertFalse(RunningAverage.move(running, bad, 1));
            assertArrayEquals(new double[] {1, 2, 3}, Doubles.of(running));
            INDArray recovering = bad.castTo(type).dup();
            assertFalse(RunningAverage.move(recovering, good, 0));
            assertArrayEquals(new double[] {1, 2, 3}, Doubles.of(recovering));
        }
    }

    /** The value of one channel is no business of another. */
    @Test
    void anInfiniteValueStaysInItsPlace() {
        INDArray batch = Doubles.toArray(DataType.FLOAT, new long[] {3}, 4, Double.POSITIVE_INFINITY, 8);
        INDArray running = Doubles.toArray(DataType.FLOAT, new long[] {3}, 0, 0, 0);
        RunningAverage.move(running, batch, 0.5);
        assertArrayEquals(new double[] {2, Double.POSITIVE_INFINITY, 4}, Doubles.of(running));
    }

    @Test
    void nanStaysVisible() {
        INDArray batch = Doubles.toArray(DataType.FLOAT, new long[] {2}, Double.NaN, 1);
        for (DataType type : Samples.TYPES) {
            INDArray running = Doubles.toArray(type, new long[] {2}, 1, 1);
            assertFalse(RunningAverage.move(running, batch, 0.5));
            assertArrayEquals(new double[] {Double.NaN, 1}, Doubles.of(running), type.toString());
        }
    }

    /** A step that is rounded away never happens: shown with the largest step that is. */
    @Test
    void losesStepsWhereTheTypeHasTooFewDigits() {
        assertFalse(RunningAverage.losesSteps(DataType.FLOAT, 0.99999));
        assertFalse(RunningAverage.losesSteps(DataType.DOUBLE, 0.99999));
        assertFalse(RunningAverage.losesSteps(DataType.FLOAT16, 0.999));
        assertTrue(RunningAverage.losesSteps(DataType.FLOAT16, 0.9996));
        assertFalse(RunningAverage.losesSteps(DataType.BFLOAT16, 0.99));
        assertTrue(RunningAverage.losesSteps(DataType.BFLOAT16, 0.999));
        INDArray running = Doubles.toArray(DataType.BFLOAT16, new long[] {1}, 1);
        RunningAverage.move(running, Doubles.toArray(DataType.FLOAT, new long[] {1}, 2), 0.999);
        assertEquals(1, running.getDouble(0));
    }
}
