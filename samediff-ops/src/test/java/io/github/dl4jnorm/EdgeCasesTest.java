package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
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
        NDNorm.Standardized forward = norm.batchNorm(x, gamma, beta, EPS, 1);
        assertArrayEquals(bias, Doubles.of(forward.y()));
        assertArrayEquals(
                Doubles.of(x), Doubles.of(forward.mean()), Tolerances.bound(DataType.FLOAT, 1, 1000, 0), "mean");
        assertArrayEquals(new double[3], Doubles.of(forward.variance()));
        NDNorm.Gradients gradients = norm.batchNormBackward(x, dy, gamma, forward.stats(), 1);
        assertZero(gradients.dx());
        assertZero(gradients.dGamma());
        assertArrayEquals(Doubles.of(dy), Doubles.of(gradients.dBeta()));

        INDArray column = x.reshape(3, 1);
        NDNorm.Standardized layer = norm.layerNorm(column, null, null, EPS, 1);
        assertZero(layer.y());
        assertZero(norm.layerNormBackward(column, dy.reshape(3, 1), null, layer.stats(), 1)
                .dx());

        NDNorm.SumNormalized sum = norm.sumNorm(column, 0, 1);
        assertArrayEquals(new double[] {1, 1, 1}, Doubles.of(sum.y()));
        assertClose(
                "dx",
                new double[3],
                Doubles.of(norm.sumNormBackward(column, dy.reshape(3, 1), sum.sum(), 1)),
                Tolerances.bound(DataType.FLOAT, 1, 0, 10 * 7));
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
        NDNorm.Standardized forward = norm.batchNorm(x, null, null, EPS, 1);
        Reference.Gradients expected = Reference.perChannel(shape, 1)
                .standardizeBackward(
                        Doubles.of(x), Doubles.of(dy), null, Doubles.filled(constant, 3), Doubles.of(forward.invStd()));
        NDNorm.Gradients gradients = norm.batchNormBackward(x, dy, null, forward.stats(), 1);
        assertClose("dx", expected.dx(), gradients.dx());
        assertZero(gradients.dGamma());
    }

    /** A constant whose sums are rounded must not become noise that 1/√ε blows up. */
    @Property(tries = 40)
    void inexactConstantGroups(
            @ForAll("types") DataType type,
            @ForAll("layouts") Layout layout,
            @ForAll("inexactConstants") double constant) {
        long[] shape = {50, 3, 20};
        INDArray x = layout.create(type, shape, Doubles.filled(constant, shape));
        double[] values = Doubles.of(x);
        assertClose(
                "y",
                Reference.perChannel(shape, 1)
                        .standardize(values, null, null, EPS)
                        .y(),
                norm.batchNorm(x, null, null, EPS, 1).y());
        assertClose(
                "y",
                Reference.over(shape, 0, 2).standardize(values, null, null, EPS).y(),
                norm.layerNorm(x, null, null, EPS, 0, 2).y());
    }

    /** A gradient of zero stays zero, exactly, in every output. */
    @Property(tries = 60)
    void zeroInZeroOut(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        INDArray x = c.mostlyPositiveX();
        INDArray dy = c.dyLayout().create(c.type(), c.shape(), Doubles.filled(0, c.shape()));
        INDArray gamma = c.parameter(1);
        int axis = c.axes()[0];

        NDNorm.Standardized batch = norm.batchNorm(x, gamma, null, c.eps(), axis);
        NDNorm.Gradients gradients = norm.batchNormBackward(x, dy, gamma, batch.stats(), axis);
        NDNorm.InferenceGradients inference =
                norm.batchNormInferenceBackward(x, dy, c.parameter(2), c.variance(3), gamma, c.eps(), axis);
        NDNorm.Standardized layer = norm.layerNorm(x, gamma, null, c.eps(), axis);
        NDNorm.Gradients layerGradients = norm.layerNormBackward(x, dy, gamma, layer.stats(), axis);
        INDArray sumDx = norm.sumNormBackward(x, dy, norm.sumNorm(x, 0, axis).sum(), axis);

        for (INDArray gradient : List.of(
                gradients.dx(),
                gradients.dGamma(),
                gradients.dBeta(),
                inference.dx(),
                inference.dGamma(),
                inference.dBeta(),
                inference.dMean(),
                inference.dVariance(),
                layerGradients.dx(),
                layerGradients.dGamma(),
                layerGradients.dBeta(),
                sumDx)) {
            assertZero(gradient);
        }
    }

    /** NaN and infinities spoil the group that they are in, wholly, and no bit of another. */
    @Property(tries = 100)
    void badValuesStayInTheirGroup(
            @ForAll(supplier = NormCase.OverAxes.class) NormCase c, @ForAll("bad") double bad, @ForAll int position) {
        INDArray good = c.mostlyPositiveX();
        INDArray dy = c.dy();
        int at = Math.floorMod(position, (int) good.length());
        INDArray x = spoilt(good, c.xLayout(), at, bad);
        Reference reference = Reference.over(c.shape(), c.axes());

        NDNorm.Standardized clean = norm.layerNorm(good, null, null, c.eps(), c.axes());
        NDNorm.Standardized spoilt = norm.layerNorm(x, null, null, c.eps(), c.axes());
        assertOnlyGroupIsSpoilt(reference, at, clean.y(), spoilt.y());
        assertOnlyGroupIsSpoilt(
                reference,
                at,
                norm.layerNormBackward(good, dy, null, clean.stats(), c.axes()).dx(),
                norm.layerNormBackward(x, dy, null, spoilt.stats(), c.axes()).dx());
        assertOnlyGroupIsSpoilt(
                reference,
                at,
                norm.layerNormBackward(good, dy, null, clean.stats(), c.axes()).dx(),
                norm.layerNormBackward(good, spoilt(dy, c.dyLayout(), at, bad), null, clean.stats(), c.axes())
                        .dx());

        double[] cleanSums = Doubles.of(norm.sumNorm(good, 0, c.axes()).y());
        double[] spoiltSums = Doubles.of(norm.sumNorm(x, 0, c.axes()).y());
        assertTrue(Double.isNaN(spoiltSums[at]), "∞/∞ and NaN/NaN are NaN");
        for (int i = 0; i < cleanSums.length; i++) {
            if (reference.groupOf(i) != reference.groupOf(at)) {
                assertEquals(cleanSums[i], spoiltSums[i]);
            }
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
        double[] expected = Doubles.of(norm.batchNormInference(good, mean, variance, null, null, c.eps(), axis));
        expected[at] = Double.NaN;
        assertArrayEquals(expected, Doubles.of(norm.batchNormInference(x, mean, variance, null, null, c.eps(), axis)));
        NDNorm.InferenceGradients clean =
                norm.batchNormInferenceBackward(good, c.dy(), mean, variance, null, c.eps(), axis);
        NDNorm.InferenceGradients spoilt =
                norm.batchNormInferenceBackward(x, c.dy(), mean, variance, null, c.eps(), axis);
        assertArrayEquals(Doubles.of(clean.dx()), Doubles.of(spoilt.dx()), "dx does not depend on x");
    }

    /** Rows that share one memory (stride 0), as a broadcast gradient may. */
    @Property(tries = 8)
    void broadcastViews(@ForAll("types") DataType type, @ForAll boolean broadcastX) {
        INDArray row = Doubles.toArray(type, new long[] {3, 2}, Samples.mostlyPositive(2, 6));
        INDArray view = Layout.broadcast(row, 4);
        INDArray dense = Layout.C.copyOf(view);
        INDArray other = Doubles.toArray(type, new long[] {4, 3, 2}, Samples.mostlyPositive(3, 24));
        INDArray x = broadcastX ? dense : other;
        INDArray dy = broadcastX ? other : dense;
        INDArray xView = broadcastX ? view : other;
        INDArray dyView = broadcastX ? other : view;
        for (int axis = 0; axis < 3; axis++) {
            NDNorm.Standardized actual = norm.layerNorm(xView, null, null, EPS, axis);
            Reference reference = Reference.over(x.shape(), axis);
            assertClose(
                    "y", reference.standardize(Doubles.of(x), null, null, EPS).y(), actual.y());
            Reference.Gradients gradients = reference.standardizeBackward(
                    Doubles.of(x), Doubles.of(dy), null, Doubles.of(actual.mean()), Doubles.of(actual.invStd()));
            NDNorm.Gradients backward = norm.layerNormBackward(xView, dyView, null, actual.stats(), axis);
            assertClose("dx", gradients.dx(), backward.dx());
            assertClose("dGain", gradients.dGamma(), backward.dGamma());
            assertClose("dBias", gradients.dBeta(), backward.dBeta());
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
        Reference.Standardized expected = Reference.perChannel(shape, 1).standardize(Doubles.of(near), null, null, EPS);
        NDNorm.Standardized actual = norm.batchNorm(far, null, null, EPS, 1);
        assertClose("y", expected.y(), actual.y());
        assertClose("variance", expected.variance(), actual.variance());
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
        double[] expected = Doubles.of(clean);
        double[] actual = Doubles.of(spoilt);
        for (int i = 0; i < expected.length; i++) {
            if (reference.groupOf(i) == reference.groupOf(at)) {
                assertFalse(Double.isFinite(actual[i]));
            } else {
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
