package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Networks that were saved and restored, or copied, go on as if nothing had happened, to the last bit. */
class SavingTest {
    private static final Kind KIND = Kind.CNN_NHWC;

    @TempDir
    private Path folder;

    record Case(Norm norm, Type type) {}

    static Stream<Case> cases() {
        return Stream.of(
                        Norm.BATCH,
                        Norm.BATCH_LOCKED,
                        Norm.LAYER,
                        Norm.BATCH_RELU,
                        Norm.LAYER_ALL_AXES,
                        Norm.LAYER_RELU,
                        Norm.SUM)
                .flatMap(norm -> Arrays.stream(Type.values()).map(type -> new Case(norm, type)));
    }

    private static Model trained(Case c) {
        Model net = Networks.build(
                c.type(),
                Networks.configuration(DataType.FLOAT).updater(new Adam(0.01)),
                KIND.inputType(),
                c.norm().between(KIND));
        train(net, 0);
        return net;
    }

    private static void train(Model net, int firstBatch) {
        for (int i = 0; i < 3; i++) {
            Models.fit(net, batch(firstBatch + i));
        }
    }

    private static DataSet batch(int seed) {
        return KIND.data(DataType.FLOAT, Layout.C, Kind.EXAMPLES, seed);
    }

    private static void assertGoesOn(Model net, Model restored) {
        assertEquals(layers(net), layers(restored));
        for (int round = 0; round < 2; round++) {
            NDArrays.assertIdentical(net.params(), restored.params());
            NDArrays.assertIdentical(
                    Networks.output(net, batch(50).getFeatures()),
                    Networks.output(restored, batch(50).getFeatures()));
            train(net, 10);
            train(restored, 10);
        }
    }

    /** Not whole configurations: of graphs, those of DL4J's own clones are not equal. */
    private static List<Layer> layers(Model net) {
        org.deeplearning4j.nn.api.Layer[] layers =
                net instanceof ComputationGraph graph ? graph.getLayers() : ((MultiLayerNetwork) net).getLayers();
        return Arrays.stream(layers).map(layer -> layer.conf().getLayer()).toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aZipWithItsUpdater(Case c) throws IOException {
        Model net = trained(c);
        File file = folder.resolve("net.zip").toFile();
        ModelSerializer.writeModel(net, file, true);
        Model restored = c.type() == Type.GRAPH
                ? ModelSerializer.restoreComputationGraph(file, true)
                : ModelSerializer.restoreMultiLayerNetwork(file, true);
        assertGoesOn(net, restored);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aClone(Case c) {
        Model net = trained(c);
        if (net instanceof ComputationGraph graph) {
            ComputationGraph clone = graph.clone();
            // DL4J's clone of a graph forgets how many iterations there were, and Adam depends on it.
            clone.getConfiguration().setIterationCount(graph.getConfiguration().getIterationCount());
            assertGoesOn(net, clone);
        } else {
            assertGoesOn(net, ((MultiLayerNetwork) net).clone());
        }
    }

    /** DL4J's networks come back from Java serialization whole, but cannot run: fields that are not saved are null. */
    @ParameterizedTest
    @MethodSource("cases")
    void javaSerialization(Case c) throws IOException, ClassNotFoundException {
        Model net = trained(c);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(net);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            Model read = (Model) in.readObject();
            assertEquals(layers(net), layers(read));
            NDArrays.assertIdentical(net.params(), read.params());
            NDArrays.assertIdentical(updaterState(net), updaterState(read));
        }
    }

    private static INDArray updaterState(Model net) {
        return net instanceof ComputationGraph graph
                ? graph.getUpdater().getStateViewArray()
                : ((MultiLayerNetwork) net).getUpdater().getStateViewArray();
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void configurationsAsJsonAndYaml(Norm norm) {
        MultiLayerNetwork net = (MultiLayerNetwork) trained(new Case(norm, Type.MULTI_LAYER));
        MultiLayerConfiguration chain = net.getLayerWiseConfigurations();
        for (MultiLayerConfiguration read : List.of(
                MultiLayerConfiguration.fromJson(chain.toJson()), MultiLayerConfiguration.fromYaml(chain.toYaml()))) {
            assertEquals(chain, read);
            assertEquals(chain.toJson(), read.toJson());
            MultiLayerNetwork again = new MultiLayerNetwork(read);
            again.init(net.params(), true);
            NDArrays.assertIdentical(
                    net.output(batch(50).getFeatures()), again.output(batch(50).getFeatures()));
        }

        ComputationGraph graphNet = (ComputationGraph) trained(new Case(norm, Type.GRAPH));
        ComputationGraphConfiguration graph = graphNet.getConfiguration();
        for (ComputationGraphConfiguration read : List.of(
                ComputationGraphConfiguration.fromJson(graph.toJson()),
                ComputationGraphConfiguration.fromYaml(graph.toYaml()))) {
            assertEquals(graph, read);
            assertEquals(graph.toJson(), read.toJson());
            ComputationGraph again = new ComputationGraph(read);
            again.init(graphNet.params(), true);
            NDArrays.assertIdentical(
                    graphNet.outputSingle(batch(50).getFeatures()),
                    again.outputSingle(batch(50).getFeatures()));
        }
    }
}
