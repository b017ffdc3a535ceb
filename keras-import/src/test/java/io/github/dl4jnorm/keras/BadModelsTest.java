package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.keras.KerasFile.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.hdf5.Exception;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What cannot be imported is refused with a message that names the layer, what came and what was expected. */
class BadModelsTest {
    private static final String BATCH = "BatchNormalization";
    private static final String LAYER = "LayerNormalization";
    private static final String GROUP = "GroupNormalization";
    private static final String UNIT = "UnitNormalization";
    private static final String RMS = "RMSNormalization";

    private final Random random = new Random(11);

    @TempDir
    Path directory;

    @BeforeAll
    static void silenceHdf5() {
        Exception.dontPrint();
    }

    static Stream<Arguments> badSettings() {
        return Stream.of(
                unsupported(
                        BATCH,
                        settings("renorm", true),
                        "renorm = true is not supported: batch renormalization has other statistics"),
                unsupported(
                        BATCH,
                        settings("virtual_batch_size", 8),
                        "virtual_batch_size = 8 is not supported: its statistics are of parts of a batch"),
                unsupported(
                        BATCH,
                        settings("mode", 1),
                        "mode = 1 is not supported: Keras 1 normalizes per example with 1, and with the batch's statistics"
                                + " with 2"),
                unsupported(BATCH, settings("axis", List.of(1, 2)), "expected one axis, got [1, 2]"),
                unsupported(
                        BATCH,
                        settings("axis", 0),
                        "expected different axes from 1 to 3, got [0] for activations of shape [null, 4, 5, 3]"),
                unsupported(
                        BATCH,
                        settings("axis", 4),
                        "expected different axes from 1 to 3, got [4] for activations of shape [null, 4, 5, 3]"),
                unsupported(
                        LAYER,
                        settings("axis", List.of(3, -1)),
                        "expected different axes from 1 to 3, got [3, -1] for activations of shape [null, 4, 5, 3]"),
                unsupported(
                        LAYER,
                        settings("axis", List.of(-4, 1)),
                        "expected different axes from 1 to 3, got [-4, 1] for activations of shape [null, 4, 5, 3]"),
                unsupported(
                        LAYER,
                        settings("rms_scaling", true),
                        "rms_scaling = true is not supported: it divides by √(variance + ε) without subtracting the mean,"
                                + " which is no RMSNorm; RMSNormalization can be imported"),
                unsupported(LAYER, settings("epsilon", -0.1), "LayerNorm \"the_norm\": expected eps > 0, got -0.1"),
                unsupported(GROUP, settings("axis", List.of(1, 2)), "expected one axis, got [1, 2]"),
                unsupported(
                        GROUP,
                        settings("groups", 2),
                        "GroupNorm \"the_norm\": expected a number of groups that divides the 3 channels on axis 3, got"
                                + " 2 (shape [-1, 4, 5, 3])"),
                unsupported(
                        RMS,
                        settings("axis", List.of(1, 3)),
                        "Keras multiplies scale with the last axes, whatever axes it normalizes; the last ones can be"
                                + " imported"),
                unsupported(
                        RMS,
                        settings("axis", 4),
                        "expected different axes from 1 to 3, got [4] for activations of shape [null, 4, 5, 3]"),
                unsupported(
                        BATCH, settings("momentum", 2), "BatchNorm \"the_norm\": expected decay in [0, 1], got 2.0"),
                invalid(BATCH, settings("scale", "yes"), "expected true or false for scale, got yes"),
                invalid(LAYER, settings("epsilon", "small"), "expected a number for epsilon, got small"),
                invalid(
                        BATCH,
                        settings("axis", "last"),
                        "expected a whole number or a list of them for axis, got last"),
                invalid(
                        LAYER,
                        settings("axis", List.of()),
                        "expected a whole number or a list of them for axis, got []"));
    }

    private static Arguments unsupported(String className, Map<String, Object> settings, String message) {
        return Arguments.of(UnsupportedKerasConfigurationException.class, className, settings, message);
    }

    private static Arguments invalid(String className, Map<String, Object> settings, String message) {
        return Arguments.of(InvalidKerasConfigurationException.class, className, settings, message);
    }

    @ParameterizedTest
    @MethodSource
    void badSettings(Class<? extends Throwable> type, String className, Map<String, Object> settings, String message)
            throws IOException {
        assertRefused(type, "Keras " + className + " \"the_norm\": " + message, norm(className, settings, Map.of()));
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void missingWeights(Version version) throws IOException {
        Map<String, Tensor> weights = Norms.batch(random, true, true, 3);
        weights.remove("moving_variance");
        assertRefused(
                InvalidKerasConfigurationException.class,
                "Keras BatchNormalization \"the_norm\": expected weights [gamma, beta, moving_mean, moving_variance],"
                        + " got [beta, gamma, moving_mean]",
                images(version).layer(BATCH, "the_norm", settings(), weights).write(directory));
        assertRefused(
                InvalidKerasConfigurationException.class,
                "Keras BatchNormalization \"the_norm\": expected weights in /model_weights/the_norm, got none",
                images(version).layer(BATCH, "the_norm", settings(), Map.of()).write(directory));
    }

    @Test
    void weightsThatAreNotExpected() throws IOException {
        assertRefused(
                InvalidKerasConfigurationException.class,
                "Keras LayerNormalization \"the_norm\": expected weights [gamma], got [beta, gamma]",
                norm(LAYER, settings("center", false), Norms.layer(random, true, true, 3)));
    }

    @Test
    void weightsOfAWrongSize() throws IOException {
        Map<String, Tensor> weights = Norms.batch(random, true, true, 3);
        weights.put("beta", Tensor.filled(0, 4));
        assertRefused(
                InvalidKerasConfigurationException.class,
                "Keras BatchNormalization \"the_norm\": expected 3 values of beta, got shape [4]",
                norm(BATCH, settings(), weights));
        // As many, but not along these axes.
        assertRefused(
                InvalidKerasConfigurationException.class,
                "Keras LayerNormalization \"the_norm\": expected 20 values of gamma, got shape [3]",
                norm(LAYER, settings("axis", List.of(1, 2)), Norms.layer(random, true, true, 3)));
    }

    private String withVariance(Version version, double variance) throws IOException {
        Map<String, Tensor> weights = Norms.batch(random, true, true, 3);
        weights.put("moving_variance", Tensor.filled(variance, 3));
        return images(version)
                .layer(BATCH, "the_norm", settings("epsilon", 1e-5), weights)
                .write(directory);
    }

    /** Keras would make NaN of all its outputs. */
    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void negativeVariance(Version version) throws IOException {
        assertRefused(
                InvalidKerasConfigurationException.class,
                "Keras BatchNormalization \"the_norm\": running variance -0.30000001192092896 of channel 0 and eps 1.0E-5"
                        + " have no positive sum",
                withVariance(version, -0.3));
    }

    /** Rounding left some published models with such, and their outputs are the better for it. */
    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void slightlyNegativeVarianceIsTakenAsItIs(Version version)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        MultiLayerNetwork network =
                KerasNormImport.importKerasSequentialModelAndWeights(withVariance(version, -9.9e-6), false);
        assertEquals(-9.9e-6f, network.getLayer(0).getParam("var").getFloat(2));
        INDArray x = Nd4j.ones(DataType.FLOAT, 1, 4, 5, 3);
        double gamma = network.getLayer(0).getParam("gamma").getDouble(2);
        double beta = network.getLayer(0).getParam("beta").getDouble(2);
        double mean = network.getLayer(0).getParam("mean").getDouble(2);
        double expected = gamma * (1 - mean) / Math.sqrt(-9.9e-6f + 1e-5) + beta;
        assertEquals(expected, network.output(x).getDouble(0, 0, 0, 2), 1e-6 * Math.abs(expected));
    }

    @Test
    void axisOfUnknownSize() throws IOException {
        assertRefused(
                UnsupportedKerasConfigurationException.class,
                "Keras BatchNormalization \"the_norm\": the size of axis 1 is not known, activations are"
                        + " InputTypeRecurrent(3,format=NWC); give the input a fixed shape",
                KerasFile.sequential(Version.KERAS_2)
                        .input(null, 3)
                        .layer(BATCH, "the_norm", settings("axis", 1), Norms.batch(random, true, true, 3))
                        .write(directory));
    }

    @Test
    void theOtherKindOfModel() throws IOException {
        String functional = KerasFile.functional(Version.KERAS_3)
                .input(4)
                .layer(UNIT, "the_norm", settings(), Map.of())
                .write(directory);
        assertRefused(
                UnsupportedKerasConfigurationException.class,
                functional + ": expected a Sequential model, got Functional; import it with importKerasModelAndWeights",
                functional);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 50, 10, 1})
    void truncatedFile(int percentMissing) throws IOException {
        Path file = Path.of(norm(BATCH, settings(), Norms.batch(random, true, true, 3)));
        byte[] bytes = Files.readAllBytes(file);
        byte[] rest = Arrays.copyOf(bytes, bytes.length - Math.max(1, bytes.length * percentMissing / 100));
        Files.write(file, rest);
        String message = percentMissing == 100
                ? ": expected an H5 or .keras file, got something else"
                : ": truncated or damaged: it cannot be opened";
        assertRefused(InvalidKerasConfigurationException.class, file + message, file.toString());
        assertArrayEquals(rest, Files.readAllBytes(file));
    }

    @Test
    void fileOfAnotherKind() throws IOException {
        Path text = directory.resolve("text.h5");
        Files.writeString(text, "no model at all");
        assertRefused(
                InvalidKerasConfigurationException.class,
                text + ": expected an H5 or .keras file, got something else",
                text.toString());
        Path zip = directory.resolve("model.keras");
        Files.write(zip, "PK\3\4 and more".getBytes(StandardCharsets.US_ASCII));
        assertRefused(
                InvalidKerasConfigurationException.class,
                zip + ": truncated or damaged: no zip that can be read: ",
                zip.toString());
        assertThrows(
                NoSuchFileException.class,
                () -> KerasNormImport.importKerasModelAndWeights(
                        directory.resolve("none.h5").toString()));
    }

    private static KerasFile images(Version version) {
        return KerasFile.sequential(version).input(4, 5, 3);
    }

    private String norm(String className, Map<String, Object> settings, Map<String, Tensor> weights)
            throws IOException {
        return images(Version.KERAS_2)
                .layer(className, "the_norm", settings, weights)
                .write(directory);
    }

    /** Compares the beginning of the message: what other libraries say may follow. */
    private static void assertRefused(Class<? extends Throwable> type, String message, String file) {
        Throwable thrown = assertThrows(type, () -> KerasNormImport.importKerasSequentialModelAndWeights(file, false));
        assertEquals(
                message,
                thrown.getMessage()
                        .substring(
                                0,
                                Math.min(message.length(), thrown.getMessage().length())));
    }
}
