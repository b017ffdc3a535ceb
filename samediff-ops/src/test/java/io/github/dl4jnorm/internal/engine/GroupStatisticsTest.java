package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GroupStatisticsTest {
    private static final Groups GROUPS = NormAxes.over(1).on("test", 2, 5, 3);

    @Test
    void halfTypesKeepStatisticsInFloat() {
        assertEquals(DataType.FLOAT, ComputeTypes.of(DataType.FLOAT16));
        assertEquals(DataType.FLOAT, ComputeTypes.of(DataType.BFLOAT16));
        assertEquals(DataType.FLOAT, ComputeTypes.of(DataType.FLOAT));
        assertEquals(DataType.DOUBLE, ComputeTypes.of(DataType.DOUBLE));
    }

    @ParameterizedTest
    @EnumSource(names = "GIVEN", mode = EnumSource.Mode.EXCLUDE)
    void allocatesDetachedArraysOfTheShapeOfTheGroups(Statistic statistic) {
        NormSpec spec = new NormSpec(statistic, NormAxes.over(1), 1);
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 16).build();
        try (MemoryWorkspace ignored =
                Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "GroupStatisticsTest")) {
            GroupStatistics statistics = GroupStatistics.allocate(spec, GROUPS, DataType.BFLOAT16);
            List<INDArray> arrays = arrays(statistics);
            for (INDArray array : arrays) {
                assertArrayEquals(new long[] {2, 3}, array.shape());
                assertArrayEquals(new long[] {3, 1}, array.stride());
                assertEquals(DataType.FLOAT, array.dataType());
                assertFalse(array.isAttached());
            }
            assertEquals(statistic == Statistic.MEAN_VARIANCE ? 4 : statistic == Statistic.SUM ? 1 : 2, arrays.size());
        }
    }

    private static List<INDArray> arrays(GroupStatistics statistics) {
        List<INDArray> arrays = new ArrayList<>();
        statistics.map(array -> {
            arrays.add(array);
            return array;
        });
        return arrays;
    }

    @Test
    void mapsWhatThereIs() {
        INDArray center = Nd4j.ones(DataType.FLOAT16, 3);
        INDArray measure = Nd4j.ones(DataType.FLOAT, 3);
        GroupStatistics wide = GroupStatistics.given(center, measure).wide();
        assertEquals(DataType.FLOAT, wide.center().dataType());
        assertSame(measure, wide.measure());
        assertNull(wide.centerResidual());
        assertNull(wide.scale());
    }

    @Test
    void scalesOfGivenStatisticsOfEveryLayoutAndType() {
        NormSpec spec = new NormSpec(Statistic.GIVEN, NormAxes.over(1), 1);
        double[] variances = {0, 1, 3, 15, 63, 255};
        double[] scales = {1, Math.sqrt(.5), .5, .25, .125, .0625};
        for (Layout layout : Layout.values()) {
            for (DataType type : Samples.TYPES) {
                INDArray variance = layout.create(type, new long[] {2, 3}, variances);
                INDArray scale = GroupStatistics.given(variance, variance).scale(spec);
                assertArrayEquals(variances, Doubles.of(variance));
                assertArrayEquals(scales, Doubles.of(scale), 1e-7);
                assertEquals(.5, Doubles.of(scale)[2]);
                assertEquals(ComputeTypes.of(type), scale.dataType());
            }
        }
    }

    @Test
    void scalesOfSums() {
        INDArray sums = Doubles.toArray(DataType.FLOAT, new long[] {3}, 1.5, -4.5, 7.5);
        NormSpec spec = NormSpec.sumNorm(.5, 0);
        GroupStatistics statistics = new GroupStatistics(null, null, sums, null);
        assertArrayEquals(new double[] {.5, -.25, .125}, Doubles.of(statistics.scale(spec)));
        assertArrayEquals(new double[] {1.5, -4.5, 7.5}, Doubles.of(sums));
    }

    @Test
    void aStoredScaleIsTheScale() {
        INDArray one = Nd4j.ones(3);
        INDArray two = one.mul(2);
        assertSame(two, new GroupStatistics(null, null, one, two).scale(NormSpec.rmsNorm(1, 0)));
    }

    /** In float, 1 + 1e-9 would be 1. */
    @Test
    void addsEpsilonInDouble() {
        INDArray variance = Doubles.toArray(DataType.DOUBLE, new long[0], 1);
        NormSpec spec = new NormSpec(Statistic.GIVEN, NormAxes.over(0), 1e-9);
        double scale = GroupStatistics.given(variance, variance).scale(spec).getDouble(0);
        assertEquals(1 / Math.sqrt(1 + 1e-9), scale, 1e-16);
        INDArray sum = Doubles.toArray(DataType.FLOAT, new long[] {1}, -1);
        GroupStatistics ofSum = new GroupStatistics(null, null, sum, null);
        assertEquals(
                (float) 0x1p30, ofSum.scale(NormSpec.sumNorm(1 + 0x1p-30, 0)).getDouble(0));
    }
}
