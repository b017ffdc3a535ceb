package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.KerasFile.Version;
import io.github.dl4jnorm.keras.report.ImportReport;
import io.github.dl4jnorm.keras.report.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.core.KerasDropout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What has not been compared with Keras is not imported silently, and what is known to be wrong not at all. */
class SupportTest {
    private final Random random = new Random(15);
    private final Map<String, Tensor> weights = Norms.linear(random, 4, 3);

    @TempDir
    Path directory;

    @AfterEach
    void noLayersAreRegistered() {
        KerasLayer.clearCustomLayers();
    }

    private KerasImporter relu(Version version, String className, Object... settings) throws IOException {
        return new KerasImporter(Path.of(KerasFile.functional(version)
                .input(4)
                .layer("Dense", "dense", Settings.dense(3, "linear"), weights)
                .layer(className, "the_layer", settings(settings), Map.of())
                .write(directory)));
    }

    private static void assertRefused(String message, KerasImporter importer) {
        UnsupportedKerasConfigurationException refusal =
                assertThrows(UnsupportedKerasConfigurationException.class, importer::importGraph);
        assertEquals(message, refusal.getMessage());
    }

    private static List<ImportReport.Entry> of(ImportReport report, String layer) {
        return report.entries().stream()
                .filter(entry -> entry.layer().equals(layer))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void unknownSettings(Version version) throws Exception {
        assertRefused(
                "Keras Activation \"the_layer\": wobble = 3: the setting is not known here; KerasImporter.lenient(true)"
                        + " imports it all the same",
                relu(version, "Activation", "activation", "relu", "wobble", 3));
        Imported<?> lenient = relu(version, "Activation", "activation", "relu", "wobble", 3)
                .lenient(true)
                .importGraph();
        assertEquals(
                List.of("Activation \"the_layer\": DOUBTFUL, wobble = 3: the setting is not known here"),
                lenient.report().doubts().stream()
                        .map(ImportReport.Entry::toString)
                        .toList());
        assertTrue(relu(version, "Activation", "activation", "relu", "wobble", null)
                .importGraph()
                .report()
                .doubts()
                .isEmpty());
    }

    @Test
    void whatIsKnownToBeWrongIsRefusedLenientlyToo() throws Exception {
        String message =
                "Keras Softmax \"the_layer\": an axis other than the last: not imported, because DL4J sums over"
                        + " the last one; permute in Keras";
        assertRefused(message, relu(Version.KERAS_3, "Softmax", "axis", 0));
        assertRefused(message, relu(Version.KERAS_3, "Softmax", "axis", 0).lenient(true));
        assertRefused(message, relu(Version.KERAS_3, "Softmax", "axis", List.of(0, 1)));
        relu(Version.KERAS_3, "Softmax", "axis", 1).importGraph();
    }

    @ParameterizedTest
    @ValueSource(strings = {"float16", "float64", "mixed_float16", "bfloat16"})
    void otherPrecisions(String precision) throws Exception {
        Object policy = settings("class_name", "Policy", "config", settings("name", precision));
        for (Object dtype : new Object[] {precision, policy}) {
            assertRefused(
                    "Keras ReLU \"the_layer\": dtype = " + precision
                            + ", expected float32, in which DL4J's importer makes"
                            + " networks; save the model with keras.config.set_dtype_policy(\"float32\")",
                    relu(Version.KERAS_2, "ReLU", "dtype", dtype, "max_value", null));
        }
    }

    @Test
    void classesThatNobodyKnows() throws Exception {
        assertRefused(
                "Keras GRU \"the_layer\": DL4J's importer has no GRU; imported as the class that is registered with"
                        + " KerasLayer.registerCustomLayer, else refused: use an LSTM",
                relu(Version.KERAS_3, "GRU", "return_sequences", true));
        assertRefused(
                "Keras Wobble \"the_layer\": DL4J's importer has no Wobble; imported as the class that is registered with"
                        + " KerasLayer.registerCustomLayer, else refused",
                relu(Version.KERAS_3, "Wobble").lenient(true));
        KerasLayer.registerCustomLayer("Wobble", Own.class);
        ImportReport report = relu(Version.KERAS_3, "Wobble", "rate", 0.5, "depth", 3)
                .importGraph()
                .report();
        assertEquals(Status.REGISTERED, of(report, "the_layer").get(0).status());
    }

    /** A caller's own layer. */
    public static final class Own extends KerasLayer {

        /**
         * For DL4J's importer.
         *
         * @param config configuration of the layer
         * @throws Exception if it makes no sense
         */
        public Own(Map<String, Object> config) throws Exception {
            super(config, false);
            layer = new KerasDropout(config, false).getDropoutLayer();
        }

        @Override
        public org.deeplearning4j.nn.conf.inputs.InputType getOutputType(
                org.deeplearning4j.nn.conf.inputs.InputType... inputs) {
            return inputs[0];
        }
    }

    @Test
    void everyLayerIsInTheReport() throws Exception {
        ImportReport report = relu(Version.KERAS_3, "LeakyReLU", "negative_slope", 0.25)
                .importGraph()
                .report();
        assertEquals(
                List.of("the_input", "dense", "the_layer"),
                report.entries().stream()
                        .map(ImportReport.Entry::layer)
                        .distinct()
                        .toList());
        assertEquals(Status.VERIFIED, of(report, "dense").get(0).status());
        assertTrue(
                of(report, "the_layer").toString().contains("its slope is 0.25"),
                of(report, "the_layer").toString());
    }

    /** Keras' default, and whole numbers. */
    @Test
    void slopes() throws Exception {
        slope(0.3, relu(Version.KERAS_2, "LeakyReLU"));
        slope(2, relu(Version.KERAS_2, "LeakyReLU", "alpha", 2));
        slope(0, relu(Version.KERAS_2, "ThresholdedReLU", "theta", 0));
    }

    private void slope(double slope, KerasImporter importer) throws Exception {
        Tensor x = Tensor.of(random, -1, 1, 5, 4);
        Expect.close(
                Norms.dense(x, weights).map(value -> value > 0 ? value : slope * value),
                importer.importGraph().network().outputSingle(x.toArray()));
    }

    /** Of sequences that have as many steps as features, and channels first. */
    @Test
    void denseAlongTheStepsIsRefused() throws Exception {
        String file = KerasFile.sequential(Version.KERAS_3)
                .input(4, 4)
                .layer("Conv1D", "conv", Settings.convolution(1, 4, 1, "channels_first"), Norms.linear(random, 1, 4, 4))
                .layer("Dense", "dense", Settings.dense(4, "linear"), Norms.linear(random, 4, 4))
                .write(directory);
        Exception refusal =
                assertThrows(Exception.class, () -> KerasNormImport.importKerasModelAndWeights(file, false));
        assertTrue(
                refusal.getMessage().startsWith("Keras Dense \"dense\": expected sequences [N, T, C], got "),
                refusal.getMessage());
    }
}
