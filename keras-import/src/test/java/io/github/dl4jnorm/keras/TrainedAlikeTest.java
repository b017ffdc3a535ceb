package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.KerasFile.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** With the training configuration a model is trained as Keras trains it, or refused. */
class TrainedAlikeTest {
    private static final Map<String, Object> SGD = optimizer("SGD", "learning_rate", 0.1);

    private final Random random = new Random(8);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train_adam",
                "train_binary",
                "train_mae",
                "train_mse",
                "train_nesterov",
                "train_non_negative",
                "train_penalties",
                "train_sgd",
                "train_sparse"
            })
    void fiveSteps(String name) throws Exception {
        MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(
                ModelFiles.path(name).toString(), true);
        for (int i = 0; i < 5; i++) {
            network.fit(ModelFiles.input(name), ModelFiles.expected(name, "targets"));
        }
        List<String> layers = ModelFiles.groups(name, "trained");
        assertEquals(2, layers.size());
        for (String layer : layers) {
            for (String weight : ModelFiles.arrays(name, "trained", layer)) {
                INDArray expected = ModelFiles.expected(name, weight, "trained", layer);
                INDArray actual = network.getLayer(layer).getParam("kernel".equals(weight) ? "W" : "b");
                Tensor values = Tensor.from(expected);
                assertArrayEquals(
                        values.data(),
                        Tensor.from(actual.reshape(expected.shape())).data(),
                        1e-5 * values.max(),
                        layer + " " + weight);
            }
        }
    }

    /** Keras 2: learning_rate/(1 + decay·step). */
    @Test
    void decayingLearningRate() throws Exception {
        Map<String, Object> decaying = optimizer("SGD", "lr", 0.5, "momentum", 0, "decay", 1);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(1)
                .layer("Dense", "dense", Settings.dense(1, "linear"), Map.of("kernel", one(2), "bias", one(0)))
                .training("mse", decaying)
                .write(directory);
        MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(file, true);
        double w = 2;
        double b = 0;
        INDArray x = new Tensor(new double[] {3}, 1, 1).toArray();
        INDArray y = new Tensor(new double[] {1}, 1, 1).toArray();
        for (int step = 0; step < 4; step++) {
            network.fit(x, y);
            double slope = 2 * (3 * w + b - 1) * 0.5 / (1 + step);
            w -= 3 * slope;
            b -= slope;
            assertEquals(w, network.getParam("0_W").getDouble(0), 1e-5 * Math.abs(w));
        }
    }

    private static Tensor one(double value) {
        return value == 0 ? new Tensor(new double[] {0}, 1) : new Tensor(new double[] {value}, 1, 1);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                refusal("mse", optimizer("AdamW", "learning_rate", 0.1), "optimizer AdamW"),
                refusal("mse", optimizer("Lion", "learning_rate", 0.1), "optimizer Lion"),
                refusal("mse", optimizer("RMSprop", "learning_rate", 0.1), "optimizer RMSprop"),
                refusal("mse", optimizer("Nadam", "learning_rate", 0.1), "optimizer Nadam"),
                refusal("mse", optimizer("Adagrad", "learning_rate", 0.1), "initial_accumulator_value"),
                refusal("mse", optimizer("SGD", "learning_rate", 0.1, "momentum", 0.9), "nesterov=True"),
                refusal("mse", optimizer("SGD", "learning_rate", 0.1, "clipnorm", 1.0), "clipnorm = 1.0"),
                refusal("mse", optimizer("SGD", "learning_rate", 0.1, "clipvalue", 1), "clipvalue = 1"),
                refusal("mse", optimizer("SGD", "learning_rate", 0.1, "global_clipnorm", 2.0), "global_clipnorm"),
                refusal("mse", optimizer("SGD", "learning_rate", 0.1, "weight_decay", 0.1), "weight_decay"),
                refusal("mse", optimizer("SGD", "learning_rate", 0.1, "use_ema", true), "use_ema"),
                refusal(
                        "mse",
                        optimizer("SGD", "learning_rate", 0.1, "gradient_accumulation_steps", 2),
                        "gradient_accumulation_steps"),
                refusal("mse", optimizer("SGD", "learning_rate", settings("class_name", "CosineDecay")), "CosineDecay"),
                refusal("huber", SGD, "loss huber"),
                refusal("hinge", SGD, "loss hinge"),
                refusal("binary_crossentropy", SGD, "mean over the 2 outputs"),
                refusal(loss("MeanSquaredError", "reduction", "sum"), SGD, "reduction = sum"),
                refusal(loss("CategoricalCrossentropy", "from_logits", true), SGD, "from_logits = true"),
                refusal(loss("CategoricalCrossentropy", "label_smoothing", 0.1), SGD, "label_smoothing = 0.1"),
                refusal(List.of("mse", "mae"), SGD, "loss [mse, mae]"));
    }

    private static Arguments refusal(Object loss, Map<String, Object> optimizer, String reason) {
        return Arguments.of(loss, optimizer, reason);
    }

    @ParameterizedTest
    @MethodSource
    void refused(Object loss, Map<String, Object> optimizer, String reason) throws Exception {
        String file = model(Settings.dense(2, "linear"), loss, optimizer);
        assertRefused(file, reason);
        assertEquals(
                2,
                KerasNormImport.importKerasSequentialModelAndWeights(file)
                        .output(x())
                        .columns());
    }

    static Stream<Arguments> refusedSettings() {
        Map<String, Object> l2 = settings("class_name", "L2", "config", settings("l2", 1));
        return Stream.of(
                Arguments.of("bias_regularizer", l2),
                Arguments.of("activity_regularizer", l2),
                Arguments.of("kernel_regularizer", settings("class_name", "OrthogonalRegularizer", "config", Map.of())),
                Arguments.of(
                        "kernel_constraint", settings("class_name", "MaxNorm", "config", settings("max_value", 2))),
                Arguments.of("bias_constraint", settings("class_name", "NonNeg", "config", Map.of())),
                Arguments.of("trainable", false));
    }

    @ParameterizedTest
    @MethodSource
    void refusedSettings(String name, Object value) throws Exception {
        Map<String, Object> dense = Settings.dense(2, "linear");
        dense.put(name, value);
        String file = model(dense, "mse", SGD);
        assertRefused(file, "\"dense\": " + name + " = ");
        assertEquals(
                2,
                KerasNormImport.importKerasSequentialModelAndWeights(file)
                        .output(x())
                        .columns());
    }

    @Test
    void lossesOfSequences() throws Exception {
        String file = KerasFile.sequential(Version.KERAS_3)
                .input(5, 3)
                .layer("LSTM", "lstm", Settings.lstm(2), Norms.lstm(random, 3, 2))
                .training("mse", SGD)
                .write(directory);
        assertRefused(file, "mean over all steps");
    }

    private String model(Map<String, Object> dense, Object loss, Map<String, Object> optimizer) throws Exception {
        return KerasFile.sequential(Version.KERAS_3)
                .input(3)
                .layer("Dense", "dense", dense, Norms.linear(random, 3, 2))
                .training(loss, optimizer)
                .write(directory);
    }

    private INDArray x() {
        return Tensor.of(random, -1, 1, 4, 3).toArray();
    }

    private static void assertRefused(String file, String reason) {
        String message = assertThrows(
                        UnsupportedKerasConfigurationException.class,
                        () -> KerasNormImport.importKerasSequentialModelAndWeights(file, true))
                .getMessage();
        assertTrue(message.contains(reason), message);
        assertTrue(message.contains("without its training configuration"), message);
    }

    private static Map<String, Object> optimizer(String name, Object... config) {
        return settings("class_name", name, "config", settings(config));
    }

    private static Map<String, Object> loss(String name, Object... config) {
        return settings("module", "keras.losses", "class_name", name, "config", settings(config));
    }
}
