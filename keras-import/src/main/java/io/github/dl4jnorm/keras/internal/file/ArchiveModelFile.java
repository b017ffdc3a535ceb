package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.model.JsonText;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.ModelJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** A {@code .keras} file: a zip of metadata.json, config.json and model.weights.h5. */
final class ArchiveModelFile implements ModelFile {
    private static final String METADATA = "metadata.json";
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.weights.h5";
    private static final String VERSION = "keras_version";

    /** Keras does not compress; a zip bomb expands a thousand times. */
    private static final long EXPANSION = 100;

    private static final long ALWAYS_ALLOWED = 1 << 28;

    private final Path path;
    private final ZipFile zip;
    private @Nullable Map<String, @Nullable Object> training;
    private @Nullable SavedLayers saved;
    private @Nullable TempFile weights;

    ArchiveModelFile(Path path) throws IOException, InvalidKerasConfigurationException {
        this.path = path;
        try {
            zip = new ZipFile(path.toFile());
        } catch (ZipException e) {
            throw new InvalidKerasConfigurationException(
                    path + ": truncated or damaged: no zip that can be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Map<String, @Nullable Object> config() throws IOException, InvalidKerasConfigurationException {
        Map<String, @Nullable Object> root = json(CONFIG);
        training = CompileConfig.removedFrom(root);
        if (zip.getEntry(METADATA) != null && json(METADATA).get(VERSION) instanceof String version) {
            root.put(VERSION, version);
        }
        root.putIfAbsent(VERSION, "3");
        root.putIfAbsent("backend", "tensorflow");
        saved = new SavedLayers(ModelJson.checked(root));
        return root;
    }

    private Map<String, @Nullable Object> json(String name) throws IOException, InvalidKerasConfigurationException {
        ZipEntry entry = entry(name);
        byte[] bytes;
        try (InputStream stream = zip.getInputStream(entry)) {
            bytes = stream.readNBytes((int) ALWAYS_ALLOWED);
        } catch (ZipException e) {
            throw damaged(name, e);
        }
        return JsonText.parse(new String(bytes, StandardCharsets.UTF_8), path + ", " + name);
    }

    private ZipEntry entry(String name) throws InvalidKerasConfigurationException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new InvalidKerasConfigurationException(path + ": expected a .keras file, got a zip without " + name
                    + (WEIGHTS.equals(name) ? "; weights in other formats cannot be imported" : ""));
        }
        return entry;
    }

    private InvalidKerasConfigurationException damaged(String name, IOException e) {
        return new InvalidKerasConfigurationException(
                path + ": truncated or damaged: " + name + " cannot be read: " + e.getMessage(), e);
    }

    @Override
    public @Nullable Map<String, @Nullable Object> training() {
        return training;
    }

    @Override
    public void readWeightsInto(Iterable<KerasLayer> layers, ModelGraph graph)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        SavedLayers known = Objects.requireNonNull(saved);
        try (Hdf5File file = new Hdf5File(extracted(), path + ", " + WEIGHTS)) {
            new WeightReader(file, WeightsFile.in(file, known), known).readInto(layers, graph);
        }
    }

    private Path extracted() throws IOException, InvalidKerasConfigurationException {
        if (weights == null) {
            ZipEntry entry = entry(WEIGHTS);
            long limit = Math.max(ALWAYS_ALLOWED, EXPANSION * entry.getCompressedSize());
            if (entry.getSize() > limit) {
                throw new InvalidKerasConfigurationException(path + ", " + WEIGHTS + ": expected at most " + limit
                        + " bytes in " + entry.getCompressedSize() + " compressed ones, got " + entry.getSize());
            }
            try (InputStream stream = zip.getInputStream(entry)) {
                weights = new TempFile(stream, limit);
            } catch (ZipException e) {
                throw damaged(WEIGHTS, e);
            }
        }
        return weights.path();
    }

    @Override
    public void close() {
        if (weights != null) {
            weights.close();
        }
        try {
            zip.close();
        } catch (IOException e) {
            // Nothing was written, and everything was read.
        }
    }
}
