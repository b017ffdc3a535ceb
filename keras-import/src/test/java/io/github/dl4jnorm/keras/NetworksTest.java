package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.keras.KerasFile.Version;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Whole models, sequential and functional, in the layouts of Keras 1, 2 and 3, against the reference. */
class NetworksTest {
    private static final double EPS = 1e-3;

    private final Random random = new Random(5);

    @TempDir
    Path directory;

    /** Conv2D, BatchNormalization, ReLU, LayerNormalization, Flatten, Dense. */
    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void images(Version version) throws Exception {
        Map<String, Tensor> conv = Norms.linear(random, 2, 2, 3, 4);
        Map<String, Tensor> batch = Norms.batch(random, true, true, 4);
        Map<String, Tensor> layer = Norms.layer(random, true, true, 4);
        Map<String, Tensor> dense = Norms.linear(random, 4 * 5 * 4, 2);
        Object axis = version == Version.KERAS_2 ? List.of(3) : Integer.valueOf(-1);
        String file = KerasFile.sequential(version)
                .input(5, 6, 3)
                .layer("Conv2D", "conv", Settings.convolution(2, 4, 2, "channels_last"), conv)
                .layer("BatchNormalization", "batch_norm", settings("axis", axis, "epsilon", EPS), batch)
                .layer("Activation", "relu_1", Settings.RELU, Map.of())
                .layer("LayerNormalization", "layer_norm", settings("axis", axis, "epsilon", EPS), layer)
                .layer("Flatten", "flat", settings("data_format", "channels_last"), Map.of())
                .layer("Dense", "dense", Settings.dense(2, "linear"), dense)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 3, 5, 6, 3);
        Tensor y = Norms.batchNorm(Norms.convolution(x, conv), 3, EPS, batch).relu();
        y = Norms.dense(Norms.layerNorm(y, EPS, layer, 3).flatten(), dense);
        sequentialAndGraph(file, x, y);
    }

    /** The statistics of batch normalization on each axis of an image, before and behind a convolution. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3", "-1", "-2"})
    void otherAxesBetweenConvolutions(int axis) throws Exception {
        int positive = axis < 0 ? axis + 4 : axis;
        Map<String, Tensor> first = Norms.linear(random, 2, 2, 2, 3);
        Map<String, Tensor> batch = Norms.batch(random, true, true, new int[] {0, 4, 5, 3}[positive]);
        Map<String, Tensor> second = Norms.linear(random, 2, 2, 3, 2);
        Map<String, Object> settings = settings("axis", List.of(axis), "epsilon", EPS);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(5, 6, 2)
                .layer("Conv2D", "first", Settings.convolution(2, 3, 2, "channels_last"), first)
                .layer("BatchNormalization", "batch_norm", settings, batch)
                .layer("Conv2D", "second", Settings.convolution(2, 2, 2, "channels_last"), second)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 6, 2);
        Tensor y = Norms.batchNorm(Norms.convolution(x, first), positive, EPS, batch);
        sequentialAndGraph(file, x, Norms.convolution(y, second));
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void imagesWithChannelsFirst(Version version) throws Exception {
        Map<String, Tensor> conv = Norms.linear(random, 2, 2, 3, 4);
        Map<String, Tensor> batch = Norms.batch(random, true, true, 4);
        Map<String, Tensor> layer = Norms.layer(random, true, true, 4, 4, 5);
        String file = KerasFile.sequential(version)
                .input(3, 5, 6)
                .layer("Conv2D", "conv", Settings.convolution(2, 4, 2, "channels_first"), conv)
                .layer("BatchNormalization", "batch_norm", settings("axis", List.of(1), "epsilon", EPS), batch)
                .layer("LayerNormalization", "layer_norm", settings("axis", List.of(1, 2, 3), "epsilon", EPS), layer)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 3, 5, 6);
        Tensor y = Norms.convolution(x.permute(0, 2, 3, 1), conv).permute(0, 3, 1, 2);
        y = Norms.layerNorm(Norms.batchNorm(y, 1, EPS, batch), EPS, layer, 1, 2, 3);
        sequentialAndGraph(file, x, y);
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void volumes(Version version) throws Exception {
        Map<String, Tensor> conv = Norms.linear(random, 2, 2, 2, 2, 3);
        Map<String, Tensor> batch = Norms.batch(random, true, true, 3);
        Map<String, Tensor> layer = Norms.layer(random, false, true, 3, 3, 4, 3);
        String file = KerasFile.sequential(version)
                .input(4, 4, 5, 2)
                .layer("Conv3D", "conv", Settings.convolution(3, 3, 2, "channels_last"), conv)
                .layer("BatchNormalization", "batch_norm", settings("axis", -1, "epsilon", EPS), batch)
                .layer(
                        "LayerNormalization",
                        "layer_norm",
                        settings("axis", List.of(1, 2, 3, 4), "epsilon", EPS, "scale", false),
                        layer)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 4, 4, 5, 2);
        Tensor y = Norms.batchNorm(Norms.convolution(x, conv), 4, EPS, batch);
        sequentialAndGraph(file, x, Norms.layerNorm(y, EPS, layer, 1, 2, 3, 4));
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void volumesWithChannelsFirst(Version version) throws Exception {
        Map<String, Tensor> conv = Norms.linear(random, 2, 2, 2, 2, 3);
        Map<String, Tensor> batch = Norms.batch(random, true, true, 3);
        Map<String, Tensor> layer = Norms.layer(random, true, true, 3, 5);
        Map<String, Tensor> second = Norms.linear(random, 2, 2, 2, 3, 2);
        String file = KerasFile.sequential(version)
                .input(2, 4, 5, 6)
                .layer("Conv3D", "conv", Settings.convolution(3, 3, 2, "channels_first"), conv)
                .layer("BatchNormalization", "batch_norm", settings("axis", 1, "epsilon", EPS), batch)
                .layer("LayerNormalization", "layer_norm", settings("axis", List.of(1, 4), "epsilon", EPS), layer)
                .layer("Conv3D", "second", Settings.convolution(3, 2, 2, "channels_first"), second)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 2, 4, 5, 6);
        Tensor y = Norms.convolution(x.permute(0, 2, 3, 4, 1), conv).permute(0, 4, 1, 2, 3);
        y = Norms.layerNorm(Norms.batchNorm(y, 1, EPS, batch), EPS, layer, 1, 4);
        y = Norms.convolution(y.permute(0, 2, 3, 4, 1), second).permute(0, 4, 1, 2, 3);
        sequentialAndGraph(file, x, y);
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void sequencesWithChannelsFirst(Version version) throws Exception {
        Map<String, Tensor> conv = Norms.linear(random, 2, 3, 4);
        Map<String, Tensor> batch = Norms.batch(random, true, true, 4);
        Map<String, Tensor> layer = Norms.layer(random, true, true, 5);
        String file = KerasFile.sequential(version)
                .input(3, 6)
                .layer("Conv1D", "conv", Settings.convolution(1, 4, 2, "channels_first"), conv)
                .layer("BatchNormalization", "batch_norm", settings("axis", 1, "epsilon", EPS), batch)
                .layer("LayerNormalization", "layer_norm", settings("axis", -1, "epsilon", EPS), layer)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 3, 6);
        Tensor y = Norms.convolution(x.permute(0, 2, 1), conv).permute(0, 2, 1);
        sequentialAndGraph(file, x, Norms.layerNorm(Norms.batchNorm(y, 1, EPS, batch), EPS, layer, 2));
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void sequences(Version version) throws Exception {
        Map<String, Tensor> lstm = Norms.lstm(random, 3, 4);
        Map<String, Tensor> layer = Norms.layer(random, true, false, 4);
        Map<String, Tensor> conv = Norms.linear(random, 2, 4, 3);
        Map<String, Tensor> batch = Norms.batch(random, false, true, 3);
        String file = KerasFile.sequential(version)
                .input(5, 3)
                .layer("LSTM", "the_lstm", Settings.lstm(4), lstm)
                .layer("LayerNormalization", "layer_norm", settings("epsilon", EPS, "center", false), layer)
                .layer("Conv1D", "conv", Settings.convolution(1, 3, 2, "channels_last"), conv)
                .layer("BatchNormalization", "batch_norm", settings("axis", 2, "epsilon", EPS, "scale", false), batch)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 3);
        Tensor y = Norms.layerNorm(Norms.lstm(x, lstm), EPS, layer, 2);
        sequentialAndGraph(file, x, Norms.batchNorm(Norms.convolution(y, conv), 2, EPS, batch));
    }

    @Test
    void sequencesOfUnknownLength() throws Exception {
        Map<String, Tensor> batch = Norms.batch(random, true, true, 3);
        Map<String, Tensor> layer = Norms.layer(random, true, true, 3);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(null, 3)
                .layer("BatchNormalization", "batch_norm", settings("axis", List.of(2), "epsilon", EPS), batch)
                .layer("LayerNormalization", "layer_norm", settings("axis", List.of(2), "epsilon", EPS), layer)
                .write(directory);
        for (int length : new int[] {4, 7}) {
            Tensor x = Tensor.of(random, -1, 1, 2, length, 3);
            sequentialAndGraph(file, x, Norms.layerNorm(Norms.batchNorm(x, 2, EPS, batch), EPS, layer, 2));
        }
    }

    /** The file does not have the sizes that the normalization needs. */
    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void sizesThatTheCallerKnows(Version version) throws Exception {
        Map<String, Tensor> layer = Norms.layer(random, true, true, 4, 5, 3);
        String file = KerasFile.functional(version)
                .input(null, null, 3)
                .layer("LayerNormalization", "layer_norm", settings("axis", List.of(1, 2, 3), "epsilon", EPS), layer)
                .write(directory);
        KerasImporter importer = new KerasImporter(Path.of(file));
        assertThrows(UnsupportedKerasConfigurationException.class, importer::importGraph);
        Tensor x = Tensor.of(random, -1, 1, 2, 4, 5, 3);
        ComputationGraph network = importer.inputShape(4, 5, 3).importGraph().network();
        Expect.close(Norms.layerNorm(x, EPS, layer, 1, 2, 3), network.outputSingle(x.toArray()));
    }

    /** DL4J unwraps TimeDistributed; the axes of what is inside do not count the time. */
    @Test
    void timeDistributed() throws Exception {
        Map<String, Tensor> layer = Norms.layer(random, true, true, 4);
        Map<String, Object> inner = settings(
                "class_name",
                "LayerNormalization",
                "config",
                settings("name", "inside", "axis", List.of(1), "epsilon", EPS));
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(5, 4)
                .layer("TimeDistributed", "distributed", settings("layer", inner), layer)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 4);
        sequentialAndGraph(file, x, Norms.layerNorm(x, EPS, layer, 2));
    }

    /** Activations and dropouts of each step are those of the sequence. */
    @ParameterizedTest
    @CsvSource({
        "ThresholdedReLU, theta, 0.5",
        "Softmax, axis, -1",
        "SpatialDropout1D, rate, 0.5",
        "AlphaDropout, rate, 0.5",
        "GaussianDropout, rate, 0.5",
        "GaussianNoise, stddev, 0.5"
    })
    void timeDistributedActivations(String className, String setting, double value) throws Exception {
        Number number = value < 0 ? (Number) (int) value : (Number) value;
        Map<String, Object> config = settings("name", "inside", setting, number);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 4);
        String alone = KerasFile.sequential(Version.KERAS_3)
                .input(5, 4)
                .layer(className, "inside", config, Map.of())
                .write(directory);
        Tensor expected = Tensor.from(graph(alone, x));
        Map<String, Object> inner = settings("class_name", className, "config", config);
        String file = KerasFile.sequential(Version.KERAS_3)
                .input(5, 4)
                .layer("TimeDistributed", "distributed", settings("layer", inner), Map.of())
                .write(directory);
        sequentialAndGraph(file, x, expected);
    }

    /** DL4J's own importer would fold time into the batch. */
    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void denseOnSequences(Version version) throws Exception {
        Map<String, Tensor> dense = Norms.linear(random, 4, 3);
        Map<String, Tensor> layer = Norms.layer(random, true, true, 3);
        Object axis = version == Version.KERAS_2 ? List.of(2) : Integer.valueOf(-1);
        String file = KerasFile.sequential(version)
                .input(5, 4)
                .layer("Dense", "dense", Settings.dense(3, "linear"), dense)
                .layer("LayerNormalization", "layer_norm", settings("axis", axis, "epsilon", EPS), layer)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 4);
        Tensor y = Norms.layerNorm(Norms.dense(x, dense), EPS, layer, 2);
        sequentialAndGraph(file, x, y);
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void residualBlock(Version version) throws Exception {
        Map<String, Tensor> first = Norms.linear(random, 2, 2, 2, 3);
        Map<String, Tensor> batch = Norms.batch(random, true, false, 4);
        Map<String, Tensor> second = Norms.linear(random, 1, 1, 3, 3);
        Map<String, Tensor> layer = Norms.layer(random, true, true, 3);
        Map<String, Object> axisOne = settings("axis", List.of(1), "epsilon", EPS, "center", false);
        String file = KerasFile.functional(version)
                .input(5, 6, 2)
                .layer("Conv2D", "first", Settings.convolution(2, 3, 2, "channels_last"), first)
                .layer("BatchNormalization", "batch_norm", axisOne, batch)
                .layer("Activation", "relu_1", Settings.RELU, Map.of())
                .layer("Conv2D", "second", Settings.convolution(2, 3, 1, "channels_last"), second)
                .layer("LayerNormalization", "layer_norm", settings("axis", List.of(3), "epsilon", EPS), layer)
                .layer("Add", "sum", settings(), Map.of(), List.of("first", "layer_norm"))
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 6, 2);
        Tensor trunk = Norms.convolution(x, first);
        Tensor branch = Norms.convolution(Norms.batchNorm(trunk, 1, EPS, batch).relu(), second);
        Tensor y = trunk.plus(Norms.layerNorm(branch, EPS, layer, 3));
        Expect.close(y, graph(file, x));
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void unitNormalization(Version version) throws Exception {
        Map<String, Tensor> dense = Norms.linear(random, 4, 3);
        String file = KerasFile.functional(version)
                .input(4)
                .layer("Dense", "dense", Settings.dense(3, "linear"), dense)
                .layer("UnitNormalization", "unit_norm", settings("axis", -1), Map.of())
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 4);
        Expect.close(Norms.dense(x, dense).unitNorm(1), graph(file, x));
        String bare = KerasFile.functional(version)
                .input(3, 2)
                .layer("UnitNormalization", "unit_norm", settings("axis", List.of(1, 2)), Map.of())
                .write(directory);
        Tensor large = Tensor.of(random, -1, 1, 2, 3, 2);
        Expect.close(large.unitNorm(1, 2), graph(bare, large));
    }

    /** Up to Keras 3.5 Σx² counts as 1e-12 at least; since 3.6 it is ‖x‖ that does. */
    @ParameterizedTest
    @CsvSource({
        "KERAS_2, 2.9.0, 1e-12",
        "KERAS_2, 2.15.0, 1e-12",
        "KERAS_3, 3.0.0, 1e-12",
        "KERAS_3, 3.5.0, 1e-12",
        "KERAS_3, 3.6.0, 1e-24",
        "KERAS_3, 3.15.1, 1e-24",
        "KERAS_3, 3, 1e-24"
    })
    void unitNormalizationOfShortVectors(Version version, String release, double eps) throws Exception {
        String file = KerasFile.functional(version)
                .release(release)
                .input(3, 2)
                .layer("UnitNormalization", "unit_norm", settings("axis", List.of(1, 2)), Map.of())
                .write(directory);
        Tensor unit = Tensor.of(random, -1, 1, 2, 3, 2).unitNorm(1, 2);
        for (double length : new double[] {0, 1e-14, 1e-12, 2e-12, 1e-8, 1e-6, 2e-6, 1e-4}) {
            Tensor x = unit.map(value -> length * value);
            Expect.close(x.unitNorm(eps, 1, 2), graph(file, x));
        }
    }

    @Test
    void keras1() throws Exception {
        Map<String, Tensor> dense = renamed(Norms.linear(random, 4, 3), "W", "b");
        Map<String, Tensor> batch =
                renamed(Norms.batch(random, true, true, 3), "gamma", "beta", "running_mean", "running_std");
        Map<String, Object> denseSettings = settings(
                "output_dim",
                3,
                "activation",
                "linear",
                "init",
                "glorot_uniform",
                "W_regularizer",
                null,
                "b_regularizer",
                null,
                "W_constraint",
                null,
                "b_constraint",
                null,
                "bias",
                true,
                "batch_input_shape",
                Arrays.asList(null, 4));
        String file = KerasFile.sequential(Version.KERAS_1)
                .layer("Dense", "the_dense", denseSettings, dense, List.of())
                .layer(
                        "BatchNormalization",
                        "the_batchnorm",
                        settings("axis", -1, "mode", 0, "epsilon", EPS, "momentum", 0.99, "gamma_regularizer", null),
                        batch)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 4);
        Tensor y = x.dense(dense.get("W"), dense.get("b"))
                .batchNorm(
                        1,
                        batch.get("gamma"),
                        batch.get("beta"),
                        batch.get("running_mean"),
                        batch.get("running_std"),
                        EPS);
        sequentialAndGraph(file, x, y);
    }

    private static Map<String, Tensor> renamed(Map<String, Tensor> weights, String... names) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        int next = 0;
        for (Tensor weight : weights.values()) {
            result.put(names[next++], weight);
        }
        return result;
    }

    private static void sequentialAndGraph(String file, Tensor x, Tensor y) throws Exception {
        Expect.close(
                y,
                KerasNormImport.importKerasSequentialModelAndWeights(file, false)
                        .output(x.toArray()));
        Expect.close(y, graph(file, x));
    }

    private static INDArray graph(String file, Tensor x) throws Exception {
        return KerasNormImport.importKerasModelAndWeights(file, false).outputSingle(x.toArray());
    }
}
