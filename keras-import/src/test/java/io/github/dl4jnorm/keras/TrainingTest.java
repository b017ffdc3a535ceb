package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.KerasFile.Version;
import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import io.github.dl4jnorm.testing.Tolerances;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Imported models train on, and are saved and restored. */
class TrainingTest {
    private static final int EXAMPLES = 8;

    private final Random random = new Random(3);

    /** As the optimizers of Keras 2.11 and later are written, without a decay. */
    private final Map<String, Object> adam = settings(
            "class_name",
            "Adam",
            "config",
            settings("name", "adam", "learning_rate", 0.01, "beta_1", 0.9, "beta_2", 0.999, "epsilon", 1e-7));

    private final Tensor x = Tensor.of(random, -1, 1, EXAMPLES, 5, 6, 2);

    @TempDir
    Path directory;

    private String classifier(Version version) throws Exception {
        Map<String, Object> batch = settings(
                "axis",
                -1,
                "momentum",
                0.75,
                "epsilon",
                1e-3,
                "scale",
                false,
                "beta_regularizer",
                settings("class_name", "L1L2", "config", settings("l1", 0.25, "l2", 0.5)));
        return KerasFile.sequential(version)
                .input(5, 6, 2)
                .layer(
                        "Conv2D",
                        "conv",
                        Settings.convolution(2, 3, 2, "channels_last"),
                        Norms.linear(random, 2, 2, 2, 3))
                .layer("BatchNormalization", "batch_norm", batch, Norms.batch(random, false, true, 3))
                .layer("Activation", "relu_1", Settings.RELU, Map.of())
                .layer(
                        "LayerNormalization",
                        "layer_norm",
                        settings("axis", List.of(1, 2, 3)),
                        Norms.layer(random, true, true, 4, 5, 3))
                .layer("Flatten", "flat", settings("data_format", "channels_last"), Map.of())
                .layer("Dense", "dense", Settings.dense(2, "softmax"), Norms.linear(random, 60, 2))
                .training("categorical_crossentropy", adam)
                .write(directory);
    }

    private DataSet data() {
        INDArray labels = Nd4j.zeros(EXAMPLES, 2);
        for (int i = 0; i < EXAMPLES; i++) {
            labels.putScalar(i, i % 2, 1);
        }
        return new DataSet(x.toArray(), labels);
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void withItsLossAndOptimizer(Version version) throws Exception {
        String file = classifier(version);
        MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(file, true);
        ComputationGraph graph = KerasNormImport.importKerasModelAndWeights(file, true);
        BatchNorm batchNorm = (BatchNorm) network.getLayer("batch_norm").conf().getLayer();
        Adam updater = assertInstanceOf(Adam.class, batchNorm.getUpdaterByParam("beta"));
        assertEquals(0.01, updater.getLearningRate());
        double before = network.score(data());
        long sum = Sensitivity.longestSum(network.paramTable().values());
        Sensitivity.of(DataType.FLOAT, sum, rounding -> trained(network.clone(), rounding))
                .assertClose(trained(graph, Rounding.NONE));
        assertTrue(graph.score(data()) < before);
        assertNull(network.getLayer("batch_norm").getParam("gamma"));
    }

    private Map<String, INDArray> trained(Model network, Rounding rounding) {
        for (int i = 0; i < 20; i++) {
            rounding.in(network.params());
            DataSet data = new DataSet(rounding.of(data().getFeatures()), data().getLabels());
            if (network instanceof ComputationGraph graph) {
                graph.fit(data);
            } else {
                ((MultiLayerNetwork) network).fit(data);
            }
        }
        double score = network instanceof ComputationGraph graph
                ? graph.score(data())
                : ((MultiLayerNetwork) network).score(data());
        return Map.of("score", Nd4j.scalar(DataType.FLOAT, score));
    }

    @Test
    void runningStatisticsMoveByKerasMomentum() throws Exception {
        MultiLayerNetwork network =
                KerasNormImport.importKerasSequentialModelAndWeights(classifier(Version.KERAS_2), true);
        Layer batchNorm = network.getLayer("batch_norm");
        float[] old = batchNorm.getParam("mean").dup().data().asFloat();
        Tensor activations =
                Tensor.from(network.feedForwardToLayer(0, x.toArray()).get(1));
        network.fit(data());
        float[] moved = batchNorm.getParam("mean").dup().data().asFloat();
        int length = activations.data().length / 3;
        for (int c = 0; c < 3; c++) {
            double mean = 0;
            double magnitude = 0;
            for (int i = c; i < activations.data().length; i += 3) {
                mean += activations.data()[i] / length;
                magnitude += Math.abs(activations.data()[i]) / length;
            }
            double expected = 0.75 * old[c] + 0.25 * mean;
            double bound = Tolerances.bound(DataType.FLOAT, length, expected, 0.25 * magnitude)
                    + Tolerances.bound(DataType.FLOAT, 1, expected, 0.75 * Math.abs(old[c]));
            assertEquals(expected, moved[c], bound);
        }
    }

    /** Keras adds l1·Σ|w| + l2·Σw² to the loss. */
    @Test
    void penaltiesAreThoseOfKeras() throws Exception {
        MultiLayerNetwork network =
                KerasNormImport.importKerasSequentialModelAndWeights(classifier(Version.KERAS_2), true);
        Layer batchNorm = network.getLayer("batch_norm");
        double expected = 0;
        for (float beta : batchNorm.getParam("beta").dup().data().asFloat()) {
            expected += 0.25 * Math.abs(beta) + 0.5 * beta * beta;
        }
        double bound =
                Tolerances.bound(DataType.FLOAT, batchNorm.getParam("beta").length(), expected, expected);
        assertEquals(expected, batchNorm.calcRegularizationScore(false), bound);
    }

    @Test
    void savedAndRestored() throws Exception {
        MultiLayerNetwork network =
                KerasNormImport.importKerasSequentialModelAndWeights(classifier(Version.KERAS_3), true);
        ComputationGraph graph = KerasNormImport.importKerasModelAndWeights(classifier(Version.KERAS_2), true);
        network.fit(data());
        graph.fit(data());
        File networkZip = directory.resolve("network.zip").toFile();
        File graphZip = directory.resolve("graph.zip").toFile();
        network.save(networkZip, true);
        graph.save(graphZip, true);
        MultiLayerNetwork networkAgain = MultiLayerNetwork.load(networkZip, true);
        ComputationGraph graphAgain = ComputationGraph.load(graphZip, true);
        assertEquals(network.getLayerWiseConfigurations(), networkAgain.getLayerWiseConfigurations());
        assertEquals(network.output(x.toArray()), networkAgain.output(x.toArray()));
        assertEquals(graph.outputSingle(x.toArray()), graphAgain.outputSingle(x.toArray()));
        network.fit(data());
        networkAgain.fit(data());
        assertEquals(network.params(), networkAgain.params());
    }

    @Test
    void severalAtOnce() throws Exception {
        String file = classifier(Version.KERAS_3);
        INDArray expected =
                KerasNormImport.importKerasSequentialModelAndWeights(file).output(x.toArray());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<INDArray>> imports =
                    Collections.nCopies(16, () -> KerasNormImport.importKerasSequentialModelAndWeights(file)
                            .output(x.toArray()));
            for (Future<INDArray> output : threads.invokeAll(imports)) {
                assertEquals(expected, output.get());
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void fromAStream() throws Exception {
        String file = classifier(Version.KERAS_3);
        INDArray expected =
                KerasNormImport.importKerasSequentialModelAndWeights(file).output(x.toArray());
        try (InputStream stream = new FileInputStream(file)) {
            assertEquals(
                    expected,
                    KerasNormImport.importKerasSequentialModelAndWeights(stream, true)
                            .output(x.toArray()));
        }
        try (InputStream stream = new FileInputStream(file)) {
            assertEquals(
                    expected,
                    KerasNormImport.importKerasModelAndWeights(stream, true).outputSingle(x.toArray()));
        }
    }
}
