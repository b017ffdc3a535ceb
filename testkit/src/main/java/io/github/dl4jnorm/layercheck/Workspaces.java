package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.enums.DebugMode;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Networks with workspaces against the same without them. The layer stands behind an {@link Identity}: a first layer
 * gets its input from outside of all workspaces, which hides wrong use of them. There is no preprocessor before the
 * layer; some of DL4J's do not keep to workspaces.
 */
final class Workspaces {
    private static final int STEPS = 3;

    private Workspaces() {}

    /** What a network of a workspace mode computes. */
    private interface Computation {
        INDArray in(WorkspaceMode mode);
    }

    static String training(LayerUnderTest subject) {
        subject.requireBackprop();
        INDArray x = subject.input(subject.batch(), 0);
        LayerResults pass = Activations.pass(subject, subject.bench(DataType.DOUBLE), x, true);
        if (pass.dx() == null) {
            throw new Inapplicable("the layer passes no gradient to the one below");
        }
        INDArray y = pass.y();
        DataSet data = new DataSet(x, subject.epsilon(y.shape()).reshape('c', y.size(0), y.length() / y.size(0)));
        compare("input gradient of a MultiLayerNetwork", mode -> {
            MultiLayerNetwork network = chain(subject, mode, y.shape());
            LayerUnderTest.reseed(subject.seed());
            return network.calculateGradients(data.getFeatures(), data.getLabels(), null, null)
                    .getSecond()
                    .dup();
        });
        compare("score and parameters of a MultiLayerNetwork", mode -> {
            MultiLayerNetwork network = chain(subject, mode, y.shape());
            for (int i = 0; i < STEPS; i++) {
                LayerUnderTest.reseed(subject.seed() + i);
                network.fit(data);
            }
            return scoreAndParameters(network.score(), network.params());
        });
        compare("score and parameters of a ComputationGraph", mode -> {
            ComputationGraph graph = graph(subject, mode, y.shape());
            for (int i = 0; i < STEPS; i++) {
                LayerUnderTest.reseed(subject.seed() + i);
                graph.fit(data);
            }
            return scoreAndParameters(graph.score(), graph.params());
        });
        return "MultiLayerNetwork and ComputationGraph, " + STEPS + " steps";
    }

    private static INDArray scoreAndParameters(double score, INDArray parameters) {
        INDArray scalar = Nd4j.createFromArray(score);
        return parameters == null || parameters.isEmpty()
                ? scalar
                : Nd4j.concat(0, scalar, parameters.reshape(parameters.length()));
    }

    static String inference(LayerUnderTest subject) {
        INDArray x = subject.input(subject.batch(), 0);
        compare("output of a MultiLayerNetwork", mode -> chain(subject, mode, null)
                .output(x));
        compare("output of a ComputationGraph", mode -> graph(subject, mode, null)
                .outputSingle(x));
        if (!subject.isOutput()) {
            long[] shape =
                    subject.bench(DataType.DOUBLE).forward(x.dup(), false).shape();
            compare("output of a MultiLayerNetwork, as an inner layer", mode -> chain(subject, mode, shape)
                    .output(x));
            compare("output of a ComputationGraph, as an inner layer", mode -> graph(subject, mode, shape)
                    .outputSingle(x));
        }
        return "MultiLayerNetwork and ComputationGraph, as last and as inner layer";
    }

    private static void compare(String what, Computation computation) {
        INDArray expected = computation.in(WorkspaceMode.NONE);
        Comparisons.close(
                what, expected, named(what, () -> computation.in(WorkspaceMode.ENABLED)), Comparisons.ROUNDING);
        INDArray spilled = named(what + ", each array on its own", () -> spilling(computation));
        Comparisons.close(what + ", each array on its own", expected, spilled, Comparisons.ROUNDING);
    }

    /** An exception here is what workspaces make of a computation that works without them. */
    private static INDArray named(String what, Supplier<INDArray> computation) {
        try {
            return computation.get();
        } catch (RuntimeException e) {
            throw new CheckFailure(what + ": threw " + e.getClass().getSimpleName() + ": " + firstLine(e.getMessage()));
        }
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "" : message.lines().findFirst().orElse("");
    }

    /** In this mode each array of a workspace has memory of its own, so that none is right by accident. */
    private static INDArray spilling(Computation computation) {
        DebugMode before = Nd4j.getWorkspaceManager().getDebugMode();
        Nd4j.getWorkspaceManager().setDebugMode(DebugMode.SPILL_EVERYTHING);
        try {
            return computation.in(WorkspaceMode.ENABLED);
        } finally {
            Nd4j.getWorkspaceManager().setDebugMode(before);
        }
    }

    private static NeuralNetConfiguration.Builder base(LayerUnderTest subject, WorkspaceMode mode) {
        return subject.base(DataType.DOUBLE).trainingWorkspaceMode(mode).inferenceWorkspaceMode(mode);
    }

    private static Layer loss() {
        return new LossLayer.Builder(LossFunction.MSE)
                .activation(Activation.IDENTITY)
                .build();
    }

    /** Identity, layer and, if the shape of the layer's output is given, loss. */
    private static MultiLayerNetwork chain(LayerUnderTest subject, WorkspaceMode mode, long @Nullable [] shape) {
        ListBuilder list = base(subject, mode).list().layer(new Identity()).layer(subject.layer());
        if (shape != null) {
            list.layer(loss()).inputPreProcessor(2, new Flattening(shape));
        }
        return subject.network(list.setInputType(subject.arrivingType()).build());
    }

    private static ComputationGraph graph(LayerUnderTest subject, WorkspaceMode mode, long @Nullable [] shape) {
        GraphBuilder builder = base(subject, mode)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(subject.arrivingType())
                .addLayer("identity", new Identity(), "in")
                .addLayer("layer", subject.layer(), "identity");
        if (shape != null) {
            builder.addLayer("loss", loss(), new Flattening(shape), "layer");
        }
        ComputationGraph graph = new ComputationGraph(
                builder.setOutputs(shape == null ? "layer" : "loss").build());
        graph.init();
        subject.disturb(graph.params());
        return graph;
    }
}
