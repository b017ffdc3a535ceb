package io.github.dl4jnorm.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class StatsTest {
    private static final NormAxes AXES = NormAxes.over("test", new long[] {2, 5, 3}, 1);

    @Test
    void halfTypesKeepStatisticsInFloat() {
        assertEquals(DataType.FLOAT, Stats.typeFor(DataType.FLOAT16));
        assertEquals(DataType.FLOAT, Stats.typeFor(DataType.BFLOAT16));
        assertEquals(DataType.FLOAT, Stats.typeFor(DataType.FLOAT));
        assertEquals(DataType.DOUBLE, Stats.typeFor(DataType.DOUBLE));
    }

    @Test
    void allocatesDetachedArraysOfTheShapeOfTheGroups() {
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 16).build();
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "StatsTest")) {
            Stats stats = Stats.allocate(AXES, DataType.BFLOAT16);
            for (INDArray statistic : List.of(stats.mean(), stats.variance(), stats.invStd())) {
                assertArrayEquals(new long[] {2, 3}, statistic.shape());
                assertArrayEquals(new long[] {3, 1}, statistic.stride());
                assertEquals(DataType.FLOAT, statistic.dataType());
                assertFalse(statistic.isAttached());
            }
            INDArray given = Nd4j.ones(DataType.FLOAT, 2, 3);
            Stats of = Stats.of(AXES, DataType.FLOAT, given, given, 1e-5);
            assertFalse(of.mean().isAttached());
            assertFalse(of.variance().isAttached());
            assertFalse(of.invStd().isAttached());
        }
    }

    @Test
    void copiesGivenStatisticsOfEveryLayoutAndType() {
        double[] means = {1, -2, 3, -4, 5, -6};
        double[] variances = {0, 1, 3, 15, 63, 255};
        double[] invStd = {1, Math.sqrt(.5), .5, .25, .125, .0625};
        for (Layout layout : Layout.values()) {
            for (DataType type : Samples.TYPES) {
                INDArray mean = layout.create(type, new long[] {2, 3}, means);
                INDArray variance = layout.create(type, new long[] {2, 3}, variances);
                Stats stats = Stats.of(AXES, type, mean, variance, 1);
                mean.assign(Double.NaN);
                variance.assign(Double.NaN);
                assertArrayEquals(means, Doubles.of(stats.mean()));
                assertArrayEquals(variances, Doubles.of(stats.variance()));
                assertArrayEquals(invStd, Doubles.of(stats.invStd()), 1e-7);
                assertEquals(.5, Doubles.of(stats.invStd())[2]);
                assertEquals(Stats.typeFor(type), stats.invStd().dataType());
            }
        }
    }

    @Test
    void takesRowsAndColumnsForVectors() {
        NormAxes channels = NormAxes.perChannel("test", new long[] {7, 3}, 1);
        INDArray row = Doubles.toArray(DataType.FLOAT, new long[] {1, 3}, 1, 2, 3);
        INDArray column = Doubles.toArray(DataType.DOUBLE, new long[] {3, 1}, 3, 8, 15);
        Stats stats = Stats.of(channels, DataType.FLOAT, row, column, 1);
        assertArrayEquals(new long[] {3}, stats.mean().shape());
        assertArrayEquals(new double[] {1, 2, 3}, Doubles.of(stats.mean()));
        assertArrayEquals(new double[] {.5, 1 / 3f, .25}, Doubles.of(stats.invStd()));
    }

    /** In float, 1 + 1e-9 would be 1. */
    @Test
    void addsEpsilonInDouble() {
        NormAxes one = NormAxes.over("test", new long[] {4}, 0);
        INDArray variance = Doubles.toArray(DataType.DOUBLE, new long[0], 1);
        double invStd = Stats.of(one, DataType.DOUBLE, variance, variance, 1e-9)
                .invStd()
                .getDouble(0);
        assertEquals(1 / Math.sqrt(1 + 1e-9), invStd, 1e-16);
    }
}
