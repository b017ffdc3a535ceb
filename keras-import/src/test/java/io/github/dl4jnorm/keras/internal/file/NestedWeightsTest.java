package io.github.dl4jnorm.keras.internal.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.internal.file.Hdf5File.Stored;
import io.github.dl4jnorm.keras.internal.file.SavedLayers.Saved;
import io.github.dl4jnorm.keras.internal.model.JsonText;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** Where nested.h5 and nested.keras of files.py, models in a model with layers of the same names, have their weights. */
class NestedWeightsTest {
    private static final Path FILES = Path.of("src/test/resources/keras/files");

    /** The layers that have variables, and the shape of the first. */
    private static final Map<List<String>, List<Long>> SHAPES = Map.of(
            List.of("inner", "dense"), List.of(4L, 5L),
            List.of("inner", "norm"), List.of(5L),
            List.of("inner", "out"), List.of(5L, 3L),
            List.of("other", "deep", "dense"), List.of(3L, 4L),
            List.of("other", "dense"), List.of(4L, 2L),
            List.of("dense"), List.of(2L, 3L));

    @Test
    void bothLayoutsHaveTheSame() throws Exception {
        try (Hdf5File h5 = new Hdf5File(FILES.resolve("nested.h5"), "nested.h5");
                ZipFile zip = new ZipFile(FILES.resolve("nested.keras").toFile());
                InputStream stream = zip.getInputStream(zip.getEntry("model.weights.h5"));
                TempFile temporary = new TempFile(stream, Long.MAX_VALUE);
                Hdf5File numbered = new Hdf5File(temporary.path(), "nested.keras")) {
            SavedLayers saved = new SavedLayers(JsonText.parse(h5.text("", "model_config"), "nested.h5"));
            NamedWeights named = new NamedWeights(h5, "model_weights", saved.names());
            NumberedWeights byNumber = new NumberedWeights(numbered);
            for (Map.Entry<List<String>, List<Long>> entry : SHAPES.entrySet()) {
                Saved layer = saved.get(entry.getKey());
                Map<String, Stored> one = named.variables(layer);
                Map<String, Stored> other = byNumber.variables(layer);
                assertEquals(one.keySet(), other.keySet(), layer.toString());
                for (String name : one.keySet()) {
                    assertArrayEquals(h5.read(one.get(name)), numbered.read(other.get(name)), layer + " " + name);
                }
                String first = one.containsKey("kernel") ? "kernel" : "gamma";
                assertEquals(entry.getValue(), one.get(first).shape(), layer.toString());
            }
        }
    }

    /** Without the names of layers in the file, their numbers tell. */
    @Test
    void groupsByNumber() throws Exception {
        try (ZipFile zip = new ZipFile(FILES.resolve("nested.keras").toFile());
                InputStream json = zip.getInputStream(zip.getEntry("config.json"));
                InputStream stream = zip.getInputStream(zip.getEntry("model.weights.h5"));
                TempFile temporary = new TempFile(stream, Long.MAX_VALUE);
                Hdf5File file = new Hdf5File(temporary.path(), "nested.keras")) {
            SavedLayers saved = new SavedLayers(
                    JsonText.parse(new String(json.readAllBytes(), StandardCharsets.UTF_8), "nested.keras"));
            for (List<String> path : SHAPES.keySet()) {
                String numbered =
                        "layers/" + String.join("/layers/", saved.get(path).groups());
                assertEquals(new NumberedWeights(file).place(saved.get(path)), numbered);
                assertTrue(file.hasGroup(numbered + "/vars"), numbered);
            }
        }
    }
}
