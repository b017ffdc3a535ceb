package io.github.dl4jnorm.rewrite;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A copy of a MultiLayerNetwork. */
final class MultiLayerCopy implements NetworkCopy<MultiLayerNetwork> {
    private final MultiLayerNetwork original;
    private final MultiLayerConfiguration conf;

    MultiLayerCopy(MultiLayerNetwork original) {
        NetworkCopy.requireInitialized(original.isInitCalled());
        this.original = original;
        conf = original.getLayerWiseConfigurations().clone();
        conf.getConfs().forEach(LayerCopy::into);
    }

    @Override
    public List<NeuralNetConfiguration> layers() {
        return conf.getConfs();
    }

    @Override
    public List<Map<String, INDArray>> originalParameters() {
        return parameters(original);
    }

    @Override
    public List<Map<String, INDArray>> parameters(MultiLayerNetwork network) {
        return Arrays.stream(network.getLayers()).map(NetworkCopy::parameters).toList();
    }

    @Override
    public MultiLayerNetwork build() {
        MultiLayerNetwork copy = new MultiLayerNetwork(conf);
        INDArray params = original.params();
        copy.init(params == null || params.isEmpty() ? null : params.dup(), false);
        Layer[] layers = copy.getLayers();
        for (int i = 0; i < layers.length; i++) {
            if (original.getLayer(i) instanceof FrozenLayer && !(layers[i] instanceof FrozenLayer)) {
                layers[i] = new FrozenLayer(layers[i]);
            }
        }
        Updater updater = original.getUpdater(false);
        if (updater != null && updater.getStateViewArray() != null) {
            copy.getUpdater().setStateViewArray(copy, updater.getStateViewArray(), false);
        }
        return copy;
    }
}
