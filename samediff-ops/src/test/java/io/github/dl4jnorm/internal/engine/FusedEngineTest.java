package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dl4jnorm.internal.kernel.KernelChoice;
import io.github.dl4jnorm.internal.kernel.Workers;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
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
    private final NormEngine fused = new FusedEngine(KernelChoice.configured(), new Workers(2));
    private final NormEngine nd4j = new Nd4jEngine();

    @Property(tries = 300)
    void batchNormAsTheNd4jEngine(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        agree(c, NormSpec.batchNorm(c.eps(), c.axes()[0]), c.x());
    }

    @Property(tries = 300)
    void layerNormAsTheNd4jEngine(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        agree(c, NormSpec.layerNorm(c.eps(), c.axes()), c.x());
    }

    @Property(tries = 150)
    void groupNormAsTheNd4jEngine(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        agree(c, NormSpec.groupNorm(c.channelGroups(), c.eps(), c.axes()[0]), c.x());
    }

    @Property(tries = 150)
    void rmsNormAsTheNd4jEngine(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        agree(c, NormSpec.rmsNorm(c.eps(), c.axes()).withUnitOffset(c.seed() % 2 == 0), c.x());
    }

    @Property(tries = 150)
    void unitNormAsTheNd4jEngine(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        agree(c, NormSpec.unitNorm(c.eps(), c.axes()), c.x());
    }

    @Property(tries = 150)
    void sumNormAsTheNd4jEngine(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        agree(c, NormSpec.sumNorm(c.eps(), c.axes()), c.mostlyPositiveX());
    }

    /**
     * Both engines are as near to the formulas as rounding allows, so they are as near to each other. Outputs too lie in
     * memory anyhow.
     */
    private void agree(NormCase c, NormSpec spec, INDArray x) {
        INDArray dy = c.dy();
        AffineParameters affine = new AffineParameters(c.optionalParameter(1), c.optionalParameter(2));
        double[] gamma = Doubles.orNull(affine.gamma());
        double[] beta = Doubles.orNull(affine.beta());
        Reference.Forward expected = Reference.forward(spec, c.shape(), Doubles.of(x), gamma, beta);
        Reference.Gradients gradients = Reference.backward(spec, c.shape(), Doubles.of(x), Doubles.of(dy), gamma, beta);
        for (NormEngine engine : List.of(fused, nd4j)) {
            Normalization normalization = Normalization.of(engine, spec, x);
            boolean dense = engine == nd4j;
            String of = " of " + engine.name();
            INDArray y = normalization.forward(x, affine, dense ? Layout.C : c.dyLayout());
            Tolerances.assertClose("y" + of, expected.y(), y);
            GroupStatistics statistics = normalization.statistics();
            if (statistics.center() != null) {
                Tolerances.assertClose("center" + of, expected.center(), statistics.center());
            }
            Tolerances.assertClose("measure" + of, expected.measure(), statistics.measure());
            Tolerances.assertClose("scale" + of, expected.scale(), statistics.scale(spec));
            Gradients actual = normalization.backward(x, dy, affine, dense ? Layout.C : c.parameterLayout());
            Tolerances.assertClose("dx" + of, gradients.dx(), actual.dx());
            Tolerances.assertClose("dGamma" + of, gradients.dGamma(), actual.dGamma());
            Tolerances.assertClose("dBeta" + of, gradients.dBeta(), actual.dBeta());
        }
    }

    @Test
    void worksOnViewsIntoWorkspaces() {
        NormSpec spec = NormSpec.batchNorm(1e-5, 1);
        INDArray detached = Nd4j.rand(DataType.FLOAT, 3, 4, 5);
        INDArray expected =
                Normalization.of(fused, spec, detached).forward(detached, AffineParameters.none(), detached.ulike());
        for (int round = 0; round < 3; round++) {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().getAndActivateWorkspace("FusedEngineTest")) {
                INDArray larger = Nd4j.create(DataType.FLOAT, 5, 4, 7);
                INDArray view =
                        larger.get(NDArrayIndex.interval(1, 4), NDArrayIndex.all(), NDArrayIndex.interval(2, 7));
                view.assign(detached);
                INDArray y = Nd4j.create(DataType.FLOAT, 3, 4, 5);
                Normalization.of(fused, spec, view).forward(view, AffineParameters.none(), y);
                assertArrayEquals(Doubles.of(expected), Doubles.of(y));
            }
        }
    }

    @Test
    void sixteenThreadsAtOnceGetTheBitsOfOne() throws Exception {
        List<INDArray> inputs = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            inputs.add(Nd4j.rand(DataType.FLOAT, 16, 8, 30, 30));
            expected.add(backAndForth(inputs.get(i)));
        }
        ExecutorService pool = Executors.newFixedThreadPool(16);
        try {
            for (int round = 0; round < 10; round++) {
                List<Future<float[]>> results = new ArrayList<>();
                for (INDArray x : inputs) {
                    results.add(pool.submit(() -> backAndForth(x)));
                }
                for (int i = 0; i < 16; i++) {
                    assertArrayEquals(expected.get(i), results.get(i).get());
                }
            }
        } finally {
            pool.shutdown();
        }
    }

    private float[] backAndForth(INDArray x) {
        Normalization normalization = Normalization.of(fused, NormSpec.batchNorm(1e-5, 1), x);
        INDArray y = normalization.forward(x, AffineParameters.none(), x.ulike());
        return normalization
                .backward(x, y, AffineParameters.none(), x.ulike())
                .dx()
                .data()
                .asFloat();
    }

    @Test
    void describesItsKernels() {
        String text = ((FusedEngine) fused).describe();
        assertTrue(text.matches("(scalar|vector) kernels \\(.+\\), threads: 2"), text);
        assertEquals("fused", fused.name());
    }

    @Test
    void refusesParametersThatAreNotEvenlySpaced() {
        INDArray uneven = Nd4j.ones(DataType.FLOAT, 3, 4).get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2));
        INDArray x = Nd4j.ones(DataType.FLOAT, 2, 6);
        Normalization normalization = Normalization.of(fused, NormSpec.layerNorm(1, 1), x);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> normalization.forward(x, new AffineParameters(uneven, null), x.dup()))
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

        Normalization.of(fused, NormSpec.layerNorm(1e-5, 1), x).forward(x, AffineParameters.none(), y);
        float[] first = y.getRow(0).toFloatVector();
        for (long i = 0; i < rows; i += 9_833) {
            assertArrayEquals(first, y.getRow(i).toFloatVector());
        }
        assertArrayEquals(first, y.getRow(rows - 1).toFloatVector());

        Normalization perColumn = Normalization.of(fused, NormSpec.sumNorm(0, 0), x);
        perColumn.forward(x, AffineParameters.none(), y);
        INDArray sum = perColumn.statistics().measure();
        for (int j = 0; j < width; j++) {
            double expected = (double) row.getFloat(j) * rows;
            assertEquals(expected, sum.getDouble(j), Tolerances.bound(DataType.FLOAT, 256, expected, expected));
        }
        assertEquals(1.0 / rows, y.getDouble(rows - 1, width - 1), 1e-12);
        x.close();
        y.close();
    }
}
