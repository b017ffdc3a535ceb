package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.engine.FusedEngine;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Engines;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where two normalizations say the same of an array, their outputs and gradients are the same but for rounding. */
class EquivalencesTest {
    private final NDNorm norm = new NDNorm();

    /** GroupNorm of one group is LayerNorm over all axes but the first, whose parameters vary along the channels only. */
    @Property(tries = 100)
    void groupNormOfOneGroupIsLayerNorm(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        int axis = channelAxis(c);
        // A half type would round each of the gradients that are summed below.
        DataType type = ComputeTypes.of(c.type());
        INDArray x = c.x().castTo(type);
        INDArray dy = c.dy().castTo(type);
        INDArray gamma = c.parameter(1).castTo(type);
        INDArray beta = c.parameter(2).castTo(type);
        Normalized group = norm.groupNorm(x, 1, gamma, beta, c.eps(), axis);
        int[] all = IntStream.range(1, c.shape().length).toArray();
        Normalized layer = norm.layerNorm(x, spread(c, axis, gamma), spread(c, axis, beta), c.eps(), all);

        Agreement agreement = new Agreement(group, dy);
        NormGradients gradients = layer.backward(dy);
        agreement.assertSame(layer, gradients.dx());
        agreement.assertParameters(
                alongChannels(c, axis, gradients.dGamma()), alongChannels(c, axis, gradients.dBeta()));
    }

    @Property(tries = 100)
    void groupNormOfOneChannelEachIsInstanceNorm(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        int axis = channelAxis(c);
        INDArray x = c.x();
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        Normalized group = norm.groupNorm(x, (int) c.shape()[axis], gamma, beta, c.eps(), axis);
        Normalized instance = norm.instanceNorm(x, gamma, beta, c.eps(), axis);
        Agreement agreement = new Agreement(group, c.dy());
        NormGradients gradients = instance.backward(c.dy());
        agreement.assertSame(instance, gradients.dx());
        agreement.assertParameters(Doubles.of(gradients.dGamma()), Doubles.of(gradients.dBeta()));
    }

    /**
     * To the kernels, an axis of size 1 more is no other walk through memory: the same loops, so the same bits. ND4J may
     * copy what it reshapes, and adds up in the order in which elements lie in memory.
     */
    @Property(tries = 100)
    void groupNormOfOneChannelEachHasTheBitsOfInstanceNorm(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        Engines.with(FusedEngine.NAME, () -> {
            int axis = channelAxis(c);
            INDArray gamma = c.parameter(1);
            INDArray beta = c.parameter(2);
            Normalized group = norm.groupNorm(c.x(), (int) c.shape()[axis], gamma, beta, c.eps(), axis);
            Normalized instance = norm.instanceNorm(c.x(), gamma, beta, c.eps(), axis);
            assertArrayEquals(Doubles.of(group.y()), Doubles.of(instance.y()));
            assertArrayEquals(
                    Doubles.of(group.backward(c.dy()).dx()),
                    Doubles.of(instance.backward(c.dy()).dx()));
        });
    }

    /** Of each example by itself. */
    @Property(tries = 100)
    void batchNormOfOneExampleIsInstanceNorm(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        int axis = channelAxis(c);
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        for (long example = 0; example < c.shape()[0]; example++) {
            INDArray x = one(c.x(), example);
            INDArray dy = one(c.dy(), example);
            Normalized instance = norm.instanceNorm(x, gamma, beta, c.eps(), axis);
            Normalized batch = norm.batchNorm(x, gamma, beta, c.eps(), axis);
            Agreement agreement = new Agreement(instance, dy);
            NormGradients gradients = batch.backward(dy);
            agreement.assertSame(batch, gradients.dx());
            agreement.assertParameters(Doubles.of(gradients.dGamma()), Doubles.of(gradients.dBeta()));
        }
    }

    /** LayerNorm's gradient is RMSNorm's without its mean, because centring is the same forward and backward. */
    @Property(tries = 100)
    void rmsNormOfCentredDataIsLayerNorm(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        Reference groups = Reference.of(NormSpec.layerNorm(c.eps(), c.axes()), c.shape());
        INDArray x = Doubles.toArray(DataType.DOUBLE, c.shape(), centred(groups, Doubles.of(c.x())));
        INDArray gamma = c.parameter(1);
        Normalized layer = norm.layerNorm(x, gamma, null, c.eps(), c.axes());
        Normalized rms = norm.rmsNorm(x, gamma, c.eps(), c.axes());
        Agreement agreement = new Agreement(layer, c.dy());
        NormGradients gradients = rms.backward(c.dy());
        double[] dx = centred(groups, Doubles.of(gradients.dx()));
        agreement.assertSame(rms, Doubles.toArray(DataType.DOUBLE, c.shape(), dx));
        agreement.assertParameters(Doubles.of(gradients.dGamma()), null);
    }

    /** x/√(Σx²/M) = √M·x/√Σx²: an ε that is added is of no account if it is tiny, one that is a floor if it is below. */
    @Property(tries = 100)
    void rmsNormIsUnitNormTimesARoot(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        INDArray x = c.x();
        double tiny = Double.MIN_NORMAL;
        int m = Reference.of(NormSpec.rmsNorm(tiny, c.axes()), c.shape()).groupSize();
        Normalized rms = norm.rmsNorm(x, null, tiny, c.axes());
        Normalized unit = norm.unitNorm(x, tiny, c.axes());
        Agreement agreement = new Agreement(rms, c.dy());
        agreement.assertClose("y", agreement.forward.y(), unit.y().mul(Math.sqrt(m)));
        agreement.assertClose(
                "dx", agreement.gradients.dx(), unit.backward(c.dy()).dx().mul(Math.sqrt(m)));
    }

    /** A γ that counts from 1 is another γ, less 1. */
    @Property(tries = 100)
    void unitOffsetIsAShiftOfGamma(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        INDArray gamma = c.parameter(1);
        NormSpec spec = NormSpec.rmsNorm(c.eps(), c.axes());
        Normalized offset = norm.normalize(spec.withUnitOffset(true), c.x(), gamma, null);
        Normalized plain = norm.normalize(spec, c.x(), gamma.add(1), null);
        Agreement agreement = new Agreement(offset, c.dy());
        NormGradients gradients = plain.backward(c.dy());
        agreement.assertSame(plain, gradients.dx());
        agreement.assertParameters(Doubles.of(gradients.dGamma()), null);
    }

    private static int channelAxis(NormCase c) {
        return c.axes()[0] < 0 ? c.axes()[0] + c.shape().length : c.axes()[0];
    }

    /** For every position in an example its channel. */
    private static int[] channels(NormCase c, int axis) {
        long[] example = Arrays.copyOfRange(c.shape(), 1, c.shape().length);
        Reference perChannel = Reference.of(NormSpec.layerNorm(1, others(example.length, axis - 1)), example);
        return IntStream.range(0, Doubles.length(example))
                .map(perChannel::groupOf)
                .toArray();
    }

    private static int[] others(int rank, int axis) {
        return IntStream.range(0, rank).filter(a -> a != axis).toArray();
    }

    /** A parameter per channel as one per position in an example. */
    private static INDArray spread(NormCase c, int axis, INDArray parameter) {
        double[] values = Doubles.of(parameter);
        return Doubles.toArray(
                parameter.dataType(),
                Arrays.copyOfRange(c.shape(), 1, c.shape().length),
                Arrays.stream(channels(c, axis)).mapToDouble(i -> values[i]).toArray());
    }

    /** The sums of what was spread. */
    private static double[] alongChannels(NormCase c, int axis, INDArray gradient) {
        double[] sums = new double[(int) c.shape()[axis]];
        double[] values = Doubles.of(gradient);
        int[] channels = channels(c, axis);
        for (int i = 0; i < values.length; i++) {
            sums[channels[i]] += values[i];
        }
        return sums;
    }

    private static INDArray one(INDArray batch, long example) {
        long[] shape = batch.shape();
        int length = (int) (batch.length() / shape[0]);
        shape[0] = 1;
        int from = (int) example * length;
        return Doubles.toArray(batch.dataType(), shape, Arrays.copyOfRange(Doubles.of(batch), from, from + length));
    }

    private static double[] centred(Reference groups, double[] values) {
        double[] centred = values.clone();
        // A second time for what the rounding of the first mean has left.
        for (int round = 0; round < 2; round++) {
            double[] means = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                means[groups.groupOf(i)] += centred[i] / groups.groupSize();
            }
            for (int i = 0; i < values.length; i++) {
                centred[i] -= means[groups.groupOf(i)];
            }
        }
        return centred;
    }

    /**
     * One of the two with its bounds: two correct results are each within the bound of the exact one.
     *
     * @param norm one of the two
     * @param forward what is expected of it
     * @param gradients likewise
     * @param actual its gradients
     */
    private record Agreement(
            Normalized norm, Reference.Forward forward, Reference.Gradients gradients, NormGradients actual) {
        Agreement(Normalized norm, INDArray dy) {
            this(
                    norm,
                    Reference.forward(
                            norm.spec(),
                            norm.x().shape(),
                            Doubles.of(norm.x()),
                            Doubles.orNull(norm.gamma()),
                            Doubles.orNull(norm.beta())),
                    Reference.backward(
                            norm.spec(),
                            norm.x().shape(),
                            Doubles.of(norm.x()),
                            Doubles.of(dy),
                            Doubles.orNull(norm.gamma()),
                            Doubles.orNull(norm.beta())),
                    norm.backward(dy));
        }

        /** The other has the same output, statistics and gradient of x. */
        void assertSame(Normalized other, INDArray dx) {
            assertClose("y", forward.y(), norm.y(), other.y());
            assertClose("scale", forward.scale(), norm.scale(), other.scale());
            assertClose("dx", gradients.dx(), actual.dx(), dx);
        }

        void assertParameters(double[] dGamma, double[] dBeta) {
            assertClose("dGamma", gradients.dGamma(), Doubles.of(actual.dGamma()), dGamma);
            if (dBeta != null) {
                assertClose("dBeta", gradients.dBeta(), Doubles.of(actual.dBeta()), dBeta);
            }
        }

        void assertClose(String what, Expected expected, INDArray other) {
            assertClose(what, expected, expected.values(), Doubles.of(other));
        }

        private void assertClose(String what, Expected expected, INDArray one, INDArray other) {
            assertClose(what, expected, Doubles.of(one), Doubles.of(other));
        }

        private void assertClose(String what, Expected expected, double[] one, double[] other) {
            DataType type = norm.x().dataType();
            for (int i = 0; i < one.length; i++) {
                double bound =
                        Tolerances.bound(type, expected.length(), expected.values()[i], expected.magnitudes()[i]);
                String message = what + "[" + i + "]: " + one[i] + " and " + other[i] + ", bound 2·" + bound;
                assertTrue(Math.abs(one[i] - other[i]) <= 2 * bound, message);
            }
        }
    }
}
