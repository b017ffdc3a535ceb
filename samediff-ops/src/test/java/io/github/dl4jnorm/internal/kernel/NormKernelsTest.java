package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
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

    @Property(tries = 300)
    void smallFloats(@ForAll long seed) {
        KernelCase c = new KernelCase(seed, SMALL);
        for (String name : Kernels.names()) {
            new Check<>(c, Numbers.floats()).againstTheFormulas(name);
        }
    }

    @Property(tries = 300)
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

    @Property(tries = 200)
    void rectifiedFloats(@ForAll long seed) {
        for (String name : Kernels.names()) {
            new Check<>(new KernelCase(seed, SMALL), Numbers.floats()).rectified(name);
        }
    }

    @Property(tries = 80)
    void rectifiedDoubles(@ForAll long seed) {
        new Check<>(new KernelCase(seed, SMALL), Numbers.doubles()).rectified(KernelChoice.SCALAR);
    }

    @Property(tries = 10)
    void rectifiedLargeFloats(@ForAll long seed) {
        for (String name : Kernels.names()) {
            new Check<>(new KernelCase(seed, LARGE), Numbers.floats()).rectified(name);
        }
    }

    /** One case, in one type. */
    private static final class Check<A> {
        private final KernelCase c;
        private final Numbers<A> numbers;
        private final double[] x;
        private final double[] dy;
        private final double[] gamma;
        private final double[] beta;
        private final double[] givenMean;
        private final double[] givenVariance;

        Check(KernelCase c, Numbers<A> numbers) {
            this.c = c;
            this.numbers = numbers;
            this.x = c.values(1, c.length());
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) (x[i] + c.offset);
            }
            this.dy = c.values(2, c.length());
            this.gamma = c.withGamma ? c.values(3, c.count(c.groups.affine())) : null;
            this.beta = c.withBeta ? c.values(4, c.count(c.groups.affine())) : null;
            int groups = c.count(c.groups.kept());
            this.givenMean = Arrays.stream(c.values(5, groups))
                    .map(v -> (float) (v + c.offset))
                    .toArray();
            this.givenVariance = Arrays.stream(c.values(6, groups))
                    .map(v -> (float) (0.1 + v * v))
                    .toArray();
        }

        private Operand<A> whole(double... values) {
            return numbers.operand(c, c.layout(c.all()), values);
        }

        private Operand<A> statistic(double... values) {
            return numbers.operand(c, c.layout(c.groups.kept()), values);
        }

        private Operand<A> parameter(double... values) {
            return values == null ? null : numbers.operand(c, c.layout(c.groups.affine()), values);
        }

        private double[] readWhole(Operand<A> operand) {
            return Numbers.read(c, c.all(), operand);
        }

        private double[] readStatistic(Operand<A> operand) {
            return operand == null ? new double[0] : Numbers.read(c, c.groups.kept(), operand);
        }

        private double[] readParameter(Operand<A> operand) {
            return operand == null ? new double[0] : Numbers.read(c, c.groups.affine(), operand);
        }

        private NormSpec spec(Statistic statistic) {
            // The axes of a spec do not matter to kernels, which get groups.
            double eps = statistic == Statistic.SUM ? 0.5 : c.eps;
            return new NormSpec(statistic, NormAxes.over(0), eps);
        }

        /** Sums of the normal x cancel, so x of a sum is positive. */
        private double[] x(Statistic statistic) {
            return statistic == Statistic.SUM ? positive() : x;
        }

        /** Statistics as an engine allocates them; those of given ones hold them. */
        private StatisticOperands<A> statistics(Statistic statistic, boolean withResidual) {
            if (statistic.isGiven()) {
                return new StatisticOperands<>(statistic(givenMean), null, statistic(givenVariance), null);
            }
            return new StatisticOperands<>(
                    statistic.isCentered() ? statistic() : null,
                    statistic.isCentered() && withResidual ? statistic() : null,
                    statistic(),
                    statistic == Statistic.SUM ? null : statistic());
        }

        /** Runs a forward pass on arrays that lie somewhere. */
        private double[] forward(
                NormKernels<A> kernels,
                NormSpec spec,
                Operand<A> in,
                ParameterOperands<A> parameters,
                StatisticOperands<A> statistics,
                Operand<A> out) {
            kernels.run(new ForwardPass<>(spec, c.groups, in, parameters, statistics, out));
            return readWhole(out);
        }

        /** Runs a backward pass on arrays that lie somewhere: dx, dGamma and dBeta. */
        private List<double[]> backward(
                NormKernels<A> kernels,
                NormSpec spec,
                Operand<A> in,
                Operand<A> gradient,
                ParameterOperands<A> parameters,
                StatisticOperands<A> statistics,
                Operand<A> dIn) {
            kernels.run(new BackwardPass<>(spec, c.groups, in, gradient, parameters, statistics, dIn));
            return List.of(readWhole(dIn), readParameter(parameters.dGamma()), readParameter(parameters.dBeta()));
        }

        private Operand<A> gradient() {
            return c.withGradients ? parameter(new double[0]) : null;
        }

        /**
         * A rectified pass computes the bits of the pass without, followed by max(0, ·). And whatever ways through
         * memory the two take, its gradient knows exactly which outputs were positive.
         */
        void rectified(String name) {
            for (Statistic statistic : Statistic.values()) {
                assertRectifies(numbers.kernels(name, 2), spec(statistic));
            }
        }

        private void assertRectifies(NormKernels<A> kernels, NormSpec plain) {
            NormSpec rectified = plain.with(FusedActivation.RELU);
            String what = plain.statistic() + " of " + c;
            StatisticOperands<A> statistics = statistics(plain.statistic(), true);
            Operand<A> g = parameter(gamma);
            Operand<A> b = parameter(beta);
            Operand<A> in = whole(x(plain.statistic()));
            Operand<A> out = whole();
            if (b != null) {
                ParameterOperands<A> gammaOnly = new ParameterOperands<>(g, null, null, null);
                double[] withoutBeta = forward(kernels, plain, in, gammaOnly, statistics, out);
                Numbers.write(c, c.groups.affine(), b, onTheEdge(withoutBeta));
            }
            ParameterOperands<A> parameters = new ParameterOperands<>(g, b, null, null);
            double[] y = forward(kernels, plain, in, parameters, statistics, out);
            double[] positive = Arrays.stream(y).map(v -> Math.max(v, 0)).toArray();
            assertArrayEquals(positive, forward(kernels, rectified, in, parameters, statistics, out), "y, " + what);

            Operand<A> again = whole(x(plain.statistic()));
            Operand<A> dOut = whole(dy);
            Operand<A> dIn = whole();
            ParameterOperands<A> both = new ParameterOperands<>(g, b, gradient(), gradient());
            List<double[]> actual = backward(kernels, rectified, again, dOut, both, statistics, dIn);
            double[] passed = IntStream.range(0, y.length)
                    .mapToDouble(i -> y[i] > 0 ? dy[i] : 0)
                    .toArray();
            Numbers.write(c, c.all(), dOut, passed);
            List<double[]> expected = backward(kernels, plain, again, dOut, both, statistics, dIn);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(
                        expected.get(i),
                        actual.get(i),
                        List.of("dx", "dGamma", "dBeta").get(i) + ", " + what);
            }
        }

        /** A beta that moves an output of each parameter to 0, where the last bit of a coefficient decides on its sign. */
        private double[] onTheEdge(double... withoutBeta) {
            double[] edge = new double[c.count(c.groups.affine())];
            long[] shape = c.shape;
            boolean[] affine = new boolean[shape.length];
            for (int axis : c.groups.affine()) {
                affine[axis] = true;
            }
            for (int i = 0; i < withoutBeta.length; i++) {
                int rest = i;
                int parameter = 0;
                int step = 1;
                for (int axis = shape.length - 1; axis >= 0; axis--) {
                    if (affine[axis]) {
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
            List<double[]> results = new ArrayList<>();
            for (Statistic statistic : Statistic.values()) {
                results.addAll(results(statistic, numbers.kernels(name, threads)));
            }
            return results;
        }

        /** y, dx, dGamma, dBeta and what there is of center, measure and scale. */
        private List<double[]> results(Statistic statistic, NormKernels<A> kernels) {
            NormSpec spec = spec(statistic);
            StatisticOperands<A> statistics = statistics(statistic, c.withResidual);
            List<double[]> results = new ArrayList<>();
            ParameterOperands<A> forward = new ParameterOperands<>(parameter(gamma), parameter(beta), null, null);
            results.add(forward(kernels, spec, whole(x(statistic)), forward, statistics, whole()));
            ParameterOperands<A> backward = new ParameterOperands<>(parameter(gamma), null, gradient(), gradient());
            results.addAll(backward(kernels, spec, whole(x(statistic)), whole(dy), backward, statistics, whole()));
            results.add(readStatistic(statistics.center()));
            results.add(readStatistic(statistics.measure()));
            results.add(readStatistic(statistics.scale()));
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
            for (Statistic statistic : Statistic.values()) {
                againstTheFormulas(statistic, numbers.kernels(name, 2));
            }
        }

        private void againstTheFormulas(Statistic statistic, NormKernels<A> kernels) {
            Reference reference = Reference.ofRoles(
                    spec(statistic), c.shape, c.groups.kept(), c.groups.affine(), givenMean, givenVariance);
            boolean rounded = statistic == Statistic.MEAN_VARIANCE && !c.withResidual;
            Reference.Forward forward = reference.forward(x(statistic), gamma, beta);
            Reference.Gradients backward =
                    (rounded ? reference.withRoundedCenter() : reference).backward(x(statistic), dy, gamma, null);
            List<double[]> actual = results(statistic, kernels);
            String of = " of " + statistic;
            assertClose("y" + of, forward.y(), actual.get(0));
            assertClose("dx" + of, backward.dx(), actual.get(1));
            if (c.withGradients) {
                assertClose("dGamma" + of, backward.dGamma(), actual.get(2));
                assertClose("dBeta" + of, backward.dBeta(), actual.get(3));
            }
            if (statistic.isCentered()) {
                assertClose("center" + of, forward.center(), actual.get(4));
            }
            assertClose("measure" + of, forward.measure(), actual.get(5));
            if (actual.get(6).length > 0) {
                assertClose("scale" + of, forward.scale(), actual.get(6));
            }
        }

        private void assertClose(String what, Expected expected, double[] actual) {
            DataType type = numbers.type();
            long length = type == DataType.FLOAT ? Math.min(LONGEST_SUM, expected.length()) : expected.length();
            Tolerances.assertClose(
                    what + " of " + c, new Expected(expected.values(), expected.magnitudes(), length), actual, type);
        }
    }
}
