package io.github.dl4jnorm.rewrite.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;

/** The shapes of inputs, as far as a model's configuration still knows them: DL4J keeps no input types in it. */
final class Shapes {
    private Shapes() {}

    /**
     * The shape of one example of each input, or null if it cannot be told. Vectors and flattened images can be; the
     * height and width of images cannot.
     */
    static @Nullable List<long[]> of(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            MultiLayerConfiguration conf = network.getLayerWiseConfigurations();
            long[] shape = of(conf.getConf(0).getLayer(), conf.getInputPreProcess(0));
            return shape == null ? null : List.of(shape);
        }
        ComputationGraphConfiguration conf = ((ComputationGraph) model).getConfiguration();
        List<long[]> shapes = new ArrayList<>();
        for (String input : conf.getNetworkInputs()) {
            long[] shape = of(conf, input);
            if (shape == null) {
                return null;
            }
            shapes.add(shape);
        }
        return shapes;
    }

    private static long @Nullable [] of(ComputationGraphConfiguration conf, String input) {
        for (Map.Entry<String, List<String>> inputs : conf.getVertexInputs().entrySet()) {
            GraphVertex vertex = conf.getVertices().get(inputs.getKey());
            if (inputs.getValue().contains(input) && vertex instanceof LayerVertex layer) {
                return of(layer.getLayerConf().getLayer(), layer.getPreProcessor());
            }
        }
        return null;
    }

    private static long @Nullable [] of(Layer layer, @Nullable InputPreProcessor preProcessor) {
        if (preProcessor instanceof FeedForwardToCnnPreProcessor images) {
            return new long[] {images.getInputHeight() * images.getInputWidth() * images.getNumChannels()};
        }
        boolean vectors = layer instanceof DenseLayer || layer instanceof BaseOutputLayer;
        boolean sequences = layer instanceof RnnOutputLayer || layer instanceof BaseRecurrentLayer;
        return preProcessor == null && vectors && !sequences ? new long[] {((FeedForwardLayer) layer).getNIn()} : null;
    }
}
