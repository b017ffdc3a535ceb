package io.github.dl4jnorm;

import static io.github.dl4jnorm.AgainstReference.assertBackward;
import static io.github.dl4jnorm.AgainstReference.assertForward;
import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Engines;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The cases in which normalizations are usually found to be wrong. */
class EdgeCasesTest {
    private static final double EPS = 1e-5;

    private final NDNorm norm = new NDNorm();

    /** One element per group: x̂ = 0, so y = β and dx = 0, exactly. */
    @Property(tries = 16)
    void aBatchOfOne(@ForAll("types") DataType type, @ForAll("layouts") Layout layout) {
        double[] values = {3, -0.1, 1000};
        double[] bias = {1, 2, -4};
        INDArray x = layout.create(type, new long[] {1, 3}, values);
        INDArray dy = layout.create(type, new long[] {1, 3}, 5, 6, 7);
        INDArray gamma = Doubles.toArray(type, new long[] {3}, 2, 3, 4);
        INDArray beta = Doubles.toArray(type, new long[] {3}, bias);
        Normalized forward = norm.batchNorm(x, gamma, beta, EPS, 1);
        assertArrayEquals(bias, Doubles.of(forward.y()));
        assertArrayEquals(
                Doubles.of(x), Doubles.of(forward.mean()), Tolerances.bound(DataType.FLOAT, 1, 1000, 0), "mean");
        assertArrayEquals(new double[3], Doubles.of(forward.measure()));
        NormGradients gradients = forward.backward(dy);
        assertZero(gradients.dx());
        assertZero(gradients.dGamma());
        assertArrayEquals(Doubles.of(dy), Doubles.of(gradients.dBeta()));

        INDArray column = x.reshape(3, 1);
        INDArray columnDy = dy.reshape(3, 1);
        Normalized layer = norm.layerNorm(column, null, null, EPS, 1);
        assertZero(layer.y());
        assertZero(layer.backward(columnDy).dx());
        INDArray cube = x.reshape(1, 3, 1);
        INDArray cubeDy = dy.reshape(1, 3, 1);
        for (Normalized perChannel :
                List.of(norm.instanceNorm(cube, gamma, beta, EPS, 1), norm.groupNorm(cube, 3, gamma, beta, EPS, 1))) {
            assertArrayEquals(bias, Doubles.of(perChannel.y()));
            assertZero(perChannel.backward(cubeDy).dx());
            assertZero(perChannel.backward(cubeDy).dGamma());
        }

        Normalized sum = norm.sumNorm(column, 0, 1);
        assertArrayEquals(new double[] {1, 1, 1}, Doubles.of(sum.y()));
        assertClose(
                "dx",
                new double[3],
                Doubles.of(sum.backward(columnDy).dx()),
                Tolerances.bound(DataType.FLOAT, 1, 0, 10 * 7));
        for (Normalized sign : List.of(norm.rmsNorm(column, null, EPS, 1), norm.unitNorm(column, EPS, 1))) {
            assertForward(sign);
            assertBackward(sign, columnDy);
        }
    }

    /** A constant that is exact in every type and sum: nothing is left to divide by √ε. */
    @Property(tries = 40)
    void constantGroups(
            @ForAll("types") DataType type, @ForAll("layouts") Layout layout, @ForAll("constants") double constant) {
        long[] shape = {4, 3, 2};
        INDArray x = layout.create(type, shape, Doubles.filled(constant, shape));
        assertZero(norm.batchNorm(x, null, null, EPS, 1).y());
        assertZero(norm.layerNorm(x, null, null, EPS, 1, 2).y());
        INDArray dy = layout.create(type, shape, Samples.gaussian(1, 24));
        INDArray gamma = Doubles.toArray(type, new long[] {3}, 1, 1, 1);
        for (Normalized forward : List.of(
                norm.batchNorm(x, gamma, null, EPS, 1),
                norm.instanceNorm(x, gamma, null, EPS, 1),
                norm.groupNorm(x, 1, gamma, null, EPS, 1))) {
            assertZero(forward.y());
            assertBackward(forward, dy);
            assertZero(forward.backward(dy).dGamma());
        }
        for (Normalized forward : List.of(norm.rmsNorm(x, null, EPS, 1, 2), norm.unitNorm(x, EPS, 1, 2))) {
            assertForward(forward);
            assertBackward(forward, dy);
        }
    }

    /** A constant whose sums are rounded must not become noise that 1/√ε blows up. */
    @Property(tries = 40)
    void inexactConstantGroups(
            @ForAll("types") DataType type,
            @ForAll("layouts") Layout layout,
            @ForAll("inexactConstants") double constant) {
        long[] shape = {50, 3, 20};
        INDArray x = layout.create(type, shape, Doubles.filled(constant, shape));
        assertForward(norm.batchNorm(x, null, null, EPS, 1));
        assertForward(norm.layerNorm(x, null, null, EPS, 0, 2));
        assertForward(norm.groupNorm(x, 1, null, null, EPS, 1));
        assertForward(norm.instanceNorm(x, null, null, EPS, 1));
    }

    /** A gradient of zero stays zero, exactly, in every output. */
    @Property(tries = 60)
    void zeroInZeroOut(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        INDArray x = c.mostlyPositiveX();
        INDArray dy = c.dyLayout().create(c.type(), c.shape(), Doubles.filled(0, c.shape()));
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(4);
        AllFunctions functions =
                new AllFunctions(x, dy, gamma, beta, c.parameter(2), c.variance(3), c.eps(), c.axes()[0]);

        List<INDArray> gradients = functions.call().stream()
                .filter(result -> result.function().contains("ackward"))
                .flatMap(result -> result.arrays().stream())
                .toList();
        assertFalse(gradients.isEmpty());
        gradients.forEach(EdgeCasesTest::assertZero);
    }

    /** NaN and infinities spoil the group that they are in, wholly, and no bit of another. */
    @Property(tries = 100)
    void badValuesStayInTheirGroup(
            @ForAll(supplier = NormCase.OverAxes.class) NormCase c, @ForAll("bad") double bad, @ForAll int position) {
        INDArray good = c.mostlyPositiveX();
        INDArray dy = c.dy();
        int at = Math.floorMod(position, (int) good.length());
        INDArray x = spoilt(good, c.xLayout(), at, bad);
        for (NormSpec spec : List.of(
                NormSpec.layerNorm(c.eps(), c.axes()),
                NormSpec.rmsNorm(c.eps(), c.axes()),
                // Below every Σx²: of a shorter vector's dy only the element itself is spoilt.
                NormSpec.unitNorm(1e-5, c.axes()))) {
            Reference reference = Reference.of(spec, c.shape());
            Normalized clean = norm.normalize(spec, good, null, null);
            Normalized spoilt = norm.normalize(spec, x, null, null);
            INDArray cleanDx = clean.backward(dy).dx();
            INDArray dxOfSpoiltDy =
                    clean.backward(spoilt(dy, c.dyLayout(), at, bad)).dx();
            if (spec.statistic().isCentered()) {
                assertOnlyGroupIsSpoilt(reference, at, clean.y(), spoilt.y());
                assertOnlyGroupIsSpoilt(
                        reference, at, cleanDx, spoilt.backward(dy).dx());
            } else {
                assertOtherGroupsAreClean(reference, at, clean.y(), spoilt.y());
                assertOtherGroupsAreClean(
                        reference, at, cleanDx, spoilt.backward(dy).dx());
                assertTrue(Double.isNaN(Doubles.of(spoilt.y())[at]), "∞·0 and NaN·0 are NaN");
            }
            assertOnlyGroupIsSpoilt(reference, at, cleanDx, dxOfSpoiltDy);
        }

        Reference reference = Reference.of(NormSpec.sumNorm(0, c.axes()), c.shape());
        Normalized sums = norm.sumNorm(good, 0, c.axes());
        Normalized spoiltSums = norm.sumNorm(x, 0, c.axes());
        assertTrue(Double.isNaN(Doubles.of(spoiltSums.y())[at]), "∞/∞ and NaN/NaN are NaN");
        assertOtherGroupsAreClean(reference, at, sums.y(), spoiltSums.y());
    }

    @Property(tries = 60)
    void badValuesStayInTheirExampleAndChannel(
            @ForAll(supplier = NormCase.PerExample.class) NormCase c, @ForAll("bad") double bad, @ForAll int position) {
        INDArray good = c.x();
        int at = Math.floorMod(position, (int) good.length());
        INDArray x = spoilt(good, c.xLayout(), at, bad);
        for (NormSpec spec : List.of(
                NormSpec.groupNorm(c.channelGroups(), c.eps(), c.axes()[0]),
                NormSpec.instanceNorm(c.eps(), c.axes()[0]))) {
            Reference reference = Reference.of(spec, c.shape());
            Normalized clean = norm.normalize(spec, good, null, null);
            Normalized spoilt = norm.normalize(spec, x, null, null);
            assertOnlyGroupIsSpoilt(reference, at, clean.y(), spoilt.y());
            assertOnlyGroupIsSpoilt(
                    reference,
                    at,
                    clean.backward(c.dy()).dx(),
                    spoilt.backward(c.dy()).dx());
        }
    }

    /** With given statistics nothing is shared: only the element itself is spoilt. */
    @Property(tries = 60)
    void badValuesInInferenceStayWhereTheyAre(
            @ForAll(supplier = NormCase.PerChannel.class) NormCase c, @ForAll int position) {
        INDArray good = c.x();
        int at = Math.floorMod(position, (int) good.length());
        INDArray x = spoilt(good, c.xLayout(), at, Double.NaN);
        int axis = c.axes()[0];
        INDArray mean = c.parameter(1);
        INDArray variance = c.variance(2);
        double[] expected = Doubles.of(norm.batchNormInference(good, mean, variance, null, null, c.eps(), axis)
                .y());
        expected[at] = Double.NaN;
        assertArrayEquals(
                expected,
                Doubles.of(norm.batchNormInference(x, mean, variance, null, null, c.eps(), axis)
                        .y()));
        NormGradients clean = norm.batchNormInference(good, mean, variance, null, null, c.eps(), axis)
                .backward(c.dy());
        NormGradients spoilt = norm.batchNormInference(x, mean, variance, null, null, c.eps(), axis)
                .backward(c.dy());
        assertArrayEquals(Doubles.of(clean.dx()), Doubles.of(spoilt.dx()), "dx does not depend on x");
    }

    /** Rows that share one memory (stride 0), as a broadcast gradient may. */
    @Property(tries = 16)
    void broadcastViews(@ForAll("types") DataType type, @ForAll boolean broadcastX, @ForAll("engines") String engine) {
        Engines.with(engine, () -> broadcastViews(type, broadcastX));
    }

    @Provide
    Arbitrary<String> engines() {
        return Arbitraries.of(Engines.NAMES);
    }

    private void broadcastViews(DataType type, boolean broadcastX) {
        INDArray row = Doubles.toArray(type, new long[] {3, 2}, Samples.mostlyPositive(2, 6));
        INDArray view = Layout.broadcast(row, 4);
        INDArray other = Doubles.toArray(type, new long[] {4, 3, 2}, Samples.mostlyPositive(3, 24));
        INDArray xView = broadcastX ? view : other;
        INDArray dyView = broadcastX ? other : view;
        for (int axis = 0; axis < 3; axis++) {
            long[] parameter = {xView.size(axis)};
            INDArray gamma = Doubles.toArray(type, parameter, Samples.gaussian(5, (int) parameter[0]));
            INDArray beta = Doubles.toArray(type, parameter, Samples.gaussian(6, (int) parameter[0]));
            List<Normalized> all = new ArrayList<>(List.of(
                    norm.layerNorm(xView, gamma, beta, EPS, axis),
                    norm.batchNorm(xView, gamma, beta, EPS, axis),
                    norm.rmsNorm(xView, gamma, EPS, axis),
                    norm.unitNorm(xView, EPS, axis),
                    norm.sumNorm(xView, 0, axis)));
            if (axis > 0) {
                all.add(norm.groupNorm(xView, 1, gamma, beta, EPS, axis));
                all.add(norm.instanceNorm(xView, gamma, beta, EPS, axis));
            }
            for (Normalized forward : all) {
                assertForward(forward);
                assertBackward(forward, dyView);
            }
        }
    }

    /** One vector of parameters in every form in which a network may hold it gives the same bits. */
    @Example
    void formsOfAParameterVector() {
        INDArray x = Doubles.toArray(DataType.FLOAT, new long[] {5, 3}, Samples.gaussian(4, 15));
        double[] values = {2, -3, 0.5};
        double[] expected =
                Doubles.of(norm.batchNorm(x, Doubles.toArray(DataType.FLOAT, new long[] {3}, values), null, EPS, 1)
                        .y());
        INDArray all = Nd4j.valueArrayOf(new long[] {1, 9}, Double.NaN, DataType.FLOAT);
        INDArray partOfAllParameters = all.get(NDArrayIndex.all(), NDArrayIndex.interval(3, 6));
        partOfAllParameters.assign(Doubles.toArray(DataType.FLOAT, new long[] {1, 3}, values));
        for (INDArray gamma : List.of(
                Doubles.toArray(DataType.FLOAT, new long[] {1, 3}, values),
                Doubles.toArray(DataType.FLOAT, new long[] {3, 1}, values),
                Layout.STRIDED.create(DataType.FLOAT, new long[] {3}, values),
                Layout.STRIDED.create(DataType.FLOAT, new long[] {1, 3}, values),
                Layout.STRIDED.create(DataType.FLOAT, new long[] {3, 1}, values),
                Layout.OFFSET.create(DataType.FLOAT, new long[] {3}, values),
                partOfAllParameters)) {
            assertArrayEquals(
                    expected, Doubles.of(norm.batchNorm(x, gamma, null, EPS, 1).y()));
        }
    }

    /** Given statistics in every form in which a network may hold them give the same bits, on both engines. */
    @Example
    void formsOfGivenStatistics() {
        INDArray x = Doubles.toArray(DataType.FLOAT, new long[] {5, 3}, Samples.gaussian(4, 15));
        INDArray dy = Doubles.toArray(DataType.FLOAT, new long[] {5, 3}, Samples.gaussian(5, 15));
        double[] means = {1, -2, 3};
        double[] variances = {3, 8, 15};
        for (String engine : Engines.NAMES) {
            Engines.with(engine, () -> {
                Normalized expected = norm.batchNormInference(
                        x, vector(Layout.C, means, 3), vector(Layout.C, variances, 3), null, null, 1, 1);
                assertArrayEquals(new double[] {.5, 1 / 3f, .25}, Doubles.of(expected.scale()));
                for (Layout layout : Layout.values()) {
                    for (long[] shape : new long[][] {{3}, {1, 3}, {3, 1}}) {
                        Normalized actual = norm.batchNormInference(
                                x, vector(layout, means, shape), vector(layout, variances, shape), null, null, 1, 1);
                        String what = engine + ", " + layout + ", rank " + shape.length;
                        assertArrayEquals(Doubles.of(expected.y()), Doubles.of(actual.y()), what);
                        assertArrayEquals(
                                Doubles.of(expected.backward(dy).dx()),
                                Doubles.of(actual.backward(dy).dx()),
                                what);
                    }
                }
            });
        }
    }

    private static INDArray vector(Layout layout, double[] values, long... shape) {
        return layout.create(DataType.FLOAT, shape, values);
    }

    /** 10⁶ away from zero, Σx²/M − μ² would lose every digit of a variance of 1 in float. */
    @Property(tries = 20)
    void anOffsetCostsNothing(@ForAll("layouts") Layout layout, @ForAll long seed) {
        long[] shape = {64, 3};
        double[] values = Samples.gaussian(seed, 192);
        for (int i = 0; i < values.length; i++) {
            // Multiples of 1/16 are exact in float at 10⁶.
            values[i] = Math.rint(16 * values[i]) / 16;
        }
        INDArray near = layout.create(DataType.FLOAT, shape, values);
        for (int i = 0; i < values.length; i++) {
            values[i] += 1e6;
        }
        INDArray far = layout.create(DataType.FLOAT, shape, values);
        NormSpec spec = NormSpec.batchNorm(EPS, 1);
        Reference.Forward expected = Reference.forward(spec, shape, Doubles.of(near), null, null);
        Normalized actual = norm.batchNorm(far, null, null, EPS, 1);
        assertClose("y", expected.y(), actual.y());
        assertClose("variance", expected.measure(), actual.measure());
        INDArray dy = layout.create(DataType.FLOAT, shape, Samples.gaussian(seed + 1, 192));
        Reference.Gradients gradients = Reference.backward(spec, shape, Doubles.of(near), Doubles.of(dy), null, null);
        assertClose("dx", gradients.dx(), actual.backward(dy).dx());
    }

    @Provide
    Arbitrary<DataType> types() {
        return Samples.types();
    }

    @Provide
    Arbitrary<Layout> layouts() {
        return Samples.layouts();
    }

    @Provide
    Arbitrary<Double> constants() {
        return Arbitraries.of(0.0, 1.0, -3.0, 0.125, 4096.0);
    }

    @Provide
    Arbitrary<Double> inexactConstants() {
        return Arbitraries.of(0.1, -7.7, 1000 / 3.0, 60000 / 7.0);
    }

    @Provide
    Arbitrary<Double> bad() {
        return Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    private static INDArray spoilt(INDArray array, Layout layout, int at, double bad) {
        double[] values = Doubles.of(array);
        values[at] = bad;
        return layout.create(array.dataType(), array.shape(), values);
    }

    private static void assertOnlyGroupIsSpoilt(Reference reference, int at, INDArray clean, INDArray spoilt) {
        double[] actual = Doubles.of(spoilt);
        for (int i = 0; i < actual.length; i++) {
            assertFalse(reference.groupOf(i) == reference.groupOf(at) && Double.isFinite(actual[i]));
        }
        assertOtherGroupsAreClean(reference, at, clean, spoilt);
    }

    private static void assertOtherGroupsAreClean(Reference reference, int at, INDArray clean, INDArray spoilt) {
        double[] expected = Doubles.of(clean);
        double[] actual = Doubles.of(spoilt);
        for (int i = 0; i < expected.length; i++) {
            if (reference.groupOf(i) != reference.groupOf(at)) {
                assertEquals(expected[i], actual[i]);
            }
        }
    }

    private static void assertZero(INDArray array) {
        for (double value : Doubles.of(array)) {
            assertTrue(value == 0, () -> "expected zeros, got " + array);
        }
    }
}
