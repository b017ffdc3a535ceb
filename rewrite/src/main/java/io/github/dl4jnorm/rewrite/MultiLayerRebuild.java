package io.github.dl4jnorm.rewrite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;

/** A MultiLayerNetwork without some of its layers. */
final class MultiLayerRebuild implements Rebuild<MultiLayerNetwork> {
    private final MultiLayerConfiguration conf;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Node, InputPreProcessor> preProcessors = new HashMap<>();

    MultiLayerRebuild(MultiLayerNetwork original) {
        NetworkCopy.requireInitialized(original.isInitCalled());
        conf = original.getLayerWiseConfigurations().clone();
        conf.getConfs().forEach(LayerCopy::into);
        for (int i = 0; i < conf.getConfs().size(); i++) {
            NeuralNetConfiguration layer = conf.getConf(i);
            Node node =
                    new Node(Change.nameOf(layer.getLayer(), i), layer, NetworkCopy.parameters(original.getLayer(i)));
            nodes.add(node);
            if (conf.getInputPreProcess(i) != null) {
                preProcessors.put(node, conf.getInputPreProcess(i));
            }
        }
    }

    @Override
    public List<Node> nodes() {
        return List.copyOf(nodes);
    }

    @Override
    public @Nullable String obstacle(Node node) {
        if (nodes.indexOf(node) == 0) {
            return "no layer is below it";
        }
        return preProcessors.containsKey(node) ? "a preprocessor is between it and the layer below" : null;
    }

    @Override
    public Node below(Node node) {
        return nodes.get(nodes.indexOf(node) - 1);
    }

    @Override
    public void remove(Node node) {
        nodes.remove(node);
    }

    @Override
    public MultiLayerNetwork build() {
        conf.setConfs(nodes.stream().map(node -> node.conf).toList());
        Map<Integer, InputPreProcessor> placed = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            if (preProcessors.containsKey(nodes.get(i))) {
                placed.put(i, preProcessors.get(nodes.get(i)));
            }
        }
        conf.setInputPreProcessors(placed);
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        long length = conf.getConfs().stream()
                .mapToLong(layer -> layer.getLayer().initializer().numParams(layer))
                .sum();
        network.init(length == 0 ? null : Nd4j.create(conf.getDataType(), 1, length), false);
        for (int i = 0; i < nodes.size(); i++) {
            Node.assign(nodes.get(i).parameters, NetworkCopy.parameters(network.getLayer(i)));
        }
        return network;
    }
}
