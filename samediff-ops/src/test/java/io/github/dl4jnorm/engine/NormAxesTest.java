package io.github.dl4jnorm.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class NormAxesTest {
    private static final long[] NCHW = {2, 3, 4, 5};

    @Test
    void perChannelOfImages() {
        NormAxes axes = NormAxes.perChannel("test", NCHW, 1);
        assertArrayEquals(new int[] {0, 2, 3}, axes.reduced());
        assertArrayEquals(new int[] {1}, axes.kept());
        assertArrayEquals(new int[] {1}, axes.affine());
        assertArrayEquals(new int[] {0, 2, 3}, axes.affineSummed());
        assertArrayEquals(NCHW, axes.shape());
        assertArrayEquals(new long[] {3}, axes.statsShape());
        assertArrayEquals(new long[] {3}, axes.affineShape());
        assertEquals(40, axes.groupSize());
        assertEquals("shape [2, 3, 4, 5], statistics over axes [0, 2, 3]", axes.toString());
    }

    @Test
    void overAxesOfImages() {
        NormAxes axes = NormAxes.over("test", NCHW, 3, 1);
        assertArrayEquals(new int[] {1, 3}, axes.reduced());
        assertArrayEquals(new int[] {0, 2}, axes.kept());
        assertArrayEquals(new int[] {1, 3}, axes.affine());
        assertArrayEquals(new int[] {0, 2}, axes.affineSummed());
        assertArrayEquals(new long[] {2, 4}, axes.statsShape());
        assertArrayEquals(new long[] {3, 5}, axes.affineShape());
        assertEquals(15, axes.groupSize());
    }

    @Test
    void overAllAxesThereIsOneGroup() {
        NormAxes axes = NormAxes.over("test", NCHW, 0, 1, 2, 3);
        assertArrayEquals(new int[0], axes.kept());
        assertArrayEquals(new int[0], axes.affineSummed());
        assertArrayEquals(new long[0], axes.statsShape());
        assertEquals(120, axes.groupSize());
    }

    @Test
    void negativeAxesCountFromTheEnd() {
        assertArrayEquals(new int[] {3}, NormAxes.perChannel("test", NCHW, -1).kept());
        assertArrayEquals(new int[] {0}, NormAxes.perChannel("test", NCHW, -4).kept());
        assertArrayEquals(
                new int[] {0, 2, 3}, NormAxes.over("test", NCHW, -1, 0, -2).reduced());
    }

    @Test
    void groupSizesDoNotOverflow() {
        assertEquals(
                1L << 40,
                NormAxes.perChannel("test", new long[] {1 << 20, 3, 1 << 20}, 1).groupSize());
    }

    @Test
    void isImmutable() {
        long[] shape = NCHW.clone();
        int[] over = {1, 2};
        NormAxes axes = NormAxes.over("test", shape, over);
        shape[0] = 99;
        over[0] = 3;
        axes.shape()[0] = 99;
        axes.reduced()[0] = 99;
        axes.kept()[0] = 99;
        axes.affine()[0] = 99;
        assertArrayEquals(NCHW, axes.shape());
        assertArrayEquals(new int[] {1, 2}, axes.reduced());
        assertArrayEquals(new int[] {0, 3}, axes.kept());
        assertArrayEquals(new int[] {1, 2}, axes.affine());
    }

    @Test
    void broadcastsKeepTheOrderOfEveryLayout() {
        NormAxes axes = NormAxes.over("test", NCHW, 1, 3);
        double[] parameter = IntStream.range(0, 15).asDoubleStream().toArray();
        double[] statistic = IntStream.range(0, 8).asDoubleStream().toArray();
        for (Layout layout : Layout.values()) {
            INDArray affine = axes.broadcastAffine(layout.create(DataType.FLOAT, new long[] {3, 5}, parameter));
            assertArrayEquals(new long[] {1, 3, 1, 5}, affine.shape());
            assertArrayEquals(parameter, Doubles.of(affine));
            INDArray stats = axes.broadcastStats(layout.create(DataType.FLOAT, new long[] {2, 4}, statistic));
            assertArrayEquals(new long[] {2, 1, 4, 1}, stats.shape());
            assertArrayEquals(statistic, Doubles.of(stats));
        }
    }

    @Test
    void refusesARankBelowTwo() {
        assertMessage(
                "batchNorm: expected an array of rank 2 or more, got shape [3]",
                () -> NormAxes.perChannel("batchNorm", new long[] {3}, 0));
    }

    @Test
    void refusesAxesOutOfRange() {
        assertMessage(
                "batchNorm: axis 4 is out of range for rank 4 (shape [2, 3, 4, 5])",
                () -> NormAxes.perChannel("batchNorm", NCHW, 4));
        assertMessage(
                "layerNorm: axis -5 is out of range for rank 4 (shape [2, 3, 4, 5])",
                () -> NormAxes.over("layerNorm", NCHW, 1, -5));
        assertMessage(
                "layerNorm: axis 0 is out of range for rank 0 (shape [])",
                () -> NormAxes.over("layerNorm", new long[0], 0));
    }

    @Test
    void refusesRepeatedAxes() {
        assertMessage(
                "layerNorm: axis 1 is repeated in [1, -3] (shape [2, 3, 4, 5])",
                () -> NormAxes.over("layerNorm", NCHW, 1, -3));
    }

    @Test
    void refusesNoAxes() {
        assertMessage("sumNorm: expected at least one axis, got none", () -> NormAxes.over("sumNorm", NCHW));
        assertMessage(
                "sumNorm: expected at least one axis, got none", () -> NormAxes.over("sumNorm", NCHW, (int[]) null));
    }

    @Test
    void refusesEmptyArrays() {
        assertMessage(
                "batchNorm: expected a non-empty array, got shape [0, 3]",
                () -> NormAxes.perChannel("batchNorm", new long[] {0, 3}, 1));
        assertMessage(
                "sumNorm: expected a non-empty array, got shape [4, 0]",
                () -> NormAxes.over("sumNorm", new long[] {4, 0}, 0));
    }

    private static void assertMessage(String message, Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }
}
