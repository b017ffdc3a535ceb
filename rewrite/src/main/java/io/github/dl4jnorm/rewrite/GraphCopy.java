package io.github.dl4jnorm.rewrite;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A copy of a ComputationGraph. */
final class GraphCopy implements NetworkCopy<ComputationGraph> {
    private final ComputationGraph original;
    private final ComputationGraphConfiguration conf;
    private final Map<String, NeuralNetConfiguration> layers = new LinkedHashMap<>();

    GraphCopy(ComputationGraph original) {
        NetworkCopy.requireInitialized(original.getVertices() != null);
        this.original = original;
        conf = withCounts(original.getConfiguration());
        // The order in which parameters lie.
        conf.setTopologicalOrder(original.getConfiguration().getTopologicalOrder());
        conf.setTopologicalOrderStr(original.getConfiguration().getTopologicalOrderStr());
        conf.getVertices().forEach((name, vertex) -> {
            LayerVertex layer = layerVertex(vertex);
            if (layer != null) {
                layers.put(name, layer.getLayerConf());
                LayerCopy.into(layer.getLayerConf());
            }
        });
    }

    /** A copy with the counts of iterations and epochs, which DL4J's forgets. */
    static ComputationGraphConfiguration withCounts(ComputationGraphConfiguration original) {
        ComputationGraphConfiguration copy = original.clone();
        copy.setIterationCount(original.getIterationCount());
        copy.setEpochCount(original.getEpochCount());
        return copy;
    }

    /** The vertex with a layer that a vertex is, frozen or not; null for inputs, whose vertex is null, and other kinds. */
    static @Nullable LayerVertex layerVertex(@Nullable GraphVertex vertex) {
        GraphVertex inner = vertex instanceof FrozenVertex frozen ? frozen.getUnderlying() : vertex;
        return inner instanceof LayerVertex layer ? layer : null;
    }

    @Override
    public List<NeuralNetConfiguration> layers() {
        return List.copyOf(layers.values());
    }

    @Override
    public List<Map<String, INDArray>> originalParameters() {
        return parameters(original);
    }

    @Override
    public List<Map<String, INDArray>> parameters(ComputationGraph network) {
        return layers.keySet().stream()
                .map(name -> NetworkCopy.parameters(network.getVertex(name)))
                .toList();
    }

    @Override
    public ComputationGraph build() {
        ComputationGraph copy = new ComputationGraph(conf);
        INDArray params = original.params();
        copy.init(params == null || params.isEmpty() ? null : params.dup(), false);
        for (String name : layers.keySet()) {
            boolean frozen = original.getLayer(name) instanceof FrozenLayer;
            if (frozen && !(copy.getLayer(name) instanceof FrozenLayer)) {
                copy.getVertex(name).setLayerAsFrozen();
            }
        }
        ComputationGraphUpdater updater = original.getUpdater(false);
        if (updater != null && updater.getStateViewArray() != null) {
            copy.getUpdater().setStateViewArray(updater.getStateViewArray());
        }
        return copy;
    }
}
