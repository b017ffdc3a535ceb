package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;

import io.github.dl4jnorm.keras.KerasFile.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Axes and names in files of Keras 2, which have no shapes, and always name the axis from the front. */
class Keras2NormsTest {
    private static final String BATCH = "BatchNormalization";
    private static final double EPS = 1e-3;

    private final Random random = new Random(23);

    @TempDir
    Path directory;

    private static Map<String, Object> on(int axis) {
        return settings("axis", List.of(axis), "epsilon", EPS);
    }

    /** DL4J believes in sequences there; as many channels as time steps, so that sizes do not tell. */
    @Test
    void behindGlobalPoolingOfSequences() throws Exception {
        Map<String, Tensor> batch = Norms.batch(random, true, true, 4);
        Map<String, Tensor> dense = Norms.linear(random, 4, 2);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(4, 4)
                .layer("GlobalMaxPooling1D", "pool", settings("data_format", "channels_last"), Map.of())
                .layer(BATCH, "batch_norm", on(1), batch)
                .layer("Dense", "dense", Settings.dense(2, "linear"), dense)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 3, 4, 4);
        Tensor pooled = Tensor.filled(Double.NEGATIVE_INFINITY, 3, 4);
        for (int i = 0; i < x.data().length; i++) {
            int at = i / 16 * 4 + i % 4;
            pooled.data()[at] = Math.max(pooled.data()[at], x.data()[i]);
        }
        both(file, x, Norms.dense(Norms.batchNorm(pooled, 1, EPS, batch), dense));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void behindPermute(int axis) throws Exception {
        Map<String, Tensor> batch = Norms.batch(random, true, true, axis == 1 ? 3 : 5);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(5, 3)
                .layer("Permute", "permute", settings("dims", List.of(2, 1)), Map.of())
                .layer(BATCH, "batch_norm", on(axis), batch)
                .layer("Activation", "relu_1", Settings.RELU, Map.of())
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 3);
        both(file, x, Norms.batchNorm(x.permute(0, 2, 1), axis, EPS, batch).relu());
    }

    /** The time axis, whose length DL4J knows. */
    @Test
    void timeOfLstm() throws Exception {
        Map<String, Tensor> lstm = Norms.lstm(random, 3, 4);
        Map<String, Tensor> batch = Norms.batch(random, true, true, 5);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(5, 3)
                .layer("LSTM", "the_lstm", Settings.lstm(4), lstm)
                .layer(BATCH, "batch_norm", on(1), batch)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 5, 3);
        both(file, x, Norms.batchNorm(Norms.lstm(x, lstm), 1, EPS, batch));
    }

    /** As many features as time steps: DL4J's own importer would take one for the other. */
    @Test
    void timeBehindDense() throws Exception {
        Map<String, Tensor> dense = Norms.linear(random, 3, 4);
        Map<String, Tensor> batch = Norms.batch(random, true, true, 4);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(4, 3)
                .layer("Dense", "dense", Settings.dense(4, "linear"), dense)
                .layer(BATCH, "batch_norm", on(1), batch)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 4, 3);
        both(file, x, Norms.batchNorm(Norms.dense(x, dense), 1, EPS, batch));
    }

    @ParameterizedTest
    @ValueSource(strings = {"BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"})
    void otherNames(String className) throws Exception {
        Map<String, Tensor> batch = Norms.batch(random, true, true, 3);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(4, 5, 3)
                .layer(className, "batch_norm", on(3), batch)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 4, 5, 3);
        both(file, x, Norms.batchNorm(x, 3, EPS, batch));
    }

    /** H5 makes a group of what is before a slash, which may be a layer of its own. */
    @Test
    void namesWithSlashes() throws Exception {
        Map<String, Tensor> first = Norms.batch(random, true, true, 3);
        Map<String, Tensor> second = Norms.batch(random, true, true, 3);
        String file = KerasFile.functional(Version.KERAS_2)
                .input(4, 5, 3)
                .layer(BATCH, "conv1", on(3), first)
                .layer(BATCH, "conv1/bn", on(3), second)
                .write(directory);
        Tensor x = Tensor.of(random, -1, 1, 2, 4, 5, 3);
        Expect.close(
                Norms.batchNorm(Norms.batchNorm(x, 3, EPS, first), 3, EPS, second),
                KerasNormImport.importKerasModelAndWeights(file, false).outputSingle(x.toArray()));
    }

    private static void both(String file, Tensor x, Tensor y) throws Exception {
        Expect.close(
                y,
                KerasNormImport.importKerasSequentialModelAndWeights(file, false)
                        .output(x.toArray()));
        Expect.close(y, KerasNormImport.importKerasModelAndWeights(file, false).outputSingle(x.toArray()));
    }
}
