package io.github.dl4jnorm.rewrite;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A ComputationGraph without some of its layers. */
final class GraphRebuild implements Rebuild<ComputationGraph> {
    private final ComputationGraph original;
    private final ComputationGraphConfiguration conf;
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    GraphRebuild(ComputationGraph original) {
        NetworkCopy.requireInitialized(original.getVertices() != null);
        this.original = original;
        conf = GraphCopy.withCounts(original.getConfiguration());
        for (int index : original.topologicalSortOrder()) {
            String name = original.getVertices()[index].getVertexName();
            LayerVertex vertex = layerVertex(name);
            if (vertex != null) {
                LayerCopy.into(vertex.getLayerConf());
                nodes.put(name, new Node(name, vertex.getLayerConf(), parametersOf(original, name)));
            }
        }
    }

    private static Map<String, INDArray> parametersOf(ComputationGraph graph, String vertex) {
        return NetworkCopy.parameters(graph.getVertex(vertex));
    }

    private @Nullable LayerVertex layerVertex(String name) {
        return GraphCopy.layerVertex(conf.getVertices().get(name));
    }

    @Override
    public List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    @Override
    public @Nullable String obstacle(Node node) {
        if (Objects.requireNonNull(layerVertex(node.name)).getPreProcessor() != null) {
            return "a preprocessor is between it and the layer below";
        }
        String below = input(node);
        if (layerVertex(below) == null) {
            return "no layer is directly below it";
        }
        if (conf.getNetworkOutputs().contains(below)) {
            return "the output of " + below + " is an output of the network too";
        }
        long users = conf.getVertexInputs().values().stream()
                .flatMap(List::stream)
                .filter(below::equals)
                .count();
        return users > 1 ? "others use the output of " + below + " too" : null;
    }

    private String input(Node node) {
        return conf.getVertexInputs().get(node.name).get(0);
    }

    @Override
    public Node below(Node node) {
        return Objects.requireNonNull(nodes.get(input(node)));
    }

    @Override
    public void remove(Node node) {
        String below = input(node);
        conf.getVertexInputs().remove(node.name);
        UnaryOperator<String> past = name -> name.equals(node.name) ? below : name;
        conf.getVertexInputs().values().forEach(inputs -> inputs.replaceAll(past));
        conf.getNetworkOutputs().replaceAll(past);
        conf.getVertices().remove(node.name);
        nodes.remove(node.name);
    }

    @Override
    public ComputationGraph build() {
        ComputationGraph graph = new ComputationGraph(conf);
        long length = conf.getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(true))
                .sum();
        graph.init(length == 0 ? null : Nd4j.create(conf.getDataType(), 1, length), false);
        for (String name : conf.getVertices().keySet()) {
            Map<String, INDArray> parameters =
                    nodes.containsKey(name) ? nodes.get(name).parameters : parametersOf(original, name);
            Node.assign(parameters, parametersOf(graph, name));
        }
        return graph;
    }
}
