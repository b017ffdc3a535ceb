package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that were imported wrongly, ended the JVM or were refused without need before there was a table of layers. */
class TodayFilesTest {
    private static final Path FILES = Path.of("src/test/resources/keras/today");
    private static final int NUMBER = 20;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bn_act_leakyrelu",
                "bn_embedding_flatten",
                "cf_cnn",
                "cf_flatten_channels_first",
                "dense_seq_ln_axis1_equal",
                "depthwise_f",
                "l2_kernel",
                "bn_act_hard_sigmoid",
                "conv1d_gap_bn_k2",
                "f_op_minus_constant",
                "slash_names_k2",
                "swish_dense",
                "dense_on_image_12",
                "text_flatten_dense"
            })
    void equal(String name)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        new H5Example(FILES.resolve(name + ".h5")).assertEqual();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bn_masking           | Keras Masking "masking": Masking is not imported
            bn_shared_in_chain_f | Keras BatchNormalization "n": used twice
            f_concat_axis1_square | expected activations of shape [?, 8, 4, 4], got [-1, 4, 4, 8] from DL4J
            f_lstm_states_out    | Keras LSTM "lstm": return_state = true, expected false
            groups_2             | Keras Conv2D "conv2d": groups = 2, expected 1
            prelu_dense_alone    | Keras PReLU "p_re_lu": PReLU is not imported
            """)
    void refused(String name, String reason) {
        Exception refusal =
                assertThrows(Exception.class, () -> new H5Example(FILES.resolve(name + ".h5")).assertEqual());
        assertTrue(
                refusal instanceof UnsupportedKerasConfigurationException
                        || refusal instanceof InvalidKerasConfigurationException,
                refusal.toString());
        assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    }

    @Test
    void noFileIsForgotten() {
        File[] files = FILES.toFile().listFiles((directory, name) -> name.endsWith(".h5"));
        Set<String> names = new TreeSet<>();
        Arrays.stream(files).forEach(file -> names.add(file.getName()));
        assertEquals(NUMBER, names.size(), names.toString());
    }
}
