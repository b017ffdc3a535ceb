package io.github.dl4jnorm.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dl4jnorm.kernel.KernelChoice;
import io.github.dl4jnorm.kernel.Workers;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The fused engine on the memory of ND4J, with the nd4j engine as second opinion. */
class FusedEngineTest {
    private static final String WHO = "test";

    private final NormEngine fused = new FusedEngine(KernelChoice.configured(), new Workers(2));
    private final NormEngine nd4j = new Nd4jEngine();

    @Property(tries = 300)
    void batchNormAsTheNd4jEngine(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        agree(c, NormAxes.perChannel(WHO, c.shape(), c.axes()[0]));
    }

    @Property(tries = 300)
    void layerNormAsTheNd4jEngine(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        agree(c, NormAxes.over(WHO, c.shape(), c.axes()));
    }

    /** Outputs too lie in memory anyhow. */
    private void agree(NormCase c, NormAxes axes) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.optionalParameter(1);
        INDArray beta = c.optionalParameter(2);
        Stats stats = Stats.allocate(axes, c.type());
        INDArray y = like(x, c.dyLayout());
        fused.standardize(axes, x, new AffineActivation(gamma, beta), c.eps(), y, stats);
        Stats otherStats = Stats.allocate(axes, c.type());
        INDArray otherY = like(x, Layout.C);
        nd4j.standardize(axes, x, new AffineActivation(gamma, beta), c.eps(), otherY, otherStats);
        double scale = 1 + Math.abs(c.offset());
        assertClose("y", otherY, y, axes.groupSize(), 50);
        assertClose("mean", otherStats.mean(), stats.mean(), axes.groupSize(), scale);
        assertClose("invStd", otherStats.invStd(), stats.invStd(), axes.groupSize(), 1 / Math.sqrt(c.eps()));

        INDArray dx = like(x, c.parameterLayout());
        INDArray dGamma = parameter(axes, c.type());
        INDArray dBeta = parameter(axes, c.type());
        fused.standardizeBackward(axes, x, dy, new AffineActivation(gamma, null), stats, dx, dGamma, dBeta);
        INDArray otherDx = like(x, Layout.C);
        INDArray otherDGamma = parameter(axes, c.type());
        INDArray otherDBeta = parameter(axes, c.type());
        nd4j.standardizeBackward(
                axes, x, dy, new AffineActivation(gamma, null), stats, otherDx, otherDGamma, otherDBeta);
        double spread = 50 / Math.sqrt(c.eps());
        assertClose("dx", otherDx, dx, axes.groupSize(), spread);
        assertClose("dGamma", otherDGamma, dGamma, x.length(), 50.0 * x.length());
        assertClose("dBeta", otherDBeta, dBeta, x.length(), 5.0 * x.length());
    }

    /** Both computed the same in another order: each may err as much as the bound says for terms of this size. */
    private static void assertClose(String what, INDArray expected, INDArray actual, long length, double magnitude) {
        double bound = 2 * Tolerances.bound(actual.dataType(), length, magnitude, magnitude);
        Tolerances.assertClose(what, Doubles.of(expected), Doubles.of(actual), bound);
    }

    private static INDArray like(INDArray x, Layout layout) {
        return layout.create(x.dataType(), x.shape(), new double[(int) x.length()]);
    }

    private static INDArray parameter(NormAxes axes, DataType type) {
        return Nd4j.create(type, axes.affineShape());
    }

    @Test
    void worksOnViewsIntoWorkspaces() {
        NormAxes axes = NormAxes.perChannel(WHO, new long[] {3, 4, 5}, 1);
        INDArray expected = Nd4j.create(DataType.FLOAT, 3, 4, 5);
        INDArray detached = Nd4j.rand(DataType.FLOAT, 3, 4, 5);
        fused.standardize(
                axes, detached, AffineActivation.none(), 1e-5, expected, Stats.allocate(axes, DataType.FLOAT));
        for (int round = 0; round < 3; round++) {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().getAndActivateWorkspace("FusedEngineTest")) {
                INDArray larger = Nd4j.create(DataType.FLOAT, 5, 4, 7);
                INDArray view =
                        larger.get(NDArrayIndex.interval(1, 4), NDArrayIndex.all(), NDArrayIndex.interval(2, 7));
                view.assign(detached);
                INDArray y = Nd4j.create(DataType.FLOAT, 3, 4, 5);
                fused.standardize(axes, view, AffineActivation.none(), 1e-5, y, Stats.allocate(axes, DataType.FLOAT));
                assertArrayEquals(Doubles.of(expected), Doubles.of(y));
            }
        }
    }

    @Test
    void sixteenThreadsAtOnceGetTheBitsOfOne() throws Exception {
        NormAxes axes = NormAxes.perChannel(WHO, new long[] {16, 8, 30, 30}, 1);
        List<INDArray> inputs = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            inputs.add(Nd4j.rand(DataType.FLOAT, axes.shape()));
            expected.add(backAndForth(axes, inputs.get(i)));
        }
        ExecutorService pool = Executors.newFixedThreadPool(16);
        try {
            for (int round = 0; round < 10; round++) {
                List<Future<float[]>> results = new ArrayList<>();
                for (INDArray x : inputs) {
                    results.add(pool.submit(() -> backAndForth(axes, x)));
                }
                for (int i = 0; i < 16; i++) {
                    assertArrayEquals(expected.get(i), results.get(i).get());
                }
            }
        } finally {
            pool.shutdown();
        }
    }

    private float[] backAndForth(NormAxes axes, INDArray x) {
        Stats stats = Stats.allocate(axes, DataType.FLOAT);
        INDArray y = Nd4j.createUninitialized(DataType.FLOAT, axes.shape());
        INDArray dx = Nd4j.createUninitialized(DataType.FLOAT, axes.shape());
        fused.standardize(axes, x, AffineActivation.none(), 1e-5, y, stats);
        fused.standardizeBackward(
                axes,
                x,
                y,
                AffineActivation.none(),
                stats,
                dx,
                parameter(axes, DataType.FLOAT),
                parameter(axes, DataType.FLOAT));
        return dx.data().asFloat();
    }

    @Test
    void describesItsKernels() {
        String text = ((FusedEngine) fused).describe();
        assertTrue(text.matches("(scalar|vector) kernels \\(.+\\), threads: 2"), text);
        assertEquals("fused", fused.name());
    }

    @Test
    void refusesParametersThatAreNotEvenlySpaced() {
        NormAxes axes = NormAxes.over(WHO, new long[] {2, 6}, 1);
        INDArray uneven = Nd4j.ones(DataType.FLOAT, 3, 4).get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2));
        INDArray x = Nd4j.ones(DataType.FLOAT, 2, 6);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> fused.standardize(
                                axes,
                                x,
                                new AffineActivation(uneven, null),
                                1,
                                x.dup(),
                                Stats.allocate(axes, x.dataType())))
                .getMessage();
        assertEquals(
                "expected values that are evenly spaced in 'c' order, got shape [3, 2] with strides [4, 1]", message);
    }

    /** Needs five gigabytes: run with -Ddl4jnorm.test.big=true. */
    @Test
    void arraysBeyondTwoGigabytes() {
        assumeTrue(Boolean.getBoolean("dl4jnorm.test.big"), "not asked for");
        long rows = 590_000;
        int width = 1000;
        INDArray row = Nd4j.linspace(0, 1, width, DataType.FLOAT);
        INDArray x = Nd4j.create(DataType.FLOAT, rows, width).addiRowVector(row);
        INDArray y = Nd4j.createUninitialized(DataType.FLOAT, rows, width);

        NormAxes perRow = NormAxes.over(WHO, x.shape(), 1);
        Stats stats = Stats.allocate(perRow, DataType.FLOAT);
        fused.standardize(perRow, x, AffineActivation.none(), 1e-5, y, stats);
        float[] first = y.getRow(0).toFloatVector();
        for (long i = 0; i < rows; i += 9_833) {
            assertArrayEquals(first, y.getRow(i).toFloatVector());
        }
        assertArrayEquals(first, y.getRow(rows - 1).toFloatVector());

        NormAxes perColumn = NormAxes.over(WHO, x.shape(), 0);
        INDArray sum = Stats.newStatistic(perColumn, DataType.FLOAT);
        fused.divideBySum(perColumn, x, 0, y, sum);
        for (int j = 0; j < width; j++) {
            double expected = (double) row.getFloat(j) * rows;
            assertEquals(expected, sum.getDouble(j), Tolerances.bound(DataType.FLOAT, 256, expected, expected));
        }
        assertEquals(1.0 / rows, y.getDouble(rows - 1, width - 1), 1e-12);
        x.close();
        y.close();
    }
}
