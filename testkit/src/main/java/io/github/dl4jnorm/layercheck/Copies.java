package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Whether what DL4J writes, reads, and clones is still the same layer. */
final class Copies {
    private Copies() {}

    static String json(LayerUnderTest subject) {
        return configurations(subject, c -> MultiLayerConfiguration.fromJson(c.toJson()));
    }

    static String yaml(LayerUnderTest subject) {
        return configurations(subject, c -> MultiLayerConfiguration.fromYaml(c.toYaml()));
    }

    static String zip(LayerUnderTest subject) throws IOException {
        MultiLayerNetwork network = subject.cloneableNetwork();
        Path file = Files.createTempFile("layer-check", ".zip");
        try {
            network.save(file.toFile(), true);
            networks(subject, network, MultiLayerNetwork.load(file.toFile(), true));
        } finally {
            Files.delete(file);
        }
        return "";
    }

    static String javaSerialization(LayerUnderTest subject) throws IOException, ClassNotFoundException {
        MultiLayerConfiguration configuration = configuration(subject);
        configuration(subject, configuration, (MultiLayerConfiguration) javaSerialized(configuration));
        MultiLayerNetwork network = subject.cloneableNetwork();
        networks(subject, network, (MultiLayerNetwork) javaSerialized(network));
        return "";
    }

    private static Object javaSerialized(Object object) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }

    static String clones(LayerUnderTest subject) {
        Fields.same(subject.original(), subject.layer());
        configurations(subject, MultiLayerConfiguration::clone);
        MultiLayerNetwork network = subject.cloneableNetwork();
        MultiLayerNetwork clone = network.clone();
        networks(subject, network, clone);
        INDArray before = network.params().dup();
        clone.params().addi(1);
        Comparisons.same("parameters of the original after the clone's were changed", before, network.params());
        return "";
    }

    private static MultiLayerConfiguration configuration(LayerUnderTest subject) {
        return subject.configuration(subject.base(DataType.DOUBLE));
    }

    /** Copies the configuration as it is built, and as it is in a network. */
    private static String configurations(
            LayerUnderTest subject, Function<MultiLayerConfiguration, MultiLayerConfiguration> copy) {
        MultiLayerConfiguration built = configuration(subject);
        configuration(subject, built, copy.apply(built));
        MultiLayerConfiguration used = subject.network(DataType.DOUBLE).getLayerWiseConfigurations();
        configuration(subject, used, copy.apply(used));
        return "";
    }

    private static void configuration(
            LayerUnderTest subject, MultiLayerConfiguration original, MultiLayerConfiguration copy) {
        Layer expected = original.getConf(0).getLayer();
        Layer actual = copy.getConf(0).getLayer();
        if (actual == expected) {
            throw new CheckFailure("the copy shares the layer's configuration");
        }
        Fields.same(expected, actual);
        if (!expected.equals(actual)) {
            throw new CheckFailure("the copy's configuration is not equal to the original, though all its fields are");
        }
        MultiLayerNetwork reference = subject.network(original.clone());
        MultiLayerNetwork network = subject.network(copy);
        computations(subject, reference, network);
    }

    private static void networks(LayerUnderTest subject, MultiLayerNetwork original, MultiLayerNetwork copy) {
        Fields.same(
                original.getLayerWiseConfigurations().getConf(0).getLayer(),
                copy.getLayerWiseConfigurations().getConf(0).getLayer());
        Comparisons.same("parameters of the copy", original.params(), copy.params());
        computations(subject, original, copy);
    }

    private static void computations(LayerUnderTest subject, MultiLayerNetwork original, MultiLayerNetwork copy) {
        INDArray x = subject.input(subject.batch(), 0);
        for (boolean training : new boolean[] {true, false}) {
            LayerResults expected = Activations.pass(subject, new LayerHarness(original, subject.seed()), x, training);
            LayerResults actual = Activations.pass(subject, new LayerHarness(copy, subject.seed()), x, training);
            Comparisons.close("in " + Activations.mode(training) + ", copy", expected, actual, 0);
        }
    }
}
