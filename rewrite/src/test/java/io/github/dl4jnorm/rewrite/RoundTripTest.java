package io.github.dl4jnorm.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.rewrite.Models.Type;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.stepfunctions.NegativeGradientStepFunction;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInitUniform;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;

/**
 * DL4J's layer, replaced by ours and restored, has every setting that it had, and so have the networks around it. The
 * settings are the fields of DL4J's classes, so that none is forgotten.
 */
class RoundTripTest {
    private static final long CHANNELS = 3;

    /** What holds other objects, or says how parameters lie. */
    private static final Set<String> OF_A_LAYER = Set.of("layer", "variables", "dataType");

    /** Another value than the default for each field of DL4J's layer; the number of outputs is that of the network. */
    private static Map<String, Object> otherSettings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("layerName", "norm");
        settings.put("iDropout", new Dropout(0.8));
        settings.put("constraints", constraints());
        settings.put("activationFn", new ActivationCube());
        settings.put("weightInitFn", new WeightInitUniform());
        settings.put("biasInit", 0.3);
        settings.put("gainInit", 1.5);
        settings.put("regularization", List.of(new L1Regularization(1e-3)));
        settings.put("regularizationBias", List.of(new L2Regularization(1e-2)));
        settings.put("iUpdater", new Nesterovs(0.03, 0.8));
        settings.put("biasUpdater", new Sgd(0.5));
        settings.put("weightNoise", new DropConnect(0.7));
        settings.put("gradientNormalization", GradientNormalization.ClipL2PerLayer);
        settings.put("gradientNormalizationThreshold", 0.25);
        settings.put("nIn", CHANNELS);
        settings.put("nOut", CHANNELS);
        settings.put("timeDistributedFormat", RNNFormat.NWC);
        settings.put("decay", 0.6);
        settings.put("eps", 1e-2);
        settings.put("isMinibatch", false);
        settings.put("gamma", 1.7);
        settings.put("beta", -0.4);
        settings.put("lockGammaBeta", true);
        settings.put("cudnnAllowFallback", false);
        settings.put("useLogStd", false);
        settings.put("cnn2DFormat", CNN2DFormat.NHWC);
        return settings;
    }

    private static List<LayerConstraint> constraints() {
        NonNegativeConstraint ofAll = new NonNegativeConstraint();
        ofAll.setParams(Set.of("gamma", "beta", "mean", "log10stdev"));
        MaxNormConstraint ofGamma = new MaxNormConstraint(2, 1);
        ofGamma.setParams(Set.of("gamma"));
        return List.of(ofAll, ofGamma);
    }

    @Test
    void everySettingHasAnotherValueHere() {
        Map<String, Object> fields = Fields.of(norm());
        Map<String, Object> others = otherSettings();
        assertEquals(fields.keySet(), others.keySet());
        others.keySet().removeAll(Set.of("nIn", "nOut"));
        others.forEach((name, value) -> assertNotEquals(fields.get(name), value, name));
    }

    private static BatchNormalization norm() {
        return new BatchNormalization.Builder().nOut(CHANNELS).build();
    }

    private static BatchNormalization with(Map<String, Object> settings) {
        BatchNormalization norm = norm();
        settings.forEach((name, value) -> Fields.set(norm, name, value));
        return norm;
    }

    static Stream<Map<String, Object>> settings() {
        Map<String, Object> all = otherSettings();
        Stream<Map<String, Object>> each =
                all.entrySet().stream().map(setting -> Map.<String, Object>of(setting.getKey(), setting.getValue()));
        Stream<Map<String, Object>> fixed = Stream.of(
                Map.of("lockGammaBeta", true, "gamma", 2.0),
                Map.of("lockGammaBeta", true, "beta", 3.0, "useLogStd", false),
                Map.of("lockGammaBeta", true, "gamma", 2.0, "beta", 3.0));
        return Stream.of(each, fixed, Stream.of(Map.<String, Object>of(), all)).flatMap(s -> s);
    }

    private static Model network(Type type, Layer norm) {
        return type == Type.GRAPH ? graph(norm) : chain(norm);
    }

    private static MultiLayerNetwork chain(Layer norm) {
        MultiLayerNetwork network = new MultiLayerNetwork(Nets.base()
                .list()
                .layer(norm)
                .layer(new OutputLayer.Builder().nIn(CHANNELS).nOut(2).build())
                .build());
        network.init();
        return network;
    }

    private static ComputationGraph graph(Layer norm) {
        ComputationGraph graph = new ComputationGraph(Nets.base()
                .graphBuilder()
                .addInputs("in")
                .addLayer("norm", norm, "in")
                .addLayer("out", new OutputLayer.Builder().nIn(CHANNELS).nOut(2).build(), "norm")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static Model replaced(Model original) {
        return done(Models.replace(original));
    }

    private static Model restored(Model replaced) {
        return done(Models.restore(replaced));
    }

    private static <N> N done(Rewritten<N> rewritten) {
        assertEquals(1, rewritten.report().done().size(), rewritten.report()::toString);
        return rewritten.network();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everySettingReturns(Map<String, Object> settings) {
        for (Type type : Type.values()) {
            Model original = network(type, with(settings));
            Map<String, Object> expected = Fields.of(layer(original));
            assertEquals(expected, Fields.of(layer(restored(replaced(original)))));
            assertEquals(expected, Fields.of(layer(original)));
        }
    }

    /** The configuration of the batch normalization. */
    private static Layer layer(Model model) {
        return model instanceof ComputationGraph graph
                ? layerConf(graph.getConfiguration()).getLayer()
                : ((MultiLayerNetwork) model)
                        .getLayerWiseConfigurations()
                        .getConf(0)
                        .getLayer();
    }

    /** What is remembered stands in the file. */
    @ParameterizedTest
    @EnumSource
    void throughAFile(Type type) throws IOException {
        Model original = network(type, with(otherSettings()));
        Model loaded = loaded(type, replaced(original));
        assertEquals(Fields.of(layer(original)), Fields.of(layer(restored(loaded))));
    }

    private static Model loaded(Type type, Model model) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ModelSerializer.writeModel(model, file, true);
        ByteArrayInputStream in = new ByteArrayInputStream(file.toByteArray());
        return type == Type.GRAPH
                ? ModelSerializer.restoreComputationGraph(in, true)
                : ModelSerializer.restoreMultiLayerNetwork(in, true);
    }

    /** Those that replaced none are saved as ever. */
    @Test
    void nothingIsRememberedOfNothing() {
        String json = chain(new BatchNorm.Builder().nIn(CHANNELS).build())
                .getLayerWiseConfigurations()
                .toJson();
        assertFalse(json.contains("replaced"), json);
        BatchNormalization restored = (BatchNormalization) layer(done(BatchNormReplacement.restore(
                chain(new BatchNorm.Builder().nIn(CHANNELS).decay(0.6).build()))));
        BatchNormalization expected =
                with(Map.of("decay", 0.6, "nIn", CHANNELS, "activationFn", new ActivationIdentity()));
        assertEquals(Fields.of(layer(chain(expected))), Fields.of(restored));
    }

    @Test
    void insideWrappers() {
        for (Layer wrapper : List.of(
                new FrozenLayer(with(otherSettings())),
                new FrozenLayer(new FrozenLayer(with(otherSettings()))),
                new FrozenLayerWithBackprop(with(otherSettings())),
                new TimeDistributed(with(otherSettings()), RNNFormat.NWC))) {
            wrapper.setIDropout(new Dropout(0.6));
            wrapper.setLayerName("wrapped");
            MultiLayerNetwork original = chain(wrapper);
            MultiLayerNetwork replaced = done(BatchNormReplacement.replace(original));
            Layer expected = layer(original);
            Layer actual = layer(done(BatchNormReplacement.restore(replaced)));
            assertNotNull(Wrappers.inner(expected));
            while (Wrappers.inner(expected) != null) {
                assertEquals(expected.getClass(), actual.getClass());
                assertEquals(
                        Fields.without(expected, "layer", "underlying"), Fields.without(actual, "layer", "underlying"));
                expected = Wrappers.inner(expected);
                actual = Wrappers.inner(actual);
            }
            assertEquals(Fields.of(expected), Fields.of(actual));
        }
    }

    /** What comes back needs no word; what trains differently, or cannot come back, is said. */
    @Test
    void reports() {
        MultiLayerNetwork original = chain(with(Map.of("useLogStd", false, "isMinibatch", false)));
        Rewritten<MultiLayerNetwork> replaced = BatchNormReplacement.replace(original);
        assertEquals("3 channels", detail(replaced));
        assertEquals("3 channels", detail(BatchNormReplacement.restore(replaced.network())));

        Rewritten<MultiLayerNetwork> constrained =
                BatchNormReplacement.replace(chain(with(Map.of("constraints", constraints()))));
        assertEquals("3 channels; constraints no longer change its running statistics", detail(constrained));
        assertEquals(
                "3 channels; constraints will change its running statistics",
                detail(BatchNormReplacement.restore(constrained.network())));

        MultiLayerNetwork logarithms =
                BatchNormReplacement.replace(chain(norm())).network();
        logarithms.getLayer(0).getParam(BatchNorm.VARIANCE).putScalar(0, 0);
        Rewritten<MultiLayerNetwork> restored = BatchNormReplacement.restore(logarithms);
        assertEquals(
                "3 channels; useLogStd(false), for a running variance is too small for its logarithm",
                detail(restored));
        assertFalse(((BatchNormalization) layer(restored.network())).isUseLogStd());
    }

    private static String detail(Rewritten<?> rewritten) {
        return rewritten.report().done().get(0).detail();
    }

    /** Whoever sets ours anew means it: what both layers have is taken from ours. */
    @Test
    void whatWasChangedSinceStaysChanged() {
        MultiLayerNetwork replaced = done(BatchNormReplacement.replace(chain(with(otherSettings()))));
        BatchNorm ours = (BatchNorm) layer(replaced);
        ours.setLayerName("another");
        ours.setIUpdater(new AdaMax(0.2));
        ours.setBiasUpdater(new AdaMax(0.2));
        ours.setConstraints(List.of());
        ours.setDecay(0.3);
        ours.setEps(1e-4);
        ours.setGamma(5);
        ours.setGradientNormalization(GradientNormalization.None);
        ours.setDataFormat(CNN2DFormat.NCHW);
        Map<String, Object> expected = otherSettings();
        expected.put("layerName", "another");
        expected.put("iUpdater", new AdaMax(0.2));
        expected.put("biasUpdater", new AdaMax(0.2));
        expected.put("constraints", List.of());
        expected.put("decay", 0.3);
        expected.put("eps", 1e-4);
        expected.put("gamma", 5.0);
        expected.put("gradientNormalization", GradientNormalization.None);
        expected.put("cnn2DFormat", CNN2DFormat.NCHW);
        assertEquals(expected, Fields.of(layer(done(BatchNormReplacement.restore(replaced)))));
    }

    /** Every field of an object gets another value, but some. */
    private static void change(Object configuration, Set<String> kept) {
        Fields.of(configuration).forEach((name, value) -> {
            if (!kept.contains(name)) {
                Object other =
                        name.equals("stepFunction") ? new NegativeGradientStepFunction() : Fields.another(name, value);
                Fields.set(configuration, name, other);
            }
        });
    }

    @Test
    void configurationsOfChains() {
        MultiLayerNetwork original = chain(norm());
        MultiLayerConfiguration conf = original.getLayerWiseConfigurations();
        change(conf, Set.of("confs", "inputPreProcessors", "dataType"));
        conf.getConfs().forEach(layer -> change(layer, OF_A_LAYER));
        MultiLayerNetwork restored = done(BatchNormReplacement.restore(done(BatchNormReplacement.replace(original))));
        MultiLayerConfiguration actual = restored.getLayerWiseConfigurations();
        assertEquals(Fields.without(conf, "confs"), Fields.without(actual, "confs"));
        for (int i = 0; i < 2; i++) {
            assertEquals(Fields.of(conf.getConf(i)), Fields.of(actual.getConf(i)));
        }
    }

    @Test
    void configurationsOfGraphs() {
        ComputationGraph original = graph(norm());
        ComputationGraphConfiguration conf = original.getConfiguration();
        change(
                conf,
                Set.of(
                        "vertices",
                        "vertexInputs",
                        "networkInputs",
                        "networkOutputs",
                        "defaultConfiguration",
                        "dataType",
                        "topologicalOrder",
                        "topologicalOrderStr"));
        change(conf.getDefaultConfiguration(), OF_A_LAYER);
        change(layerConf(conf), OF_A_LAYER);
        ComputationGraph restored = done(BatchNormReplacement.restore(done(BatchNormReplacement.replace(original))));
        ComputationGraphConfiguration actual = restored.getConfiguration();
        String[] nested = {"vertices", "defaultConfiguration", "topologicalOrder"};
        assertEquals(Fields.without(conf, nested), Fields.without(actual, nested));
        assertEquals(Fields.of(conf.getDefaultConfiguration()), Fields.of(actual.getDefaultConfiguration()));
        assertEquals(Fields.of(layerConf(conf)), Fields.of(layerConf(actual)));
        assertArrayEquals(conf.getTopologicalOrder(), actual.getTopologicalOrder());
    }

    private static NeuralNetConfiguration layerConf(ComputationGraphConfiguration conf) {
        return ((LayerVertex) conf.getVertices().get("norm")).getLayerConf();
    }

    /** An image network, whose layers know more than they were told. */
    @Test
    void afterAnInputType() {
        MultiLayerNetwork original = Nets.chain(
                Nets.base(),
                InputType.convolutional(4, 4, CHANNELS, CNN2DFormat.NHWC),
                List.of(new BatchNormalization.Builder().useLogStd(false).build(), Nets.output()));
        MultiLayerNetwork replaced = done(BatchNormReplacement.replace(original));
        assertEquals(Fields.of(layer(original)), Fields.of(layer(done(BatchNormReplacement.restore(replaced)))));
    }
}
