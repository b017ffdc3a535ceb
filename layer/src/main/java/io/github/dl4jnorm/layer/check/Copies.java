package io.github.dl4jnorm.layer.check;

import io.github.dl4jnorm.layer.check.Bench.Pass;
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

    static String json(Subject subject) {
        return configurations(subject, c -> MultiLayerConfiguration.fromJson(c.toJson()));
    }

    static String yaml(Subject subject) {
        return configurations(subject, c -> MultiLayerConfiguration.fromYaml(c.toYaml()));
    }

    static String zip(Subject subject) throws IOException {
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

    static String javaSerialization(Subject subject) throws IOException, ClassNotFoundException {
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

    static String clones(Subject subject) {
        Fields.same(subject.original(), subject.layer());
        configurations(subject, MultiLayerConfiguration::clone);
        MultiLayerNetwork network = subject.cloneableNetwork();
        MultiLayerNetwork clone = network.clone();
        networks(subject, network, clone);
        INDArray before = network.params().dup();
        clone.params().addi(1);
        Values.same("parameters of the original after the clone's were changed", before, network.params());
        return "";
    }

    private static MultiLayerConfiguration configuration(Subject subject) {
        return subject.configuration(subject.base(DataType.DOUBLE));
    }

    /** Copies the configuration as it is built, and as it is in a network. */
    private static String configurations(
            Subject subject, Function<MultiLayerConfiguration, MultiLayerConfiguration> copy) {
        MultiLayerConfiguration built = configuration(subject);
        configuration(subject, built, copy.apply(built));
        MultiLayerConfiguration used = subject.network(DataType.DOUBLE).getLayerWiseConfigurations();
        configuration(subject, used, copy.apply(used));
        return "";
    }

    private static void configuration(Subject subject, MultiLayerConfiguration original, MultiLayerConfiguration copy) {
        Layer expected = original.getConf(0).getLayer();
        Layer actual = copy.getConf(0).getLayer();
        if (actual == expected) {
            throw new Finding("the copy shares the layer's configuration");
        }
        Fields.same(expected, actual);
        if (!expected.equals(actual)) {
            throw new Finding("the copy's configuration is not equal to the original, though all its fields are");
        }
        MultiLayerNetwork reference = subject.network(original.clone());
        MultiLayerNetwork network = subject.network(copy);
        computations(subject, reference, network);
    }

    private static void networks(Subject subject, MultiLayerNetwork original, MultiLayerNetwork copy) {
        Fields.same(
                original.getLayerWiseConfigurations().getConf(0).getLayer(),
                copy.getLayerWiseConfigurations().getConf(0).getLayer());
        Values.same("parameters of the copy", original.params(), copy.params());
        computations(subject, original, copy);
    }

    private static void computations(Subject subject, MultiLayerNetwork original, MultiLayerNetwork copy) {
        INDArray x = subject.input(subject.batch(), 0);
        for (boolean training : new boolean[] {true, false}) {
            Pass expected = Activations.pass(subject, new Bench(original, subject.seed()), x, training);
            Pass actual = Activations.pass(subject, new Bench(copy, subject.seed()), x, training);
            Values.close("in " + Activations.mode(training) + ", copy", expected, actual, 0);
        }
    }
}
