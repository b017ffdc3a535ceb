package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;

import io.github.dl4jnorm.testing.BatchNormPaths;
import io.github.dl4jnorm.testing.Differences;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Every gradient against opinions that do not share its derivation: central differences of the forward pass, the staged
 * backward pass through nine nodes, and the three paths of the paper.
 */
class GradientOpinionsTest {
    private final NDNorm norm = new NDNorm();

    @Property(tries = 60)
    void batchNorm(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        int axis = c.axes()[0];
        NDNorm.Standardized forward = norm.batchNorm(x, gamma, beta, c.eps(), axis);
        NDNorm.Gradients gradients = norm.batchNormBackward(x, dy, gamma, forward.stats(), axis);

        double bound = bound(dy, forward);
        assertDerivative("dx", gradients.dx(), dy, x, at -> norm.batchNorm(at, gamma, beta, c.eps(), axis), bound);
        assertDerivative(
                "dGamma", gradients.dGamma(), dy, gamma, at -> norm.batchNorm(x, at, beta, c.eps(), axis), bound);
        assertDerivative(
                "dBeta", gradients.dBeta(), dy, beta, at -> norm.batchNorm(x, gamma, at, c.eps(), axis), bound);
    }

    @Property(tries = 60)
    void batchNormInference(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);
        double eps = c.eps();
        int axis = c.axes()[0];
        INDArray y = norm.batchNormInference(x, mean, variance, gamma, beta, eps, axis);
        NDNorm.InferenceGradients gradients = norm.batchNormInferenceBackward(x, dy, mean, variance, gamma, eps, axis);

        double bound = Tolerances.ofDifferences(x.length(), magnitude(dy, y), Math.sqrt(0.1));
        assertClose(
                "dx",
                Doubles.of(gradients.dx()),
                Differences.gradient(at -> norm.batchNormInference(at, mean, variance, gamma, beta, eps, axis), dy, x),
                bound);
        assertClose(
                "dGamma",
                Doubles.of(gradients.dGamma()),
                Differences.gradient(at -> norm.batchNormInference(x, mean, variance, at, beta, eps, axis), dy, gamma),
                bound);
        assertClose(
                "dBeta",
                Doubles.of(gradients.dBeta()),
                Differences.gradient(at -> norm.batchNormInference(x, mean, variance, gamma, at, eps, axis), dy, beta),
                bound);
        assertClose(
                "dMean",
                Doubles.of(gradients.dMean()),
                Differences.gradient(at -> norm.batchNormInference(x, at, variance, gamma, beta, eps, axis), dy, mean),
                bound);
        assertClose(
                "dVariance",
                Doubles.of(gradients.dVariance()),
                Differences.gradient(at -> norm.batchNormInference(x, mean, at, gamma, beta, eps, axis), dy, variance),
                bound);
    }

    @Property(tries = 60)
    void layerNorm(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gain = c.parameter(1);
        INDArray bias = c.parameter(2);
        NDNorm.Standardized forward = norm.layerNorm(x, gain, bias, c.eps(), c.axes());
        NDNorm.Gradients gradients = norm.layerNormBackward(x, dy, gain, forward.stats(), c.axes());

        double bound = bound(dy, forward);
        assertDerivative("dx", gradients.dx(), dy, x, at -> norm.layerNorm(at, gain, bias, c.eps(), c.axes()), bound);
        assertDerivative(
                "dGain", gradients.dGamma(), dy, gain, at -> norm.layerNorm(x, at, bias, c.eps(), c.axes()), bound);
        assertDerivative(
                "dBias", gradients.dBeta(), dy, bias, at -> norm.layerNorm(x, gain, at, c.eps(), c.axes()), bound);
    }

    @Property(tries = 60)
    void sumNorm(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c, @ForAll boolean withEps) {
        INDArray x = c.mostlyPositiveX();
        INDArray dy = c.dy();
        double eps = withEps ? c.eps() : 0;
        NDNorm.SumNormalized forward = norm.sumNorm(x, eps, c.axes());
        double smallest =
                Arrays.stream(Doubles.of(forward.sum())).map(Math::abs).min().orElseThrow();

        assertClose(
                "dx",
                Doubles.of(norm.sumNormBackward(x, dy, forward.sum(), c.axes())),
                Differences.gradient(at -> norm.sumNorm(at, eps, c.axes()).y(), dy, x),
                Tolerances.ofDifferences(x.length(), magnitude(dy, forward.y()), Math.min(1, smallest)));
    }

    @Property(tries = 100)
    void batchNormAlongItsPaths(
            @ForAll @IntRange(min = 1, max = 40) int n, @ForAll @IntRange(min = 1, max = 20) int d, @ForAll long seed) {
        long[] shape = {n, d};
        double[] x = Samples.gaussian(seed, n * d);
        double[] dy = Samples.gaussian(seed + 1, n * d);
        double[] gamma = Samples.gaussian(seed + 2, d);
        double eps = 1e-3;
        INDArray xArray = Doubles.toArray(DataType.DOUBLE, shape, x);
        INDArray gammaArray = Doubles.toArray(DataType.DOUBLE, new long[] {d}, gamma);
        NDNorm.Standardized forward = norm.batchNorm(xArray, gammaArray, null, eps, 1);
        NDNorm.Gradients gradients = norm.batchNormBackward(
                xArray, Doubles.toArray(DataType.DOUBLE, shape, dy), gammaArray, forward.stats(), 1);

        // The paths divide by the variance one power more than the collapsed formula does.
        double magnitude = largest(dy) * Math.max(1, largest(gamma)) * Math.pow(eps, -1.5);
        double bound = Tolerances.bound(DataType.DOUBLE, n, 0, magnitude);
        BatchNormPaths paths = new BatchNormPaths(rows(x, d), rows(dy, d), gamma, eps);
        for (BatchNormPaths.Gradients path : List.of(paths.nineSteps(), paths.threePaths())) {
            double[] dx =
                    Arrays.stream(path.dx()).flatMapToDouble(Arrays::stream).toArray();
            assertClose("dx", dx, Doubles.of(gradients.dx()), bound);
            assertClose("dGamma", path.dGamma(), Doubles.of(gradients.dGamma()), n * bound);
            assertClose("dBeta", path.dBeta(), Doubles.of(gradients.dBeta()), n * bound);
        }
    }

    private interface Standardization {
        NDNorm.Standardized of(INDArray at);
    }

    private static void assertDerivative(
            String what, INDArray actual, INDArray dy, INDArray at, Standardization forward, double bound) {
        double[] numerical = Differences.gradient(point -> forward.of(point).y(), dy, at);
        assertClose(what, numerical, Doubles.of(actual), bound);
    }

    private static double bound(INDArray dy, NDNorm.Standardized forward) {
        return Tolerances.ofDifferences(
                dy.length(), magnitude(dy, forward.y()), Math.min(1, 1 / largest(Doubles.of(forward.invStd()))));
    }

    /** Σ|dy|·(1+|y|). */
    private static double magnitude(INDArray dy, INDArray y) {
        double[] weights = Doubles.of(dy);
        double[] values = Doubles.of(y);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += Math.abs(weights[i]) * (1 + Math.abs(values[i]));
        }
        return sum;
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElseThrow();
    }

    private static double[][] rows(double[] flat, int d) {
        double[][] rows = new double[flat.length / d][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * d, (i + 1) * d);
        }
        return rows;
    }
}
