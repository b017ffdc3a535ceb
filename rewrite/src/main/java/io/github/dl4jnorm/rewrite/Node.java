package io.github.dl4jnorm.rewrite;

import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer of a network that is being folded: its configuration, a copy, and its parameters. */
final class Node {
    final String name;
    final NeuralNetConfiguration conf;

    /** Of the original network, until the layer is changed; never written to. */
    Map<String, INDArray> parameters;

    Node(String name, NeuralNetConfiguration conf, Map<String, INDArray> parameters) {
        this.name = name;
        this.conf = conf;
        this.parameters = parameters;
    }

    /** Writes parameters into those of a layer that was built. */
    static void assign(Map<String, INDArray> from, Map<String, INDArray> to) {
        to.forEach((name, array) -> array.assign(from.get(name).reshape(array.shape())));
    }
}
