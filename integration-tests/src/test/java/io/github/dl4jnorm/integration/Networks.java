package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Puts small networks together, and hides where DL4J's two kinds of networks differ only in words. */
final class Networks {
    private static final String INPUT = "in";
    private static final String LAYER = "layer";

    private Networks() {}

    /** What all networks share: a fixed seed, plain gradient steps, workspaces. */
    static NeuralNetConfiguration.Builder configuration(DataType type) {
        return new NeuralNetConfiguration.Builder()
                .seed(12345)
                .dataType(type)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd(1.0))
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED);
    }

    /** A chain of layers as either kind of network. */
    static Model build(
            Type type,
            NeuralNetConfiguration.Builder configuration,
            InputType inputType,
            List<org.deeplearning4j.nn.conf.layers.Layer> layers) {
        return type == Type.GRAPH
                ? graph(configuration, inputType, layers)
                : multiLayer(configuration, inputType, layers);
    }

    /** A chain of layers. */
    static MultiLayerNetwork multiLayer(
            NeuralNetConfiguration.Builder configuration,
            InputType inputType,
            List<org.deeplearning4j.nn.conf.layers.Layer> layers) {
        return multiLayer(list(configuration, inputType, layers));
    }

    /** The configuration of a chain of layers, for more settings. */
    static ListBuilder list(
            NeuralNetConfiguration.Builder configuration,
            InputType inputType,
            List<org.deeplearning4j.nn.conf.layers.Layer> layers) {
        ListBuilder list = configuration.list();
        layers.forEach(list::layer);
        return list.setInputType(inputType);
    }

    static MultiLayerNetwork multiLayer(MultiLayerConfiguration.Builder list) {
        MultiLayerNetwork net = new MultiLayerNetwork(list.build());
        net.init();
        return net;
    }

    /** The same chain as a graph. */
    static ComputationGraph graph(
            NeuralNetConfiguration.Builder configuration,
            InputType inputType,
            List<org.deeplearning4j.nn.conf.layers.Layer> layers) {
        return graph(chain(configuration, inputType, layers));
    }

    /** The configuration of the same chain as a graph, for more settings. */
    static GraphBuilder chain(
            NeuralNetConfiguration.Builder configuration,
            InputType inputType,
            List<org.deeplearning4j.nn.conf.layers.Layer> layers) {
        GraphBuilder graph = configuration.graphBuilder().addInputs(INPUT).setInputTypes(inputType);
        String last = INPUT;
        for (int i = 0; i < layers.size(); i++) {
            graph.addLayer(LAYER + i, layers.get(i), last);
            last = LAYER + i;
        }
        return graph.setOutputs(last);
    }

    static ComputationGraph graph(GraphBuilder graph) {
        ComputationGraph net = new ComputationGraph(graph.build());
        net.init();
        return net;
    }

    /** Moves all parameters away from their initial values, so that no gamma is 1 and no beta 0; running variances stay positive. */
    static void perturbParameters(Model net) {
        double[] noise = Samples.gaussian(7, Math.toIntExact(net.numParams()));
        net.params()
                .addi(Nd4j.createFromArray(noise).mul(0.1).castTo(net.params().dataType()));
    }

    /** A layer by its index in the chain. */
    static Layer layer(Model net, int index) {
        return net instanceof ComputationGraph graph
                ? graph.getLayer(LAYER + index)
                : ((MultiLayerNetwork) net).getLayer(index);
    }

    static double score(Model net, DataSet data, boolean training) {
        return net instanceof ComputationGraph graph
                ? graph.score(data, training)
                : ((MultiLayerNetwork) net).score(data, training);
    }

    /** The output in inference. */
    static INDArray output(Model net, INDArray features) {
        return net instanceof ComputationGraph graph
                ? graph.outputSingle(features)
                : ((MultiLayerNetwork) net).output(features);
    }

    /** What a layer of the chain puts out. */
    static INDArray activations(Model net, INDArray features, int layer, boolean training) {
        if (net instanceof ComputationGraph graph) {
            Map<String, INDArray> activations = graph.feedForward(features, training);
            return activations.get(LAYER + layer);
        }
        return ((MultiLayerNetwork) net).feedForward(features, training).get(layer + 1);
    }

    /** Computes the gradient of all parameters, without a step. */
    static INDArray gradient(Model net, DataSet data) {
        if (net instanceof ComputationGraph graph) {
            graph.setInputs(data.getFeatures());
            graph.setLabels(data.getLabels());
            graph.setLayerMaskArrays(orNull(data.getFeaturesMaskArray()), orNull(data.getLabelsMaskArray()));
            graph.computeGradientAndScore();
            return graph.gradient().gradient().dup();
        }
        MultiLayerNetwork network = (MultiLayerNetwork) net;
        network.setInput(data.getFeatures());
        network.setLabels(data.getLabels());
        network.setLayerMaskArrays(data.getFeaturesMaskArray(), data.getLabelsMaskArray());
        network.computeGradientAndScore();
        return network.gradient().gradient().dup();
    }

    /** A batch with rounded features. */
    static DataSet rounded(DataSet data, Rounding rounding) {
        return new DataSet(rounding.of(data.getFeatures()), data.getLabels());
    }

    /** Masks in the form that graphs want. */
    static INDArray[] orNull(INDArray mask) {
        return mask == null ? null : new INDArray[] {mask};
    }
}
