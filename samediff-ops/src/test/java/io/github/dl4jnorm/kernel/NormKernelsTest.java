package io.github.dl4jnorm.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * All passes on random shapes, roles of axes and layouts, with every implementation, against the formulas in double:
 * BatchNorm, LayerNorm, InstanceNorm, GroupNorm and what has no name.
 */
class NormKernelsTest {
    private static final int SMALL = 10_000;
    private static final int LARGE = 400_000;

    /**
     * The longest sum in the type of the data, in any loop: a chunk of 4096 in 4 registers of 4 lanes, or 128 rows.
     * Longer sums are formed in double.
     */
    private static final long LONGEST_SUM = InnerLoops.CHUNK / 16;

    @Property(tries = 500)
    void smallFloats(@ForAll long seed) {
        KernelCase c = new KernelCase(seed, SMALL);
        for (String name : Kernels.names()) {
            new Check<>(c, Numbers.floats()).againstTheFormulas(name);
        }
    }

    @Property(tries = 500)
    void smallDoubles(@ForAll long seed) {
        new Check<>(new KernelCase(seed, SMALL), Numbers.doubles()).againstTheFormulas(KernelChoice.SCALAR);
    }

    @Property(tries = 10)
    void largeFloats(@ForAll long seed) {
        KernelCase c = new KernelCase(seed, LARGE);
        for (String name : Kernels.names()) {
            new Check<>(c, Numbers.floats()).againstTheFormulas(name);
        }
    }

    @Property(tries = 10)
    void anyNumberOfThreadsGivesTheSameBits(@ForAll long seed) {
        String name = Kernels.names().get(Kernels.names().size() - 1);
        List<double[]> one = new Check<>(new KernelCase(seed, LARGE), Numbers.floats()).results(name, 1);
        for (int threads : new int[] {2, 3, 7}) {
            KernelCase c = new KernelCase(seed, LARGE);
            List<double[]> many = new Check<>(c, Numbers.floats()).results(name, threads);
            for (int i = 0; i < one.size(); i++) {
                assertArrayEquals(one.get(i), many.get(i), c + ", threads " + threads + ", result " + i);
            }
        }
    }

    @Property(tries = 500)
    void rectifiedFloats(@ForAll long seed) {
        for (String name : Kernels.names()) {
            new Check<>(new KernelCase(seed, SMALL), Numbers.floats()).rectified(name);
        }
    }

    @Property(tries = 200)
    void rectifiedDoubles(@ForAll long seed) {
        new Check<>(new KernelCase(seed, SMALL), Numbers.doubles()).rectified(KernelChoice.SCALAR);
    }

    @Property(tries = 10)
    void rectifiedLargeFloats(@ForAll long seed) {
        for (String name : Kernels.names()) {
            new Check<>(new KernelCase(seed, LARGE), Numbers.floats()).rectified(name);
        }
    }

    private interface Forward<A> {
        Pass<A> pass(Operand<A> in, Affine<A> affine, Operand<A> out);
    }

    private interface Backward<A> {
        Pass<A> pass(Operand<A> in, Operand<A> dOut, Affine<A> affine, Operand<A> dIn);
    }

    /** One case, in one type. */
    private static final class Check<A> {
        private final KernelCase c;
        private final Numbers<A> numbers;
        private final double[] x;
        private final double[] dy;
        private final double[] gamma;
        private final double[] beta;

        Check(KernelCase c, Numbers<A> numbers) {
            this.c = c;
            this.numbers = numbers;
            this.x = c.values(1, c.length());
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) (x[i] + c.offset);
            }
            this.dy = c.values(2, c.length());
            this.gamma = c.withGamma ? c.values(3, c.count(c.affine())) : null;
            this.beta = c.withBeta ? c.values(4, c.count(c.affine())) : null;
        }

        private Operand<A> whole(double... values) {
            return numbers.operand(c, c.layout(c.all()), values);
        }

        private Operand<A> statistic(double... values) {
            return numbers.operand(c, c.layout(c.kept()), values);
        }

        private Operand<A> parameter(double... values) {
            return values == null ? null : numbers.operand(c, c.layout(c.affine()), values);
        }

        private double[] readWhole(Operand<A> operand) {
            return Numbers.read(c, c.all(), operand);
        }

        private double[] readStatistic(Operand<A> operand) {
            return Numbers.read(c, c.kept(), operand);
        }

        private double[] readParameter(Operand<A> operand) {
            return operand == null ? new double[0] : Numbers.read(c, c.affine(), operand);
        }

        /**
         * A rectified pass computes the bits of the pass without, followed by max(0, ·). And whatever ways through
         * memory the two take, its gradient knows exactly which outputs were positive.
         */
        void rectified(String name) {
            NormKernels<A> kernels = numbers.kernels(name, 2);
            Operand<A> mean = statistic();
            Operand<A> meanRest = statistic();
            Operand<A> variance = statistic();
            Operand<A> invStd = statistic();
            assertRectifies(
                    kernels,
                    (in, affine, out) -> new Standardize<>(in, affine, c.eps, out, mean, meanRest, variance, invStd),
                    (in, dOut, affine, dIn) ->
                            new StandardizeBackward<>(in, dOut, affine, mean, meanRest, invStd, dIn));
            assertRectifies(
                    kernels,
                    (in, affine, out) -> new ApplyStats<>(in, affine, mean, invStd, out),
                    (in, dOut, affine, dIn) -> new ApplyStatsBackward<>(in, dOut, affine, mean, invStd, dIn));
        }

        private void assertRectifies(NormKernels<A> kernels, Forward<A> forward, Backward<A> backward) {
            Operand<A> g = parameter(gamma);
            Operand<A> b = parameter(beta);
            Operand<A> in = whole(x);
            Operand<A> out = whole();
            if (b != null) {
                kernels.run(c.groups, forward.pass(in, new Affine<>(g, null, null, null, false), out));
                Numbers.write(c, c.affine(), b, onTheEdge(readWhole(out)));
            }
            kernels.run(c.groups, forward.pass(in, new Affine<>(g, b, null, null, false), out));
            double[] y = readWhole(out);
            kernels.run(c.groups, forward.pass(in, new Affine<>(g, b, null, null, true), out));
            double[] rectified = Arrays.stream(y).map(v -> Math.max(v, 0)).toArray();
            assertArrayEquals(rectified, readWhole(out), "y of " + c);

            Operand<A> again = whole(x);
            Operand<A> dOut = whole(dy);
            Operand<A> dIn = whole();
            Operand<A> dGamma = c.withGradients ? parameter(new double[0]) : null;
            Operand<A> dBeta = c.withGradients ? parameter(new double[0]) : null;
            kernels.run(c.groups, backward.pass(again, dOut, new Affine<>(g, b, dGamma, dBeta, true), dIn));
            double[] dx = readWhole(dIn);
            double[] ofGamma = readParameter(dGamma);
            double[] ofBeta = readParameter(dBeta);
            double[] passed = IntStream.range(0, y.length)
                    .mapToDouble(i -> y[i] > 0 ? dy[i] : 0)
                    .toArray();
            Numbers.write(c, c.all(), dOut, passed);
            kernels.run(c.groups, backward.pass(again, dOut, new Affine<>(g, b, dGamma, dBeta, false), dIn));
            assertArrayEquals(readWhole(dIn), dx, "dx of " + c);
            assertArrayEquals(readParameter(dGamma), ofGamma, "dGamma of " + c);
            assertArrayEquals(readParameter(dBeta), ofBeta, "dBeta of " + c);
        }

        /** A beta that moves an output of each parameter to 0, where the last bit of a coefficient decides on its sign. */
        private double[] onTheEdge(double... withoutBeta) {
            double[] edge = new double[c.count(c.affine())];
            long[] shape = c.groups.shape();
            for (int i = 0; i < withoutBeta.length; i++) {
                int rest = i;
                int parameter = 0;
                int step = 1;
                for (int axis = shape.length - 1; axis >= 0; axis--) {
                    if (c.groups.affine()[axis]) {
                        parameter += rest % (int) shape[axis] * step;
                        step *= (int) shape[axis];
                    }
                    rest /= (int) shape[axis];
                }
                edge[parameter] = -withoutBeta[i];
            }
            return edge;
        }

        /** Everything that all passes compute, in a fixed order. */
        List<double[]> results(String name, int threads) {
            NormKernels<A> kernels = numbers.kernels(name, threads);
            List<double[]> results = new ArrayList<>();

            Operand<A> y = whole();
            Operand<A> mean = statistic();
            Operand<A> meanRest = c.withBeta ? statistic() : null;
            Operand<A> variance = statistic();
            Operand<A> invStd = statistic();
            Affine<A> forward = new Affine<>(parameter(gamma), parameter(beta), null, null, false);
            kernels.run(c.groups, new Standardize<>(whole(x), forward, c.eps, y, mean, meanRest, variance, invStd));
            results.add(readWhole(y));
            results.add(readStatistic(mean));
            results.add(readStatistic(variance));
            results.add(readStatistic(invStd));

            for (boolean given : new boolean[] {false, true}) {
                Operand<A> dx = whole();
                Operand<A> dGamma = c.withGradients ? parameter(new double[0]) : null;
                Operand<A> dBeta = c.withGradients ? parameter(new double[0]) : null;
                Affine<A> backward = new Affine<>(parameter(gamma), null, dGamma, dBeta, false);
                kernels.run(
                        c.groups,
                        given
                                ? new ApplyStatsBackward<>(whole(x), whole(dy), backward, mean, invStd, dx)
                                : new StandardizeBackward<>(whole(x), whole(dy), backward, mean, meanRest, invStd, dx));
                results.add(readWhole(dx));
                results.add(readParameter(dGamma));
                results.add(readParameter(dBeta));
            }

            Operand<A> applied = whole();
            kernels.run(c.groups, new ApplyStats<>(whole(x), forward, mean, invStd, applied));
            results.add(readWhole(applied));

            Operand<A> ratio = whole();
            Operand<A> sum = statistic();
            double[] positive = positive();
            kernels.run(c.groups, new DivideBySum<>(whole(positive), 0.5, ratio, sum));
            results.add(readWhole(ratio));
            results.add(readStatistic(sum));

            Operand<A> dx = whole();
            kernels.run(c.groups, new DivideBySumBackward<>(whole(positive), whole(dy), sum, dx));
            results.add(readWhole(dx));
            return results;
        }

        private double[] positive() {
            double[] positive = x.clone();
            for (int i = 0; i < x.length; i++) {
                positive[i] = (float) (0.1 + Math.abs(x[i]));
            }
            return positive;
        }

        void againstTheFormulas(String name) {
            Reference reference = Reference.of(c.groups.shape(), c.reduced(), c.affine());
            List<double[]> all = results(name, 2);
            int next = 0;

            Reference.Standardized forward = reference.standardize(x, gamma, beta, c.eps);
            assertClose("y", forward.y(), all.get(next++));
            double[] mean = all.get(next++);
            assertClose("mean", forward.mean(), mean);
            assertClose("variance", forward.variance(), all.get(next++));
            double[] invStd = all.get(next++);
            assertClose("invStd", forward.invStd(), invStd);

            Reference.Gradients backward = reference.standardizeBackward(x, dy, gamma, mean, invStd);
            assertClose("dx", backward.dx(), all.get(next++));
            next = assertGradients(backward.dGamma(), backward.dBeta(), all, next);

            double[] exactVariance = new double[invStd.length];
            for (int i = 0; i < invStd.length; i++) {
                exactVariance[i] = 1 / (invStd[i] * invStd[i]);
            }
            Reference.GivenGradients given = reference.applyStatsBackward(x, dy, mean, exactVariance, gamma, 0);
            assertClose("given dx", given.dx(), all.get(next++));
            next = assertGradients(given.dGamma(), given.dBeta(), all, next);
            assertClose("applied", reference.applyStats(x, mean, exactVariance, gamma, beta, 0), all.get(next++));

            double[] positive = positive();
            Reference.SumNormalized ratio = reference.divideBySum(positive, 0.5);
            assertClose("ratio", ratio.y(), all.get(next++));
            double[] sum = all.get(next++);
            assertClose("sum", ratio.sum(), sum);
            assertClose("ratio dx", reference.divideBySumBackward(positive, dy, sum), all.get(next));
        }

        private int assertGradients(Expected dGamma, Expected dBeta, List<double[]> all, int next) {
            if (c.withGradients) {
                assertClose("dGamma", dGamma, all.get(next));
                assertClose("dBeta", dBeta, all.get(next + 1));
            }
            return next + 2;
        }

        private void assertClose(String what, Expected expected, double[] actual) {
            DataType type = numbers.type();
            long length = type == DataType.FLOAT ? Math.min(LONGEST_SUM, expected.length()) : expected.length();
            Tolerances.assertClose(
                    what + " of " + c, new Expected(expected.values(), expected.magnitudes(), length), actual, type);
        }
    }
}
