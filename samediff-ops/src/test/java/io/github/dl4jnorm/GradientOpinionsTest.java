package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.BatchNormPaths;
import io.github.dl4jnorm.testing.Differences;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
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

    @Property(tries = 50)
    void batchNorm(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        assertDerivatives(c, NormSpec.batchNorm(c.eps(), c.axes()[0]), c.x(), c.parameter(1), c.parameter(2));
    }

    @Property(tries = 50)
    void layerNorm(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        assertDerivatives(c, NormSpec.layerNorm(c.eps(), c.axes()), c.x(), c.parameter(1), c.parameter(2));
    }

    @Property(tries = 50)
    void groupNorm(@ForAll(supplier = NormCase.SmallPerExample.class) NormCase c) {
        NormSpec spec = NormSpec.groupNorm(c.channelGroups(), c.eps(), c.axes()[0]);
        assertDerivatives(c, spec, c.x(), c.parameter(1), c.parameter(2));
    }

    @Property(tries = 50)
    void instanceNorm(@ForAll(supplier = NormCase.SmallPerExample.class) NormCase c) {
        assertDerivatives(c, NormSpec.instanceNorm(c.eps(), c.axes()[0]), c.x(), c.parameter(1), c.parameter(2));
    }

    @Property(tries = 50)
    void rmsNorm(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c, @ForAll boolean unitOffset) {
        NormSpec spec = NormSpec.rmsNorm(c.eps(), c.axes()).withUnitOffset(unitOffset);
        assertDerivatives(c, spec, c.x(), c.parameter(1), c.optionalParameter(2));
    }

    @Property(tries = 50)
    void unitNorm(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        assertDerivatives(c, NormSpec.unitNorm(c.eps(), c.axes()), c.x(), c.optionalParameter(1), null);
    }

    @Property(tries = 50)
    void sumNorm(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c, @ForAll boolean withEps) {
        NormSpec spec = NormSpec.sumNorm(withEps ? c.eps() : 0, c.axes());
        assertDerivatives(c, spec, c.mostlyPositiveX(), c.optionalParameter(1), c.optionalParameter(2));
    }

    /** Central differences, with respect to x and those parameters that there are. */
    private void assertDerivatives(NormCase c, NormSpec spec, INDArray x, INDArray gamma, INDArray beta) {
        INDArray dy = c.dy();
        Normalized forward = norm.normalize(spec, x, gamma, beta);
        NormGradients gradients = forward.backward(dy);
        Reference.Forward exact =
                Reference.of(spec, x.shape()).forward(Doubles.of(x), Doubles.orNull(gamma), Doubles.orNull(beta));
        double scale = Math.min(1, 1 / largest(exact.scale().values()));
        double bound = Tolerances.ofDifferences(x.length(), magnitude(dy, spec, gamma, exact), scale);
        assertDerivative("dx", gradients.dx(), dy, x, at -> norm.normalize(spec, at, gamma, beta), bound);
        if (gamma != null) {
            assertDerivative("dGamma", gradients.dGamma(), dy, gamma, at -> norm.normalize(spec, x, at, beta), bound);
        }
        if (beta != null) {
            assertDerivative("dBeta", gradients.dBeta(), dy, beta, at -> norm.normalize(spec, x, gamma, at), bound);
        }
    }

    @Property(tries = 50)
    void batchNormInference(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);
        double eps = c.eps();
        int axis = c.axes()[0];
        Normalized forward = norm.batchNormInference(x, mean, variance, gamma, beta, eps, axis);
        NormGradients gradients = forward.backward(dy);

        Reference.Forward exact = Reference.given(forward.spec(), x.shape(), Doubles.of(mean), Doubles.of(variance))
                .forward(Doubles.of(x), Doubles.of(gamma), Doubles.of(beta));
        double magnitude = magnitude(dy, forward.spec(), gamma, exact);
        double bound = Tolerances.ofDifferences(x.length(), magnitude, Math.sqrt(0.1));
        Normalization ofX = at -> norm.batchNormInference(at, mean, variance, gamma, beta, eps, axis);
        Normalization ofGamma = at -> norm.batchNormInference(x, mean, variance, at, beta, eps, axis);
        Normalization ofBeta = at -> norm.batchNormInference(x, mean, variance, gamma, at, eps, axis);
        assertDerivative("dx", gradients.dx(), dy, x, ofX, bound);
        assertDerivative("dGamma", gradients.dGamma(), dy, gamma, ofGamma, bound);
        assertDerivative("dBeta", gradients.dBeta(), dy, beta, ofBeta, bound);
        assertDerivative(
                "dMean",
                gradients.dMean(),
                dy,
                mean,
                at -> norm.batchNormInference(x, at, variance, gamma, beta, eps, axis),
                bound);
        assertDerivative(
                "dVariance",
                gradients.dVariance(),
                dy,
                variance,
                at -> norm.batchNormInference(x, mean, at, gamma, beta, eps, axis),
                bound);
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
        INDArray betaArray = gammaArray.like();
        NormGradients gradients = norm.batchNorm(xArray, gammaArray, betaArray, eps, 1)
                .backward(Doubles.toArray(DataType.DOUBLE, shape, dy));

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

    private interface Normalization {
        Normalized of(INDArray at);
    }

    private static void assertDerivative(
            String what, INDArray actual, INDArray dy, INDArray at, Normalization forward, double bound) {
        double[] numerical = Differences.gradient(point -> forward.of(point).y(), dy, at);
        assertClose(what, numerical, Doubles.of(actual), bound);
    }

    /** Σ|dy|·(|γ| + |γ·x̂| + |β|): what changes by the order of its own size where x changes by 1/s. */
    private static double magnitude(INDArray dy, NormSpec spec, INDArray gamma, Reference.Forward exact) {
        double factor = gamma == null ? 1 : largest(Doubles.of(gamma)) + (spec.unitOffset() ? 1 : 0);
        double[] weights = Doubles.of(dy);
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += Math.abs(weights[i]) * (factor + exact.y().magnitudes()[i]);
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
