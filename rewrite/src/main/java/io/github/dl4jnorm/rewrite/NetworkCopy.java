package io.github.dl4jnorm.rewrite;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A copy of a network whose layers can be exchanged before it is built, as long as each keeps its number of parameters:
 * then parameters and the state of the updater lie where they were. Hides where DL4J's two kinds of networks differ
 * only in words.
 *
 * @param <N> MultiLayerNetwork or ComputationGraph
 */
interface NetworkCopy<N> {

    /** The layers' configurations, to be changed. */
    List<NeuralNetConfiguration> layers();

    /** The parameters of the original's layers, in the order of {@link #layers}. */
    List<Map<String, INDArray>> originalParameters();

    /** The parameters of the layers of the network that was built, in the order of {@link #layers}. */
    List<Map<String, INDArray>> parameters(N network);

    /**
     * Builds the network, with the parameters, the updater's state and the counts of the original. Layers that somebody
     * froze without telling the configuration are frozen in it too.
     */
    N build();

    /** The parameters of a layer, or of a vertex of a graph; none where DL4J says null. */
    static Map<String, INDArray> parameters(Trainable layer) {
        Map<String, INDArray> parameters = layer.paramTable(false);
        return parameters == null ? Map.of() : parameters;
    }

    /**
     * Refuses a network without parameters to take over.
     *
     * @throws IllegalStateException if it is not initialized
     */
    static void requireInitialized(boolean initialized) {
        if (!initialized) {
            throw new IllegalStateException("expected an initialized network: call init() first");
        }
    }
}
