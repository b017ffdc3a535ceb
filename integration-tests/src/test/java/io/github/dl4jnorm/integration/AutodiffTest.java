package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.SDNorm;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Every op, every output and the gradient of every input against SameDiff's autodiff of the same formula composed from
 * its primitive ops, in double.
 */
class AutodiffTest {
    private static final int TRIES = 25;
    private static final double EPS = 1e-3;

    /** An array, how it lies in memory, and axes of it: the first alone is the channels, all are normalized over. */
    record Sample(long[] shape, int[] axes, Layout layout, long seed) {
        int rank() {
            return shape.length;
        }

        int channelAxis() {
            return Math.floorMod(axes[0], rank());
        }

        int[] sortedAxes() {
            return Arrays.stream(axes)
                    .map(axis -> Math.floorMod(axis, rank()))
                    .sorted()
                    .toArray();
        }

        int[] allBut(int axis) {
            return IntStream.range(0, rank()).filter(other -> other != axis).toArray();
        }

        INDArray x() {
            return layout.create(DataType.DOUBLE, shape, Samples.gaussian(seed, Doubles.length(shape)));
        }

        INDArray positiveX() {
            return layout.create(DataType.DOUBLE, shape, Samples.mostlyPositive(seed, Doubles.length(shape)));
        }

        /** A parameter of the shape of some axes. */
        INDArray parameter(int salt, int... of) {
            long[] sizes = Arrays.stream(of).mapToLong(axis -> shape[axis]).toArray();
            return Doubles.toArray(DataType.DOUBLE, sizes, Samples.gaussian(seed + salt, Doubles.length(sizes)));
        }

        /** The shape of a parameter in which it broadcasts against x. */
        long[] broadcastable(int... of) {
            long[] sizes = new long[rank()];
            Arrays.fill(sizes, 1);
            for (int axis : of) {
                sizes[axis] = shape[axis];
            }
            return sizes;
        }

        @Override
        public String toString() {
            return Arrays.toString(shape) + " axes " + Arrays.toString(axes) + " " + layout + " seed " + seed;
        }
    }

    /**
     * No axis of size 1, over which SameDiff's own reductions fail, and never all axes: reduced over the whole array, its
     * autodiff differs from central differences, and from ours. Those cases have other oracles, beside the ops.
     */
    @Provide
    Arbitrary<Sample> samples() {
        return Arbitraries.longs()
                .between(2, 4)
                .array(long[].class)
                .ofMinSize(2)
                .ofMaxSize(5)
                .flatMap(
                        shape -> Combinators.combine(Samples.axes(shape.length), Samples.layouts(), Arbitraries.longs())
                                .as((axes, layout, seed) -> new Sample(shape, axes, layout, seed)))
                .filter(sample -> sample.axes().length < sample.rank());
    }

    /** One way to compute outputs from named inputs; the first output is y. */
    interface Formula {
        List<SDVariable> outputs(SameDiff sd, Map<String, SDVariable> inputs);
    }

    @Property(tries = TRIES)
    void batchNormTraining(@ForAll("samples") Sample s) {
        int c = s.channelAxis();
        int[] others = s.allBut(c);
        Map<String, INDArray> inputs = Map.of("x", s.x(), "gamma", s.parameter(1, c), "beta", s.parameter(2, c));
        Formula primitives = (sd, in) -> {
            SDVariable mean = in.get("x").mean(true, others);
            SDVariable centered = in.get("x").sub(mean);
            SDVariable variance = centered.mul(centered).mean(true, others);
            SDVariable std = sd.math().sqrt(variance.add(EPS));
            SDVariable y = centered.div(std)
                    .mul(in.get("gamma").reshape(s.broadcastable(c)))
                    .add(in.get("beta").reshape(s.broadcastable(c)));
            return List.of(y, mean, mean.mul(0), variance, sd.math().reciprocal(std));
        };
        assertAlike(
                s,
                inputs,
                (sd, in) -> outputsOf(
                        sd,
                        new SDNorm(sd).batchNormTraining("y", in.get("x"), in.get("gamma"), in.get("beta"), EPS, c)),
                primitives);

        // The op that keeps running statistics computes the same when gradients are asked for.
        Map<String, INDArray> before = Map.of("mean", s.parameter(3, c), "var", s.parameter(4, c));
        INDArray mean = before.get("mean").dup();
        INDArray variance = before.get("var").dup();
        assertSameGradients(
                s,
                inputs,
                (sd, in) -> List.of(new SDNorm(sd)
                        .batchNorm(
                                "y",
                                in.get("x"),
                                in.get("gamma"),
                                in.get("beta"),
                                sd.constant("mean", mean),
                                sd.constant("var", variance),
                                EPS,
                                0.9,
                                c)),
                primitives);
        NDArrays.assertIdentical(before.get("mean"), mean);
        NDArrays.assertIdentical(before.get("var"), variance);
    }

    @Property(tries = TRIES)
    void batchNormInference(@ForAll("samples") Sample s) {
        int c = s.channelAxis();
        INDArray variance = s.parameter(4, c);
        Map<String, INDArray> inputs = Map.of(
                "x", s.x(),
                "gamma", s.parameter(1, c),
                "beta", s.parameter(2, c),
                "mean", s.parameter(3, c),
                "var", variance.mul(variance).addi(0.1));
        assertAlike(
                s,
                inputs,
                (sd, in) -> List.of(new SDNorm(sd)
                        .batchNormInference(
                                "y",
                                in.get("x"),
                                in.get("mean"),
                                in.get("var"),
                                in.get("gamma"),
                                in.get("beta"),
                                EPS,
                                c)),
                (sd, in) -> {
                    Map<String, SDVariable> wide = new LinkedHashMap<>();
                    for (String name : List.of("gamma", "beta", "mean", "var")) {
                        wide.put(name, in.get(name).reshape(s.broadcastable(c)));
                    }
                    return List.of(in.get("x")
                            .sub(wide.get("mean"))
                            .div(sd.math().sqrt(wide.get("var").add(EPS)))
                            .mul(wide.get("gamma"))
                            .add(wide.get("beta")));
                });
    }

    @Property(tries = TRIES)
    void layerNorm(@ForAll("samples") Sample s, @ForAll boolean hasGamma, @ForAll boolean hasBeta) {
        int[] axes = s.sortedAxes();
        Map<String, INDArray> inputs = new LinkedHashMap<>();
        inputs.put("x", s.x());
        if (hasGamma) {
            inputs.put("gamma", s.parameter(1, axes));
        }
        if (hasBeta) {
            inputs.put("beta", s.parameter(2, axes));
        }
        assertAlike(
                s,
                inputs,
                (sd, in) -> outputsOf(
                        sd, new SDNorm(sd).layerNorm("y", in.get("x"), in.get("gamma"), in.get("beta"), EPS, s.axes())),
                (sd, in) -> {
                    SDVariable mean = in.get("x").mean(true, axes);
                    SDVariable centered = in.get("x").sub(mean);
                    SDVariable variance = centered.mul(centered).mean(true, axes);
                    SDVariable std = sd.math().sqrt(variance.add(EPS));
                    SDVariable y = centered.div(std);
                    if (hasGamma) {
                        y = y.mul(in.get("gamma").reshape(s.broadcastable(axes)));
                    }
                    if (hasBeta) {
                        y = y.add(in.get("beta").reshape(s.broadcastable(axes)));
                    }
                    return List.of(y, mean, mean.mul(0), variance, sd.math().reciprocal(std));
                });
    }

    @Property(tries = TRIES)
    void sumNorm(@ForAll("samples") Sample s) {
        int[] axes = s.sortedAxes();
        assertAlike(
                s,
                Map.of("x", s.positiveX().addi(0.2)),
                (sd, in) -> outputsOf(sd, new SDNorm(sd).sumNorm("y", in.get("x"), 0.5, s.axes())),
                (sd, in) -> {
                    SDVariable sum = in.get("x").sum(true, axes);
                    return List.of(in.get("x").div(sum.add(0.5)), sum);
                });
    }

    @Property(tries = TRIES)
    void groupNorm(@ForAll("samples") Sample s, @ForAll boolean split) {
        int c = Math.max(1, s.channelAxis());
        long channels = s.shape()[c];
        // Not as many groups as channels: that would be a reduction over an axis of size 1.
        int groups = split && channels == 4 ? 2 : 1;
        long[] grouped = new long[s.rank() + 1];
        System.arraycopy(s.shape(), 0, grouped, 0, c);
        grouped[c] = groups;
        grouped[c + 1] = channels / groups;
        System.arraycopy(s.shape(), c + 1, grouped, c + 2, s.rank() - c - 1);
        int[] reduced =
                IntStream.range(1, s.rank() + 1).filter(axis -> axis != c).toArray();
        assertAlike(
                s,
                Map.of("x", s.x(), "gamma", s.parameter(1, c), "beta", s.parameter(2, c)),
                (sd, in) -> outputsOf(
                        sd,
                        new SDNorm(sd).groupNorm("y", in.get("x"), groups, in.get("gamma"), in.get("beta"), EPS, c)),
                (sd, in) -> standardized(sd, in, in.get("x").reshape(grouped), s.shape(), s.broadcastable(c), reduced));
    }

    @Property(tries = TRIES)
    void instanceNorm(@ForAll("samples") Sample s) {
        Assume.that(s.rank() > 2);
        int c = Math.max(1, s.channelAxis());
        int[] reduced = IntStream.range(1, s.rank()).filter(axis -> axis != c).toArray();
        assertAlike(
                s,
                Map.of("x", s.x(), "gamma", s.parameter(1, c), "beta", s.parameter(2, c)),
                (sd, in) -> outputsOf(
                        sd, new SDNorm(sd).instanceNorm("y", in.get("x"), in.get("gamma"), in.get("beta"), EPS, c)),
                (sd, in) -> standardized(sd, in, in.get("x"), s.shape(), s.broadcastable(c), reduced));
    }

    private static List<SDVariable> standardized(
            SameDiff sd, Map<String, SDVariable> in, SDVariable x, long[] shape, long[] broadcastable, int... reduced) {
        SDVariable mean = x.mean(true, reduced);
        SDVariable centered = x.sub(mean);
        SDVariable variance = centered.mul(centered).mean(true, reduced);
        SDVariable std = sd.math().sqrt(variance.add(EPS));
        SDVariable y = centered.div(std)
                .reshape(shape)
                .mul(in.get("gamma").reshape(broadcastable))
                .add(in.get("beta").reshape(broadcastable));
        return List.of(y, mean, mean.mul(0), variance, sd.math().reciprocal(std));
    }

    @Property(tries = TRIES)
    void rmsNorm(@ForAll("samples") Sample s) {
        int[] axes = s.sortedAxes();
        assertAlike(
                s,
                Map.of("x", s.x(), "gamma", s.parameter(1, axes)),
                (sd, in) -> outputsOf(sd, new SDNorm(sd).rmsNorm("y", in.get("x"), in.get("gamma"), EPS, s.axes())),
                (sd, in) -> {
                    SDVariable x = in.get("x");
                    SDVariable square = x.mul(x).mean(true, axes);
                    SDVariable root = sd.math().sqrt(square.add(EPS));
                    SDVariable y = x.div(root).mul(in.get("gamma").reshape(s.broadcastable(axes)));
                    return List.of(y, square, sd.math().reciprocal(root));
                });
    }

    /** With vectors that are all longer than √ε, and with some that are shorter. */
    @Property(tries = TRIES)
    void unitNorm(@ForAll("samples") Sample s) {
        int[] axes = s.sortedAxes();
        int m = Arrays.stream(axes).map(axis -> (int) s.shape()[axis]).reduce(1, (a, b) -> a * b);
        for (double eps : new double[] {EPS, 0.7 * m}) {
            assertAlike(
                    s,
                    Map.of("x", s.x()),
                    (sd, in) -> outputsOf(sd, new SDNorm(sd).unitNorm("y", in.get("x"), eps, s.axes())),
                    (sd, in) -> {
                        SDVariable x = in.get("x");
                        SDVariable square = x.mul(x).sum(true, axes);
                        SDVariable norm = sd.math().sqrt(sd.math().max(square, sd.constant(eps)));
                        return List.of(x.div(norm), square, sd.math().reciprocal(norm));
                    });
        }
    }

    /** y, and the saved statistics that the op puts out beside it. */
    private static List<SDVariable> outputsOf(SameDiff sd, SDVariable y) {
        return Arrays.stream(sd.getVariableOutputOp(y.name()).outputVariablesNames())
                .map(sd::getVariable)
                .toList();
    }

    private static void assertAlike(Sample s, Map<String, INDArray> inputs, Formula ours, Formula primitives) {
        List<INDArray> expected = outputs(inputs, primitives);
        List<INDArray> actual = outputs(inputs, ours);
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertClose("output " + i, Doubles.length(s.shape()), expected.get(i), actual.get(i));
        }
        assertSameGradients(s, inputs, ours, primitives);
    }

    private static void assertSameGradients(Sample s, Map<String, INDArray> inputs, Formula ours, Formula primitives) {
        Map<String, INDArray> expected = gradients(s, inputs, primitives);
        Map<String, INDArray> actual = gradients(s, inputs, ours);
        for (String input : inputs.keySet()) {
            Assertions.assertArrayEquals(
                    inputs.get(input).shape(), actual.get(input).shape(), input);
            assertClose("gradient of " + input, Doubles.length(s.shape()), expected.get(input), actual.get(input));
        }
    }

    /**
     * Relative to the largest element, or to 1, the size of the data, where all cancel. The rounding of x − μ is divided by
     * a standard deviation of √ε or more, and in gradients once again.
     */
    private static void assertClose(String what, long size, INDArray expected, INDArray actual) {
        double[] values = Doubles.of(expected);
        double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
        double bound = Tolerances.bound(DataType.DOUBLE, size, largest, Math.max(1, largest) / EPS);
        Tolerances.assertClose(what, values, Doubles.of(actual), bound);
    }

    private static List<INDArray> outputs(Map<String, INDArray> inputs, Formula formula) {
        SameDiff sd = SameDiff.create();
        List<String> names = new ArrayList<>();
        formula.outputs(sd, placeholders(sd, inputs)).forEach(output -> names.add(output.name()));
        Map<String, INDArray> outputs = sd.output(inputs, names);
        return names.stream().map(outputs::get).toList();
    }

    private static Map<String, INDArray> gradients(Sample s, Map<String, INDArray> inputs, Formula formula) {
        SameDiff sd = SameDiff.create();
        SDVariable y = formula.outputs(sd, placeholders(sd, inputs)).get(0);
        INDArray weights =
                Doubles.toArray(DataType.DOUBLE, s.shape(), Samples.gaussian(s.seed() + 9, Doubles.length(s.shape())));
        // A variable, because SameDiff refuses a loss that depends on placeholders alone.
        y.mul(sd.var("weights", weights)).sum("loss").markAsLoss();
        // Gradients of placeholders are computed only for those who ask in time.
        sd.createGradFunction(inputs.keySet().toArray(String[]::new));
        return sd.calculateGradients(inputs, inputs.keySet());
    }

    private static Map<String, SDVariable> placeholders(SameDiff sd, Map<String, INDArray> inputs) {
        Map<String, SDVariable> placeholders = new LinkedHashMap<>();
        inputs.forEach((name, array) -> placeholders.put(name, sd.placeHolder(name, DataType.DOUBLE, array.shape())));
        return placeholders;
    }
}
