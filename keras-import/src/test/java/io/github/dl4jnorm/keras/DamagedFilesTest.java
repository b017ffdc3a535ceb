package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.bytedeco.hdf5.Exception;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Whatever a file holds, only declared exceptions come out, and they send nobody to others. */
class DamagedFilesTest {
    private static final String CONFIG = "config.json";
    private static final int DAMAGES = 60;

    @TempDir
    Path directory;

    @BeforeAll
    static void silenceHdf5() {
        Exception.dontPrint();
    }

    /** Imports, or is refused as it should be; says which. */
    private static boolean isRefused(Path file, boolean sequential, String what) {
        try {
            KerasImporter importer = new KerasImporter(file).trainingConfiguration(true);
            if (sequential) {
                importer.importSequential();
            } else {
                importer.importGraph();
            }
            return false;
        } catch (IOException | InvalidKerasConfigurationException | UnsupportedKerasConfigurationException e) {
            assertFalse(e.getMessage().contains("http"), () -> what + ": " + e.getMessage());
            assertFalse(e.getMessage().isBlank(), what);
            return true;
        } catch (RuntimeException | Error e) {
            return fail(what, e);
        }
    }

    private static byte[] config(String model) throws IOException {
        try (ZipFile zip = new ZipFile(SavedFilesTest.file(model + ".keras"))) {
            return zip.getInputStream(zip.getEntry(CONFIG)).readAllBytes();
        }
    }

    private Path withConfig(String model, byte[] config) throws IOException {
        Path file = directory.resolve("damaged.keras");
        try (ZipFile zip = new ZipFile(SavedFilesTest.file(model + ".keras"));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String name : List.of("metadata.json", CONFIG, "model.weights.h5")) {
                out.putNextEntry(new ZipEntry(name));
                out.write(
                        CONFIG.equals(name)
                                ? config
                                : zip.getInputStream(zip.getEntry(name)).readAllBytes());
            }
        }
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"chain", "recurrent", "convolutions", "text", "nested"})
    void bytesOfTheJsonAreOthers(String model) throws IOException {
        Random random = new Random(model.hashCode());
        byte[] sound = config(model);
        int refused = 0;
        for (int i = 0; i < DAMAGES; i++) {
            byte[] damaged = sound.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] = (byte) " 0123456789-.,:[]{}\"ntf\0\u007f".charAt(random.nextInt(25));
            String what = model + ", byte " + at + " is " + damaged[at];
            refused += isRefused(withConfig(model, damaged), i % 2 == 0, what) ? 1 : 0;
        }
        assertTrue(refused > 3, "refused " + refused);
    }

    /** A value of another type, or none at all. */
    @ParameterizedTest
    @ValueSource(strings = {"chain", "recurrent", "convolutions", "text", "nested"})
    void partsOfTheJsonAreOthers(String model) throws IOException {
        Random random = new Random(model.hashCode());
        ObjectMapper mapper = new ObjectMapper();
        int refused = 0;
        for (int i = 0; i < DAMAGES; i++) {
            Map<?, ?> root = mapper.readValue(config(model), Map.class);
            String what = model + ": " + damage(root, random);
            refused += isRefused(withConfig(model, mapper.writeValueAsBytes(root)), i % 2 == 0, what) ? 1 : 0;
        }
        assertTrue(refused > 3, "refused " + refused);
    }

    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    private static String damage(Map<?, ?> root, Random random) {
        List<Map<String, Object>> objects = new ArrayList<>();
        collect(root, objects);
        Map<String, Object> object = objects.get(random.nextInt(objects.size()));
        List<String> keys = new ArrayList<>(object.keySet());
        String key = keys.get(random.nextInt(keys.size()));
        Object[] others = {
            null, 3, -1, 2000000000, 0.5, "text", "", true, List.of(), List.of(1, 2, 3), Map.of(), List.of(List.of("a"))
        };
        int which = random.nextInt(others.length + 1);
        Object before = object.get(key);
        if (which == others.length) {
            object.remove(key);
        } else {
            object.put(key, others[which]);
        }
        return key + " is " + object.get(key) + " and was " + before;
    }

    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    private static void collect(Object value, List<Map<String, Object>> objects) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            objects.add((Map<String, Object>) map);
            map.values().forEach(each -> collect(each, objects));
        } else if (value instanceof List<?> list) {
            list.forEach(each -> collect(each, objects));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chain.h5", "chain.keras", "unnamed.keras", "recurrent.h5"})
    void cutFiles(String name) throws IOException {
        Random random = new Random(name.hashCode());
        byte[] sound = Files.readAllBytes(Path.of(SavedFilesTest.file(name)));
        Path file = directory.resolve(name);
        for (int i = 0; i < DAMAGES; i++) {
            int length = random.nextInt(sound.length);
            Files.write(file, Arrays.copyOf(sound, length));
            assertTrue(isRefused(file, true, name + " of length " + length), name + " of length " + length);
        }
    }
}
