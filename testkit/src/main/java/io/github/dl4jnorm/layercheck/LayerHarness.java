package io.github.dl4jnorm.layercheck;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;

/** The layer of a network of one, run by hand: with arrays and masks that no network would make on demand. */
final class LayerHarness {
    private static final double JUNK = 7;

    private final MultiLayerNetwork network;
    private final org.deeplearning4j.nn.api.Layer layer;
    private final long seed;

    /**
     * What a forward and a backward pass compute.
     *
     * @param y output
     * @param dx gradient of the input; null if the layer gives none
     * @param gradients those of the parameters, by name
     */
    record LayerResults(INDArray y, @Nullable INDArray dx, Map<String, INDArray> gradients) {

        /** A forward pass without a backward pass. */
        static LayerResults forward(INDArray y) {
            return new LayerResults(y, null, Map.of());
        }
    }

    LayerHarness(MultiLayerNetwork network, long seed) {
        this.network = network;
        this.layer = network.getLayer(0);
        this.seed = seed;
        if (network.numParams() > 0) {
            network.initGradientsView();
        }
    }

    /** The configuration, as DL4J completed it. */
    Layer configured() {
        return network.getLayerWiseConfigurations().getConf(0).getLayer();
    }

    /**
     * Whether updaters leave a parameter alone. The layer at work is asked, as DL4J does: what wraps a layer knows no
     * updaters.
     */
    boolean isStatistic(String parameter) {
        return layer.getConfig().getUpdaterByParam(parameter) instanceof NoOp;
    }

    /** The regularization that DL4J applies to a parameter; the layer at work is asked. */
    List<Regularization> regularizations(String parameter) {
        List<Regularization> regularizations = layer.getConfig().getRegularizationByParam(parameter);
        return regularizations == null ? List.of() : regularizations;
    }

    /** Whether this is an output layer, which knows no gradient from above. */
    boolean isOutput() {
        return layer instanceof IOutputLayer;
    }

    /** Views of the parameters that take part in back-propagation. */
    Map<String, INDArray> parameters() {
        return layer.paramTable(true);
    }

    /** All parameters, also those for pretraining only. */
    Map<String, INDArray> allParameters() {
        return layer.paramTable();
    }

    /** The number of elements of all parameters. */
    long numParams() {
        return network.numParams();
    }

    INDArray flatParameters() {
        return network.params();
    }

    /** Hands a mask to the layer, and returns that of its output; null if there is none. */
    @Nullable INDArray mask(INDArray mask, int examples) {
        Pair<INDArray, MaskState> after = layer.feedForwardMaskArray(mask, MaskState.Active, examples);
        return after == null ? null : after.getFirst();
    }

    /** The output, for an input that the layer may keep. */
    INDArray forward(INDArray x, boolean training) {
        LayerUnderTest.reseed(seed);
        layer.clearNoiseWeightParams();
        layer.setInputMiniBatchSize((int) x.size(0));
        return layer.activate(x, training, LayerWorkspaceMgr.noWorkspaces());
    }

    /** The gradients for the last forward pass, whose output was y; none from an output layer. */
    LayerResults backward(INDArray y, INDArray dy) {
        if (isOutput()) {
            return LayerResults.forward(y);
        }
        INDArray flat = layer.getGradientsViewArray();
        if (flat != null) {
            flat.assign(JUNK); // a layer writes gradients, it does not add to them
        }
        Pair<Gradient, INDArray> result = layer.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces());
        Map<String, INDArray> gradients = new LinkedHashMap<>();
        result.getFirst().gradientForVariable().forEach((name, gradient) -> {
            if (gradient != null) {
                gradients.put(name, gradient.dup());
            }
        });
        return new LayerResults(y, result.getSecond(), gradients);
    }

    /**
     * Demands that the gradients of the last backward pass lie in the network's flat array, where updaters find them, in
     * whatever order.
     */
    void requireInFlatArray(LayerResults pass) {
        double[] returned = pass.gradients().values().stream()
                .flatMapToDouble(gradient -> Arrays.stream(Comparisons.of(gradient)))
                .sorted()
                .toArray();
        double[] flat = Arrays.stream(Comparisons.of(layer.getGradientsViewArray()))
                .sorted()
                .toArray();
        // Parameters for pretraining only have a place there, and no gradient.
        if (returned.length == flat.length && !Arrays.equals(returned, flat)) {
            throw new CheckFailure("the gradients returned are not those in the network's flat array");
        }
    }

    /** Both, on copies of 'c' order. */
    LayerResults pass(INDArray x, INDArray dy, boolean training) {
        INDArray y = forward(x.dup('c'), training).dup();
        return backward(y, dy.dup('c'));
    }
}
