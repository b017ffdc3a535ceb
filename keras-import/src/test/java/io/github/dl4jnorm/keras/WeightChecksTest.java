package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;
import static org.bytedeco.hdf5.global.hdf5.H5F_ACC_RDWR;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.keras.KerasFile.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.hdf5.DataSpace;
import org.bytedeco.hdf5.H5File;
import org.bytedeco.hdf5.PredType;
import org.bytedeco.javacpp.PointerScope;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights that do not belong to DL4J's layers are refused before anything is copied, which would overwrite memory. */
class WeightChecksTest {
    private static final String ANOTHER =
            "; DL4J makes another layer of it than Keras, or the weights are of another model";

    private final Random random = new Random(12);

    @TempDir
    Path directory;

    private void assertRefused(String message, String file) {
        Throwable thrown = assertThrows(
                InvalidKerasConfigurationException.class,
                () -> KerasNormImport.importKerasSequentialModelAndWeights(file, false));
        assertEquals(message, thrown.getMessage());
        Throwable again = assertThrows(
                InvalidKerasConfigurationException.class,
                () -> KerasNormImport.importKerasModelAndWeights(file, false));
        assertEquals(message, again.getMessage());
    }

    private KerasFile vectors(Version version) {
        return KerasFile.sequential(version).input(4);
    }

    private String dense(Map<String, Tensor> weights) throws IOException {
        return vectors(Version.KERAS_3)
                .layer("Dense", "the_dense", Settings.dense(3, "linear"), weights)
                .write(directory);
    }

    @Test
    void sizes() throws IOException {
        assertRefused(
                "Keras Dense \"the_dense\": expected shape [4, 3] of parameter W, got [3, 4]" + ANOTHER,
                dense(Map.of("kernel", Tensor.filled(0, 3, 4), "bias", Tensor.filled(0, 3))));
        assertRefused(
                "Keras Dense \"the_dense\": expected shape [4, 3] of parameter W, got [4, 1]" + ANOTHER,
                dense(Map.of("kernel", Tensor.filled(0, 4, 1), "bias", Tensor.filled(0, 3))));
        assertRefused(
                "Keras Dense \"the_dense\": expected shape [3] of parameter b, got [1]" + ANOTHER,
                dense(Map.of("kernel", Tensor.filled(0, 4, 3), "bias", Tensor.filled(0, 1))));
    }

    @Test
    void ranks() throws IOException {
        assertRefused(
                "Keras Dense \"the_dense\": expected 2 axes of kernel, got shape [12]",
                dense(Map.of("kernel", Tensor.filled(0, 12), "bias", Tensor.filled(0, 3))));
        assertRefused(
                "Keras Dense \"the_dense\": expected 1 axis of bias, got shape [1, 3]",
                dense(Map.of("kernel", Tensor.filled(0, 4, 3), "bias", Tensor.filled(0, 1, 3))));
        assertRefused(
                "Keras Conv2D \"the_convolution\": expected 4 axes of kernel, got shape [2, 2, 6]",
                KerasFile.sequential(Version.KERAS_2)
                        .input(6, 5, 2)
                        .layer(
                                "Conv2D",
                                "the_convolution",
                                Settings.convolution(2, 3, 2, "channels_last"),
                                Map.of("kernel", Tensor.filled(0, 2, 2, 6), "bias", Tensor.filled(0, 3)))
                        .write(directory));
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void names(Version version) throws IOException {
        Map<String, Tensor> missing = Map.of("kernel", Tensor.filled(0, 4, 3));
        assertRefused(
                "Keras Dense \"the_dense\": expected weights [kernel, bias], got [kernel]",
                vectors(version)
                        .layer("Dense", "the_dense", Settings.dense(3, "linear"), missing)
                        .write(directory));
        Map<String, Tensor> more = Norms.linear(random, 4, 3);
        more.put("kernel_scale", Tensor.filled(1, 3));
        assertRefused(
                "Keras Dense \"the_dense\": expected weights [kernel, bias], got [bias, kernel, kernel_scale]",
                vectors(version)
                        .layer("Dense", "the_dense", Settings.dense(3, "linear"), more)
                        .write(directory));
    }

    @Test
    void twoOfOneName() throws IOException {
        Map<String, Tensor> weights = Norms.linear(random, 4, 3);
        weights.put("kernel_1", Tensor.filled(1, 4, 3));
        String place = "/model_weights/the_dense/sequential/the_dense/";
        assertRefused(
                "Keras Dense \"the_dense\": expected one weight kernel, got " + place + "kernel and " + place
                        + "kernel_1",
                dense(weights));
    }

    /** Names do not belong together because one begins with the other. */
    @ParameterizedTest
    @EnumSource(names = {"KERAS_2", "KERAS_3"})
    void layerWhoseNameBeginsThatOfAVariable(Version version) throws Exception {
        Map<String, Tensor> weights = Norms.batch(random, true, true, 4);
        Tensor x = Tensor.of(random, -1, 1, 3, 4);
        String file = vectors(version)
                .layer("BatchNormalization", "moving", settings("epsilon", 1e-3), weights)
                .write(directory);
        Expect.close(
                Norms.batchNorm(x, 1, 1e-3, weights),
                KerasNormImport.importKerasSequentialModelAndWeights(file, false)
                        .output(x.toArray()));
    }

    @Test
    void sizesThatHideInALstm() throws IOException {
        List<int[]> all =
                List.of(new int[] {16, 12, 12}, new int[] {12, 16, 12}, new int[] {12, 12, 8}, new int[] {15, 15, 15});
        for (int[] sizes : all) {
            Map<String, Tensor> weights = Map.of(
                    "kernel", Tensor.filled(0, 3, sizes[0]),
                    "recurrent_kernel", Tensor.filled(0, 3, sizes[1]),
                    "bias", Tensor.filled(0, sizes[2]));
            String file = KerasFile.sequential(Version.KERAS_2)
                    .input(5, 3)
                    .layer("LSTM", "the_lstm", Settings.lstm(3), weights)
                    .write(directory);
            assertRefused(
                    "Keras LSTM \"the_lstm\": expected as many columns of kernel, recurrent_kernel and bias, once or"
                            + " four times the rows of recurrent_kernel, got shapes [3, " + sizes[0] + "], [3, "
                            + sizes[1] + "] and [" + sizes[2] + "]",
                    file);
        }
    }

    /** Its gates are apart, and DL4J would write beyond the end of the array into which it puts them. */
    @Test
    void gatesOfDifferentSizesInKeras1() throws IOException {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (String gate : List.of("i", "f", "c", "o")) {
            weights.put("W_" + gate, Tensor.filled(0, 3, 2));
            weights.put("U_" + gate, Tensor.filled(0, 2, 2));
            weights.put("b_" + gate, Tensor.filled(0, "o".equals(gate) ? 2000 : 2));
        }
        Map<String, Object> settings = settings(
                "output_dim",
                2,
                "init",
                "glorot_uniform",
                "inner_init",
                "orthogonal",
                "forget_bias_init",
                "one",
                "activation",
                "tanh",
                "inner_activation",
                "sigmoid",
                "W_regularizer",
                null,
                "U_regularizer",
                null,
                "b_regularizer",
                null,
                "dropout_W",
                0.0,
                "dropout_U",
                0.0,
                "return_sequences",
                true,
                "unroll",
                false,
                "batch_input_shape",
                Arrays.asList(null, 5, 3));
        String file = KerasFile.sequential(Version.KERAS_1)
                .layer("LSTM", "the_lstm", settings, weights, List.of())
                .write(directory);
        assertRefused("Keras LSTM \"the_lstm\": expected b_c and b_o of one shape, got [2] and [2000]", file);
    }

    @Test
    void numbersThatAreNone() throws IOException {
        Map<String, Tensor> weights = Norms.linear(random, 4, 3);
        weights.get("kernel").data()[5] = Double.NaN;
        assertRefused(
                "Keras Dense \"the_dense\": expected finite numbers for kernel, got NaN as number 5 of"
                        + " /model_weights/the_dense/sequential/the_dense/kernel",
                dense(weights));
    }

    @Test
    void numbersOfAnotherType() throws IOException {
        String file = dense(Norms.linear(random, 4, 3));
        String kernel = "model_weights/the_dense/sequential/the_dense/kernel";
        makeWhole(file, kernel);
        assertRefused(
                "Keras Dense \"the_dense\": expected floating point numbers for kernel, got another type in /" + kernel
                        + "; quantized models, and those of bfloat16, cannot be imported",
                file);
    }

    @SuppressWarnings("unchecked") // no classes
    private static void makeWhole(String file, String dataSet) {
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            try (PointerScope scope = new PointerScope()) {
                H5File h5 = new H5File(file, H5F_ACC_RDWR());
                h5.unlink(dataSet);
                h5.createDataSet(dataSet, PredType.NATIVE_INT8(), new DataSpace(2, new long[] {4, 3}));
            }
        }
    }

    /** A size that no memory holds is refused by the weights that are there. */
    @Test
    void sizesBeyondAllMemory() throws IOException {
        assertRefused(
                "Keras Dense \"the_dense\": expected 10000000000 numbers for all parameters, got 15 in weights of shapes"
                        + " [[3], [4, 3]]" + ANOTHER,
                vectors(Version.KERAS_3)
                        .layer(
                                "Dense",
                                "the_dense",
                                Settings.dense(2_000_000_000, "linear"),
                                Norms.linear(random, 4, 3))
                        .write(directory));
    }
}
