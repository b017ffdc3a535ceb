package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of single layers that src/test/keras wrote: equal to Keras, or refused with a reason. */
class LayerFilesTest {
    private static final Path FILES = Path.of("src/test/resources/keras/layers");

    /** Begins the reason, or is empty where the numbers are Keras'. */
    private static final String EXPECTED = """
            average_pooling1d             Keras AveragePooling1D "average_pooling1d": AveragePooling1D is not imported
            bidirectional_other_backward  Keras Bidirectional "bidirectional": a backward_layer of other settings
            broadcast_add_sequence        Keras Add "add": inputs of different shapes
            cnn_two_formats               Keras model: some inputs have their channels first, others last
            conv3d_transpose              Keras Conv3DTranspose "conv3d_transpose": Conv3DTranspose is not imported
            cropping1d_square             Keras Cropping1D "cropping1d": Cropping1D is not imported
            dense_volume                  Keras Dense "dense": volumes: not imported
            embedding_mask_zero_lstm      Keras Embedding "embedding": mask_zero = true, expected false
            flatten_sequence_first        Keras Flatten "flatten": data_format = channels_first, expected channels_last
            layer_softmax_axis1_square    Keras Softmax "softmax": an axis other than the last
            permute_image_123_square      Keras Permute "permute": images and volumes
            random_05019                  Keras SimpleRNN "simple_rnn": behind layers with channels first: not imported
            shared_relu                   Keras ReLU "re_lu": used twice
            time_distributed_flatten      Keras TimeDistributed "time_distributed": around another layer than Dense
            up_sampling2d_bilinear        Keras UpSampling2D "up_sampling2d": interpolation = bilinear, expected nearest
            up_sampling3d                 Keras UpSampling3D "up_sampling3d": different sizes
            zero_padding3d                Keras ZeroPadding3D "zero_padding3d": data_format = channels_last
            """;

    private static TreeMap<String, String> reasons() {
        TreeMap<String, String> reasons = new TreeMap<>();
        EXPECTED.lines()
                .forEach(line -> reasons.put(
                        line.substring(0, line.indexOf(' ')),
                        line.substring(line.indexOf(' ')).strip()));
        return reasons;
    }

    private static Set<String> equal() {
        Set<String> names = new TreeSet<>();
        File[] files = FILES.toFile().listFiles((directory, name) -> name.endsWith(".h5"));
        Arrays.stream(files).forEach(file -> names.add(file.getName().replace(".h5", "")));
        names.removeAll(reasons().keySet());
        return names;
    }

    @ParameterizedTest
    @MethodSource("equal")
    void equal(String name)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        new H5Example(FILES.resolve(name + ".h5")).assertEqual();
    }

    @Test
    void refused() {
        reasons().forEach((name, reason) -> {
            UnsupportedKerasConfigurationException refusal = assertThrows(
                    UnsupportedKerasConfigurationException.class,
                    () -> new KerasImporter(FILES.resolve(name + ".h5")).importGraph(),
                    name);
            assertTrue(refusal.getMessage().startsWith(reason), refusal.getMessage());
        });
    }

    @Test
    void mostAreEqual() {
        assertEquals(34, equal().size());
    }
}
