package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

class SerializationTest {
    @TempDir
    private Path directory;

    private static BatchNorm replacing(BatchNormalization theirs) {
        BatchNorm ours = new BatchNorm.Builder().build();
        ours.setReplaced(theirs);
        return ours;
    }

    /** One configuration with every option away from its default, and pairs that differ in one option. */
    static List<FeedForwardLayer> distinct() {
        return List.of(
                new BatchNorm.Builder().build(),
                new BatchNorm.Builder().name("named").build(),
                new BatchNorm.Builder().nIn(3).build(),
                new BatchNorm.Builder().decay(0.5).build(),
                new BatchNorm.Builder().eps(1e-3).build(),
                new BatchNorm.Builder().gamma(2).build(),
                new BatchNorm.Builder().beta(0.5).build(),
                new BatchNorm.Builder().lockGammaBeta(true).build(),
                new BatchNorm.Builder().lockGamma(true).build(),
                new BatchNorm.Builder().lockBeta(true).build(),
                new BatchNorm.Builder().axis(2).build(),
                new BatchNorm.Builder().runningStatistics(false).build(),
                new BatchNorm.Builder().unbiasedRunningVariance(true).build(),
                new BatchNorm.Builder().regularizeGammaBeta(true).build(),
                new BatchNorm.Builder().dataFormat(CNN2DFormat.NHWC).build(),
                new BatchNorm.Builder().activation(Activation.RELU).build(),
                replacing(new BatchNormalization.Builder().build()),
                replacing(new BatchNormalization.Builder()
                        .useLogStd(false)
                        .minibatch(false)
                        .build()),
                new LayerNorm.Builder().build(),
                new LayerNorm.Builder().activation(Activation.RELU).build(),
                new LayerNorm.Builder().eps(1e-3).build(),
                new LayerNorm.Builder().axes(1).build(),
                new LayerNorm.Builder().axes(1, 2).build(),
                new LayerNorm.Builder().lockGamma(true).build(),
                new LayerNorm.Builder().lockBeta(true).build(),
                new LayerNorm.Builder().gamma(2).build(),
                new LayerNorm.Builder().regularizeGammaBeta(true).build(),
                new LayerNorm.Builder().dataFormat(RNNFormat.NWC).build(),
                new GroupNorm.Builder().build(),
                new GroupNorm.Builder().groups(2).build(),
                new GroupNorm.Builder().axis(2).build(),
                new GroupNorm.Builder().eps(1e-3).build(),
                new GroupNorm.Builder().gamma(2).build(),
                new GroupNorm.Builder().beta(0.5).build(),
                new GroupNorm.Builder().lockGamma(true).build(),
                new GroupNorm.Builder().lockBeta(true).build(),
                new GroupNorm.Builder().regularizeGammaBeta(true).build(),
                new GroupNorm.Builder().dataFormat(CNN2DFormat.NHWC).build(),
                new GroupNorm.Builder().activation(Activation.RELU).build(),
                new InstanceNorm.Builder().build(),
                new InstanceNorm.Builder().eps(1e-3).build(),
                new InstanceNorm.Builder().lockGammaBeta(true).build(),
                new InstanceNorm.Builder().dataFormat(CNN2DFormat.NHWC).build(),
                new InstanceNorm.Builder().activation(Activation.RELU).build(),
                new RmsNorm.Builder().build(),
                new RmsNorm.Builder().eps(1e-3).build(),
                new RmsNorm.Builder().axes(1, 2).build(),
                new RmsNorm.Builder().unitOffset(true).build(),
                new RmsNorm.Builder().unitOffset(true).gamma(1).build(),
                new RmsNorm.Builder().gamma(0).build(),
                new RmsNorm.Builder().lockGamma(true).build(),
                new RmsNorm.Builder().lockBeta(false).build(),
                new RmsNorm.Builder().activation(Activation.RELU).build(),
                new UnitNorm.Builder().build(),
                new UnitNorm.Builder().eps(1e-3).build(),
                new UnitNorm.Builder().axes(1).build(),
                new UnitNorm.Builder().axes(1, 2).build(),
                new UnitNorm.Builder().dataFormat(RNNFormat.NWC).build(),
                new SumNorm.Builder().build(),
                new SumNorm.Builder().eps(1e-3).build(),
                new SumNorm.Builder().axes(1).build(),
                new SumNorm.Builder().axes(1, 2).build(),
                new SumNorm.Builder().dataFormat(Convolution3D.DataFormat.NDHWC).build());
    }

    @Test
    void configurationsAreEqualExactlyIfAllOptionsAre() {
        List<FeedForwardLayer> layers = distinct();
        List<FeedForwardLayer> again = distinct();
        for (int i = 0; i < layers.size(); i++) {
            for (int j = 0; j < layers.size(); j++) {
                if (i == j) {
                    assertEquals(layers.get(i), again.get(j));
                    assertEquals(layers.get(i).hashCode(), again.get(j).hashCode());
                    assertEquals(layers.get(i).toString(), again.get(j).toString());
                } else {
                    assertNotEquals(layers.get(i), again.get(j));
                    assertNotEquals(layers.get(i).toString(), again.get(j).toString());
                }
            }
        }
    }

    @Test
    void everyOptionSurvivesJsonYamlCloneAndJavaSerialization() throws IOException, ClassNotFoundException {
        for (FeedForwardLayer layer : distinct()) {
            MultiLayerConfiguration conf = Scenario.base(DataType.FLOAT, new Sgd(0.1))
                    .list()
                    .layer(layer)
                    .build();
            FeedForwardLayer configured = (FeedForwardLayer) conf.getConf(0).getLayer();
            assertEquals(configured, layer(MultiLayerConfiguration.fromJson(conf.toJson())));
            assertEquals(configured, layer(MultiLayerConfiguration.fromYaml(conf.toYaml())));
            assertEquals(configured, layer(conf.clone()));
            assertNotSame(configured, layer(conf.clone()));
            assertEquals(configured, layer((MultiLayerConfiguration) javaSerialized(conf)));
            assertEquals(
                    configured.toString(),
                    layer(MultiLayerConfiguration.fromJson(conf.toJson())).toString());
        }
    }

    private static FeedForwardLayer layer(MultiLayerConfiguration conf) {
        return (FeedForwardLayer) conf.getConf(0).getLayer();
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

    @Test
    void everyDataFormatSurvivesJson() {
        for (DataFormat format : List.of(
                RNNFormat.NCW,
                RNNFormat.NWC,
                CNN2DFormat.NCHW,
                CNN2DFormat.NHWC,
                Convolution3D.DataFormat.NCDHW,
                Convolution3D.DataFormat.NDHWC)) {
            MultiLayerConfiguration conf = Scenario.base(DataType.FLOAT, new Sgd(0.1))
                    .list()
                    .layer(new SumNorm.Builder().dataFormat(format).build())
                    .build();
            assertEquals(format, ((SumNorm) layer(MultiLayerConfiguration.fromJson(conf.toJson()))).getDataFormat());
        }
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#everywhere")
    void networksSurvive(Variants norm, Scenario scenario, boolean deeper) throws IOException, ClassNotFoundException {
        MultiLayerNetwork network = scenario.network(DataType.FLOAT, norm.layer, deeper);
        ComputationGraph graph = scenario.graph(DataType.FLOAT, norm.layer, deeper);
        DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
        network.fit(data);
        graph.fit(data);
        MultiLayerConfiguration conf = network.getLayerWiseConfigurations();
        assertEquals(conf, MultiLayerConfiguration.fromJson(conf.toJson()));
        assertEquals(conf, MultiLayerConfiguration.fromYaml(conf.toYaml()));
        assertEquals(
                graph.getConfiguration(),
                ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson()));

        File file = directory.resolve("network.zip").toFile();
        network.save(file, true);
        File graphFile = directory.resolve("graph.zip").toFile();
        graph.save(graphFile, true);
        INDArray expected = network.output(data.getFeatures());
        for (MultiLayerNetwork copy : List.of(
                MultiLayerNetwork.load(file, true), network.clone(), (MultiLayerNetwork) javaSerialized(network))) {
            Expect.same(network.params(), copy.params());
            Expect.same(expected, copy.output(data.getFeatures()));
        }
        for (ComputationGraph copy : List.of(ComputationGraph.load(graphFile, true), graph.clone())) {
            Expect.same(graph.outputSingle(data.getFeatures()), copy.outputSingle(data.getFeatures()));
        }
        MultiLayerNetwork loaded = MultiLayerNetwork.load(file, true);
        network.fit(data);
        loaded.fit(data);
        Expect.same(network.params(), loaded.params());
    }

    @Test
    void parametersCanBeSetPerLayer() {
        Scenario scenario = Scenario.NCHW;
        MultiLayerNetwork network = scenario.network(
                DataType.DOUBLE, () -> new LayerNorm.Builder().axes(1, 2, 3).build(), true);
        org.deeplearning4j.nn.api.Layer layer = network.getLayer(1);
        INDArray values = Nd4j.linspace(1, layer.numParams(), layer.numParams(), DataType.DOUBLE);
        layer.setParams(values);
        Expect.same(values, layer.params());
        assertEquals(List.of("gamma", "beta"), List.copyOf(layer.paramTable().keySet()));
        assertEquals(2.0, layer.getParam("gamma").getDouble(0, 0, 1));
    }
}
