package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.bytedeco.hdf5.Exception;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are sound, and no model: what is missing is said. */
class FileKindsTest {
    private static final String MODEL =
            "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [{\"class_name\": \"InputLayer\","
                    + " \"config\": {\"name\": \"a\", \"batch_shape\": [null, 4]}}, {\"class_name\": \"Dense\", \"config\":"
                    + " {\"name\": \"b\", \"units\": 3, \"activation\": \"linear\"}}]}}";

    @TempDir
    Path directory;

    @BeforeAll
    static void silenceHdf5() {
        Exception.dontPrint();
    }

    private static void assertRefused(String message, Path file) {
        Throwable thrown = assertThrows(
                InvalidKerasConfigurationException.class,
                () -> KerasNormImport.importKerasModelAndWeights(file.toString(), false));
        assertEquals(file + message, thrown.getMessage());
    }

    private Path zip(Map<String, byte[]> entries) throws IOException {
        Path file = directory.resolve("model.keras");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return file;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void zips() throws IOException {
        assertRefused(
                ": expected a .keras file, got a zip without config.json",
                zip(Map.of("configuration.json", bytes("{}"))));
        assertRefused(
                ": expected a .keras file, got a zip without model.weights.h5; weights in other formats cannot be"
                        + " imported",
                zip(Map.of("config.json", keras("chain", "config.json"), "model.weights.npz", new byte[3])));
        assertRefused(
                ", model.weights.h5: truncated or damaged: it cannot be opened",
                zip(Map.of("config.json", keras("chain", "config.json"), "model.weights.h5", new byte[3])));
    }

    private static byte[] keras(String model, String entry) throws IOException {
        try (ZipFile zip = new ZipFile(SavedFilesTest.file(model + ".keras"))) {
            return zip.getInputStream(zip.getEntry(entry)).readAllBytes();
        }
    }

    /** 300 MB of zeros in 300 KB. */
    @Test
    void zipBomb() throws IOException {
        Path file = directory.resolve("bomb.keras");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new ZipEntry("config.json"));
            out.write(keras("chain", "config.json"));
            out.putNextEntry(new ZipEntry("model.weights.h5"));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                out.write(zeros);
            }
        }
        long compressed;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            compressed = zip.getEntry("model.weights.h5").getCompressedSize();
        }
        assertRefused(
                ", model.weights.h5: expected at most 268435456 bytes in " + compressed
                        + " compressed ones, got 314572800",
                file);
    }

    @Test
    void directories() {
        assertRefused(
                ": expected an H5 or .keras file, got a directory; in Keras, save with model.save(\"model.keras\") or"
                        + " \"model.h5\"",
                directory);
    }

    @Test
    void weightsOrJsonAlone() throws IOException {
        assertRefused(
                ": expected a Keras model, got weights without a model; give the model's JSON too, or save the whole"
                        + " model",
                Path.of(SavedFilesTest.file("chain.weights.h5")));
        assertRefused(
                ": expected an H5 or .keras file, got JSON; give the file with the weights too",
                Path.of(SavedFilesTest.file("chain.json")));
    }

    @Test
    void twoFilesOneOfWhichIsMissingOrWrong() throws IOException {
        String json = SavedFilesTest.file("chain.json");
        String none = directory.resolve("none").toString();
        assertThrows(NoSuchFileException.class, () -> KerasNormImport.importKerasModelAndWeights(json, none));
        assertThrows(
                NoSuchFileException.class,
                () -> KerasNormImport.importKerasModelAndWeights(none, SavedFilesTest.file("chain.weights.h5")));
        Throwable thrown = assertThrows(
                InvalidKerasConfigurationException.class, () -> KerasNormImport.importKerasModelAndWeights(json, json));
        assertEquals(json + ": truncated or damaged: it cannot be opened", thrown.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"class_name\": \"Sequential\", | `` | the model: expected a text class_name, got nothing",
                "\"layers\": | \"levels\": | the model: expected a list layers in the config, got nothing",
                "\"Dense\" | 3 | layer 1 of the model: expected a text class_name, got 3",
                "\"name\": \"b\" | \"name\": \"a\" | the model: expected layers of different names, got two \"a\"",
                "\"name\": \"b\", | `` | layer 1 of the model, Dense: expected a text name, got nothing",
                "\"config\": {\"name\": \"b\" | \"konfig\": {\"name\": \"b\" | layer 1 of the model, Dense: expected an"
                        + " object config, got nothing"
            })
    void jsonThatIsNoModel(String part, String other, String message) throws IOException {
        assertTrue(MODEL.contains(part));
        Path file = directory.resolve("model.json");
        Files.writeString(file, MODEL.replace(part, other));
        Throwable thrown = assertThrows(
                InvalidKerasConfigurationException.class,
                () -> KerasNormImport.importKerasModelConfiguration(file.toString()));
        assertEquals(message, thrown.getMessage());
    }

    @Test
    void jsonThatIsNone() throws IOException {
        Path file = directory.resolve("model.json");
        String message = file + ": expected a JSON object, got something else at line 1, column ";
        Files.writeString(file, "{\"config\": 1, \"config\": 2}");
        assertConfigurationRefused(message + "23: Duplicate field 'config'", file);
        Files.writeString(file, "{\"config\": ]}");
        assertConfigurationRefused(message + "13: Unexpected character (']' (code 93))", file);
    }

    private static void assertConfigurationRefused(String message, Path file) {
        Throwable thrown = assertThrows(
                InvalidKerasConfigurationException.class,
                () -> KerasNormImport.importKerasModelConfiguration(file.toString()));
        assertTrue(thrown.getMessage().startsWith(message), thrown.getMessage());
    }

    /** Deep enough to end the stack of a parser. */
    @Test
    void deepJson() throws IOException {
        Path file = directory.resolve("model.json");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(bytes("{\"config\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}"));
        }
        assertConfigurationRefused(file + ": expected JSON of at most 200 levels, got more at line 1, column 2", file);
    }
}
