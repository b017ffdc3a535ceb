package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.layercheck.Check;
import io.github.dl4jnorm.layercheck.LayerCheck;
import io.github.dl4jnorm.layercheck.LayerCheckReport;
import io.github.dl4jnorm.layercheck.Result;
import io.github.dl4jnorm.layercheck.Result.Status;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A FAILED line is the layer's fault: layers of DL4J that do what a check demands, in a way that is easily overlooked. */
class BlamelessLayersTest {
    private static final InputType FLAT = InputType.feedForward(3);
    private static final InputType SEQUENCES = InputType.recurrent(2, 3);
    private static final InputType IMAGES = InputType.convolutional(4, 4, 2);

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(2).build();
    }

    private static SimpleRnn recurrent() {
        return new SimpleRnn.Builder().nOut(2).build();
    }

    private static Result result(Check check, Layer layer, InputType inputType) {
        return LayerCheck.of(layer, inputType).batch(3).only(check).run().result(check);
    }

    private static void assertPasses(Check check, Layer layer, InputType inputType) {
        Result result = result(check, layer, inputType);
        assertEquals(Status.PASSED, result.status(), result::toString);
    }

    static Stream<Arguments> wrappers() {
        return Stream.of(
                Arguments.of(new LastTimeStep(recurrent()), SEQUENCES),
                Arguments.of(new MaskZeroLayer(recurrent(), 0), SEQUENCES),
                Arguments.of(new TimeDistributed(dense()), SEQUENCES));
    }

    /** Their configuration has no updater; that of the layer inside has. */
    @ParameterizedTest
    @MethodSource("wrappers")
    void wrappersAreNotAskedForUpdaters(Layer wrapper, InputType inputType) {
        LayerCheckReport report = LayerCheck.of(wrapper, inputType)
                .batch(3)
                .only(Check.PARAMETER_GRADIENT, Check.STATISTICS, Check.REGULARIZATION)
                .run();
        assertEquals(Set.of(Check.PARAMETER_GRADIENT, Check.REGULARIZATION), report.passed(), report::toString);
        assertEquals(
                "every parameter has an updater",
                report.result(Check.STATISTICS).detail());
    }

    /** They know their parameters once the network is initialized. */
    @Test
    void sameDiffLayersAreAskedForRegularizationInANetwork() {
        assertPasses(Check.REGULARIZATION, new SameDiffLayers.Affine(3, 4), FLAT);
        assertPasses(Check.REGULARIZATION, new SameDiffLayers.SquaredError(3, 4), FLAT);
    }

    /** The initializer, asked with a layer instead of a configuration, forgets them. */
    @Test
    void centersAreParameters() {
        Layer layer =
                new CenterLossOutputLayer.Builder(LossFunction.MSE).nOut(3).build();
        assertPasses(Check.MEMORY_REPORT, layer, FLAT);
    }

    /** A loss layer of unknown size reports the size of its input. */
    @Test
    void anUnknownSizeFitsAny() {
        assertPasses(Check.MEMORY_REPORT, new LossLayer.Builder(LossFunction.MSE).build(), FLAT);
    }

    /** What they put out lies where their input does, and that was outside of all workspaces behind an ActivationLayer. */
    @Test
    void viewsOfTheInputAreInItsWorkspace() {
        assertPasses(Check.INFERENCE_WORKSPACES, new DropoutLayer(0.5), FLAT);
        assertPasses(Check.INFERENCE_WORKSPACES, new Cropping2D.Builder(1, 1).build(), IMAGES);
    }

    /** Of an example that is hidden as a whole, the maximum is −∞. */
    @ParameterizedTest
    @EnumSource(names = {"MAX", "SUM"})
    void anExampleThatIsHiddenAsAWholeHasNoOutput(PoolingType type) {
        assertPasses(Check.MASK, new GlobalPoolingLayer(type), IMAGES);
        assertPasses(Check.MASK_GRADIENT, new GlobalPoolingLayer(type), IMAGES);
    }

    static Stream<Arguments> outputs() {
        return Stream.of(
                Arguments.of(
                        new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build(), SEQUENCES),
                Arguments.of(new RnnLossLayer.Builder(LossFunction.MSE).build(), SEQUENCES),
                Arguments.of(new CnnLossLayer.Builder(LossFunction.MSE).build(), IMAGES));
    }

    /** They hand no mask on, as there is no layer behind them. */
    @ParameterizedTest
    @MethodSource("outputs")
    void whatIsHiddenFromAnOutputLayerIsHiddenInItsOutput(Layer layer, InputType inputType) {
        assertPasses(Check.MASK, layer, inputType);
    }

    @Test
    void aMaskOfAnotherRankIsRefused() {
        Layer layer = new Convolution3D.Builder(2, 2, 2).nOut(2).build();
        Result result =
                result(Check.MASK, layer, InputType.convolutional3D(Convolution3D.DataFormat.NDHWC, 2, 2, 2, 2));
        assertEquals(Status.SKIPPED, result.status());
        assertTrue(result.detail().startsWith("the layer refuses the mask: "), result::detail);
    }

    @Test
    void noTypeSaysHowManyExamplesThereAre() {
        Result result = result(Check.OUTPUT_TYPE, new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build(), IMAGES);
        assertEquals(Status.SKIPPED, result.status());
        assertEquals("the layer makes 12 examples of 3", result.detail());
    }

    /** Inside FrozenLayer DL4J regularizes nothing; inside the other, it does, and moves what is frozen. */
    @Test
    void whatIsFrozenIsNotRegularized() {
        assertPasses(Check.REGULARIZATION, new FrozenLayer(dense()), FLAT);
        Result result = result(Check.REGULARIZATION, new FrozenLayerWithBackprop(dense()), FLAT);
        assertEquals(Status.FAILED, result.status());
        assertEquals("W gets l1 and l2 of the network: [L1Regularization, L2Regularization]", result.detail());
    }
}
