package io.github.dl4jnorm.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GroupsTest {
    private static final long[] NCHW = {2, 3, 4, 5};

    @Test
    void perChannelOfImages() {
        Groups groups = NormAxes.perChannel(1).on("test", NCHW);
        assertArrayEquals(new int[] {0, 2, 3}, groups.reduced());
        assertArrayEquals(new int[] {1}, groups.kept());
        assertArrayEquals(new int[] {1}, groups.affine());
        assertArrayEquals(new int[] {0, 2, 3}, groups.affineSummed());
        assertArrayEquals(NCHW, groups.shape());
        assertArrayEquals(new long[] {3}, groups.statisticShape());
        assertArrayEquals(new long[] {3}, groups.parameterShape());
        assertEquals(40, groups.groupSize());
        assertEquals("shape [2, 3, 4, 5], statistics over axes [0, 2, 3]", groups.toString());
    }

    @Test
    void areOfOneShape() {
        for (Groups groups : new Groups[] {
            NormAxes.perChannel(1).on("test", NCHW),
            NormAxes.perExampleAndGroup(3, 1).on("test", NCHW)
        }) {
            assertTrue(groups.isOf(2, 3, 4, 5));
            assertFalse(groups.isOf(2, 3, 4, 6));
            assertFalse(groups.isOf(2, 3, 1, 4, 5));
            assertFalse(groups.isOf());
        }
    }

    @Test
    void overAxesOfImages() {
        Groups groups = NormAxes.over(3, 1).on("test", NCHW);
        assertArrayEquals(new int[] {1, 3}, groups.reduced());
        assertArrayEquals(new int[] {0, 2}, groups.kept());
        assertArrayEquals(new int[] {1, 3}, groups.affine());
        assertArrayEquals(new int[] {0, 2}, groups.affineSummed());
        assertArrayEquals(new long[] {2, 4}, groups.statisticShape());
        assertArrayEquals(new long[] {3, 5}, groups.parameterShape());
        assertEquals(15, groups.groupSize());
    }

    @Test
    void overAllAxesThereIsOneGroup() {
        Groups groups = NormAxes.over(0, 1, 2, 3).on("test", NCHW);
        assertArrayEquals(new int[0], groups.kept());
        assertArrayEquals(new int[0], groups.affineSummed());
        assertArrayEquals(new long[0], groups.statisticShape());
        assertEquals(120, groups.groupSize());
    }

    @Test
    void perExampleAndChannelOfImages() {
        Groups groups = NormAxes.perExampleAndChannel(1).on("test", NCHW);
        assertArrayEquals(new int[] {2, 3}, groups.reduced());
        assertArrayEquals(new int[] {0, 1}, groups.kept());
        assertArrayEquals(new int[] {1}, groups.affine());
        assertArrayEquals(new int[] {0, 2, 3}, groups.affineSummed());
        assertArrayEquals(NCHW, groups.splitShape());
        assertArrayEquals(new long[] {2, 3}, groups.statisticShape());
        assertArrayEquals(new long[] {3}, groups.parameterShape());
        assertArrayEquals(new long[] {2, 3, 1, 1}, groups.statisticBroadcast());
        assertArrayEquals(new long[] {1, 3, 1, 1}, groups.parameterBroadcast());
        assertEquals(20, groups.groupSize());
    }

    @Test
    void channelsAreSplitIntoGroups() {
        Groups groups = NormAxes.perExampleAndGroup(3, -3).on("test", 2, 6, 4, 5);
        assertArrayEquals(new long[] {2, 6, 4, 5}, groups.shape());
        assertArrayEquals(new long[] {2, 3, 2, 4, 5}, groups.splitShape());
        assertArrayEquals(new int[] {2, 3, 4}, groups.reduced());
        assertArrayEquals(new int[] {0, 1}, groups.kept());
        assertArrayEquals(new int[] {1, 2}, groups.affine());
        assertArrayEquals(new int[] {0, 3, 4}, groups.affineSummed());
        assertArrayEquals(new long[] {2, 3}, groups.statisticShape());
        assertArrayEquals(new long[] {6}, groups.parameterShape());
        assertArrayEquals(new long[] {2, 3, 1, 1, 1}, groups.statisticBroadcast());
        assertArrayEquals(new long[] {1, 3, 2, 1, 1}, groups.parameterBroadcast());
        assertEquals(40, groups.groupSize());
        assertEquals("shape [2, 3, 2, 4, 5], statistics over axes [2, 3, 4]", groups.toString());
    }

    @Test
    void stridesOfTheSplitShape() {
        Groups groups = NormAxes.perExampleAndGroup(3, 1).on("test", 2, 6, 4, 5);
        assertArrayEquals(new long[] {120, 40, 20, 5, 1}, groups.split(120, 20, 5, 1));
        assertArrayEquals(new long[] {1, 4, 2, 12, 48}, groups.split(1, 2, 12, 48));
        assertArrayEquals(new long[] {3, 1, 0, 0, 0}, groups.alongKept(3, 1));
        assertArrayEquals(new long[] {0, 14, 7, 0, 0}, groups.alongAffine(7));
        Groups plain = NormAxes.over(1, 3).on("test", NCHW);
        assertArrayEquals(new long[] {60, 20, 5, 1}, plain.split(60, 20, 5, 1));
        assertArrayEquals(new long[] {4, 0, 1, 0}, plain.alongKept(4, 1));
        assertArrayEquals(new long[] {0, 5, 0, 1}, plain.alongAffine(5, 1));
    }

    @Test
    void knowsWhichAxesOfTheArrayAreReduced() {
        Groups split = NormAxes.perExampleAndGroup(3, 1).on("test", 2, 6, 4, 5);
        assertReduced(split, false, true, true, true);
        assertReduced(NormAxes.perExampleAndGroup(2, 3).on("test", 2, 3, 4, 6), false, true, true, true);
        assertReduced(NormAxes.perChannel(1).on("test", NCHW), true, false, true, true);
        assertReduced(NormAxes.perExampleAndChannel(2).on("test", NCHW), false, true, false, true);
    }

    private static void assertReduced(Groups groups, boolean... expected) {
        for (int axis = 0; axis < expected.length; axis++) {
            assertEquals(expected[axis], groups.reducesAxis(axis), groups + ", axis " + axis);
        }
    }

    @Test
    void negativeAxesCountFromTheEnd() {
        assertArrayEquals(
                new int[] {3}, NormAxes.perChannel(-1).on("test", NCHW).kept());
        assertArrayEquals(
                new int[] {0}, NormAxes.perChannel(-4).on("test", NCHW).kept());
        assertArrayEquals(
                new int[] {0, 2, 3}, NormAxes.over(-1, 0, -2).on("test", NCHW).reduced());
    }

    @Test
    void groupSizesDoNotOverflow() {
        assertEquals(
                1L << 40, NormAxes.perChannel(1).on("test", 1 << 20, 3, 1 << 20).groupSize());
    }

    @Test
    void isImmutable() {
        long[] shape = NCHW.clone();
        int[] over = {1, 2};
        NormAxes axes = NormAxes.over(over);
        Groups groups = axes.on("test", shape);
        shape[0] = 99;
        over[0] = 3;
        groups.shape()[0] = 99;
        groups.reduced()[0] = 99;
        groups.kept()[0] = 99;
        groups.affine()[0] = 99;
        groups.splitShape()[0] = 99;
        groups.parameterShape()[0] = 99;
        assertArrayEquals(NCHW, groups.shape());
        assertArrayEquals(new int[] {1, 2}, groups.reduced());
        assertArrayEquals(new int[] {0, 3}, groups.kept());
        assertArrayEquals(new int[] {1, 2}, groups.affine());
        assertArrayEquals(NCHW, groups.splitShape());
        assertArrayEquals(new long[] {3, 4}, groups.parameterShape());
        assertEquals(NormAxes.over(1, 2), axes);
        assertThrows(UnsupportedOperationException.class, () -> axes.axes().set(0, 3));
    }

    @Test
    void broadcastsKeepTheOrderOfEveryLayout() {
        Groups groups = NormAxes.over(1, 3).on("test", NCHW);
        double[] parameter = IntStream.range(0, 15).asDoubleStream().toArray();
        double[] statistic = IntStream.range(0, 8).asDoubleStream().toArray();
        for (Layout layout : Layout.values()) {
            INDArray affine = layout.create(DataType.FLOAT, new long[] {3, 5}, parameter)
                    .reshape('c', groups.parameterBroadcast());
            assertArrayEquals(new long[] {1, 3, 1, 5}, affine.shape());
            assertArrayEquals(parameter, Doubles.of(affine));
            INDArray stats = layout.create(DataType.FLOAT, new long[] {2, 4}, statistic)
                    .reshape('c', groups.statisticBroadcast());
            assertArrayEquals(new long[] {2, 1, 4, 1}, stats.shape());
            assertArrayEquals(statistic, Doubles.of(stats));
        }
    }
}
