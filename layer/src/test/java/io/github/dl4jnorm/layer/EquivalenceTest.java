package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Layers that are the same in special cases, forward and backward, up to the rounding of either. */
class EquivalenceTest {
    private final Map<DataType, Integer> seeds = Map.of(DataType.FLOAT, 3, DataType.DOUBLE, 5);

    private INDArray random(DataType type, int salt, long... shape) {
        return Doubles.toArray(type, shape, Samples.gaussian(seeds.get(type) + salt, Doubles.length(shape)));
    }

    /** Both layers, as built, on x: output and all gradients, each within the bounds of the other's formula. */
    private void assertSame(
            Supplier<? extends NormLayer> one, Supplier<? extends NormLayer> other, Scenario scenario, INDArray x) {
        DataType type = x.dataType();
        SingleLayer first = layer(one.get(), scenario, type);
        SingleLayer second = layer(other.get(), scenario, type);
        for (String name : new String[] {NormLayer.GAMMA, NormLayer.BETA}) {
            if (first.parameter(name) != null) {
                INDArray values =
                        random(type, name.length(), first.parameter(name).shape());
                first.parameter(name).assign(values);
                second.parameter(name).assign(values);
            }
        }
        INDArray dy = random(type, 1, x.shape());
        INDArray y = first.forward(x, true);
        INDArray sameY = second.forward(x, true);
        INDArray dx = first.backward(dy);
        INDArray sameDx = second.backward(dy);

        double[] gamma = Doubles.orNull(first.parameter(NormLayer.GAMMA));
        double[] beta = Doubles.orNull(first.parameter(NormLayer.BETA));
        Reference oracle = Reference.of(one.get().spec(scenario.channelAxis()), x.shape());
        Reference.Gradients expected = oracle.backward(Doubles.of(x), Doubles.of(dy), gamma, beta);
        assertClose("y", oracle.forward(Doubles.of(x), gamma, beta).y(), y, sameY);
        assertClose("dx", expected.dx(), dx, sameDx);
        if (gamma != null) {
            assertClose("dGamma", expected.dGamma(), first.gradient("gamma"), second.gradient("gamma"));
        }
        if (beta != null) {
            assertClose("dBeta", expected.dBeta(), first.gradient("beta"), second.gradient("beta"));
        }
    }

    /** Each is within the bound of one formula, so the other's formula is the same up to rounding. */
    private static void assertClose(String what, Expected expected, INDArray first, INDArray second) {
        Tolerances.assertClose(what, expected, first);
        Tolerances.assertClose(what + " of the other", expected, second);
    }

    private static SingleLayer layer(NormLayer layer, Scenario scenario, DataType type) {
        layer.setNIn(scenario == Scenario.FLAT ? Scenario.NCHW.inputType : scenario.inputType, true);
        return new SingleLayer(layer, layer.getNIn(), type);
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void oneGroupIsLayerNormOverAllFeatures(Scenario scenario) {
        int[] all = new int[scenario.rank() - 1];
        for (int i = 0; i < all.length; i++) {
            all[i] = i + 1;
        }
        for (DataType type : seeds.keySet()) {
            assertSame(
                    () -> new GroupNorm.Builder().groups(1).lockGammaBeta(true).build(),
                    () -> new LayerNorm.Builder().axes(all).lockGammaBeta(true).build(),
                    scenario,
                    random(type, 0, scenario.activations()));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FEED_FORWARD")
    void oneChannelPerGroupIsInstanceNorm(Scenario scenario) {
        int channels = (int) scenario.activations()[scenario.channelAxis()];
        for (DataType type : seeds.keySet()) {
            assertSame(
                    () -> new GroupNorm.Builder()
                            .groups(channels)
                            .activation(Activation.RELU)
                            .build(),
                    () -> new InstanceNorm.Builder().activation(Activation.RELU).build(),
                    scenario,
                    random(type, 0, scenario.activations()));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FEED_FORWARD")
    void batchNormOfOneExampleIsInstanceNorm(Scenario scenario) {
        long[] one = scenario.activations();
        one[0] = 1;
        for (DataType type : seeds.keySet()) {
            assertSame(
                    () -> new InstanceNorm.Builder().build(),
                    () -> new BatchNorm.Builder().build(),
                    scenario,
                    random(type, 0, one));
        }
    }

    /** Of centred data the mean of squares is the variance; the gradients differ by their mean, which LayerNorm takes. */
    @ParameterizedTest
    @EnumSource(Scenario.class)
    void rmsNormIsLayerNormOnCentredData(Scenario scenario) {
        long[] shape = scenario.activations();
        int axis = scenario.channelAxis();
        long[] half = shape.clone();
        half[axis] /= 2;
        INDArray x = random(DataType.DOUBLE, 0, half);
        // Of mean 0 to the last bit.
        INDArray centred = Nd4j.concat(axis, x, x.neg());
        INDArray dy = random(DataType.DOUBLE, 1, shape);
        SingleLayer rms = layer(new RmsNorm.Builder().eps(1e-5).build(), scenario, DataType.DOUBLE);
        SingleLayer layer = layer(new LayerNorm.Builder().lockBeta(true).build(), scenario, DataType.DOUBLE);
        rms.parameter("gamma")
                .assign(random(DataType.DOUBLE, 2, rms.parameter("gamma").shape()));
        layer.parameter("gamma").assign(rms.parameter("gamma"));
        double[] gamma = Doubles.of(rms.parameter("gamma"));
        Reference oracle = Reference.of(Variants.LAYER_NORM.spec(axis), shape);
        Reference.Gradients expected = oracle.backward(Doubles.of(centred), Doubles.of(dy), gamma, null);
        Expected y = oracle.forward(Doubles.of(centred), gamma, null).y();
        Tolerances.assertClose("y", y, layer.forward(centred, true));
        Tolerances.assertClose("y of RmsNorm", y, rms.forward(centred, true));

        INDArray dx = rms.backward(dy);
        INDArray centredDx = dx.sub(dx.mean(true, axis).broadcast(shape));
        Tolerances.assertClose("dx", expected.dx(), layer.backward(dy));
        Tolerances.assertClose("dx of RmsNorm", expected.dx(), centredDx);
        Tolerances.assertClose("dGamma", expected.dGamma(), rms.gradient("gamma"));
        assertTrue(dx.mean(true, axis).amaxNumber().doubleValue() > 0, "a mean that LayerNorm takes away");
    }
}
