package io.github.dl4jnorm.rewrite.command;

import io.github.dl4jnorm.cli.UserError;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.shade.jackson.databind.JsonNode;

/**
 * A model as DL4J's ModelSerializer writes it: a zip file of configuration, parameters, perhaps the updater's state,
 * and whatever else a user put in, such as a normalizer.
 *
 * @param path where it is
 * @param model MultiLayerNetwork or ComputationGraph
 * @param hasUpdater whether the state of the updater is in it
 */
record ModelFile(Path path, Model model, boolean hasUpdater) {

    /** What {@link ModelSerializer} writes of a model; all other entries are the user's. */
    private static final Set<String> OF_THE_MODEL = Set.of(
            ModelSerializer.CONFIGURATION_JSON,
            ModelSerializer.COEFFICIENTS_BIN,
            ModelSerializer.NO_PARAMS_MARKER,
            ModelSerializer.UPDATER_BIN);

    /**
     * Checks, before any work is done, what can be known of the files.
     *
     * @param source the file to read
     * @param target the file to write
     * @param overwrite whether target may exist
     * @throws UserError if source is missing, or target cannot be written
     */
    static void checkPaths(Path source, Path target, boolean overwrite) {
        if (!Files.isRegularFile(source)) {
            throw new UserError(source + ": there is no such file");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(target)) {
            throw new UserError(target + ": is a folder");
        }
        if (!Files.isDirectory(folder)) {
            throw new UserError(target + ": there is no folder " + folder);
        }
        if (!overwrite && Files.exists(target)) {
            throw exists(target);
        }
        Path probe = temporary(target);
        try {
            // Permissions do not tell: some file systems take no files from anybody.
            Files.createFile(probe);
            Files.delete(probe);
        } catch (IOException e) {
            throw new UserError(target + ": nothing can be written to the folder " + folder + ": " + reason(e));
        }
    }

    private static Path temporary(Path target) {
        return target.resolveSibling("." + UUID.randomUUID() + ".tmp");
    }

    /** What went wrong, without the temporary file that it went wrong with. */
    private static String reason(IOException e) {
        if (!(e instanceof FileSystemException failure)) {
            return firstLine(e);
        }
        return failure.getReason() == null ? e.getClass().getSimpleName() : failure.getReason();
    }

    /**
     * Reads a model.
     *
     * @param path the file; only read
     * @throws UserError if it is damaged, or no model
     */
    static ModelFile read(Path path) throws IOException {
        Set<String> entries = new HashSet<>();
        String json = null;
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.add(entry.getName());
                // Every byte is read, so that every checksum is compared.
                if (entry.getName().equals(ModelSerializer.CONFIGURATION_JSON)) {
                    json = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                } else {
                    try (InputStream in = zip.getInputStream(entry)) {
                        in.transferTo(OutputStream.nullOutputStream());
                    }
                }
            }
        } catch (ZipException e) {
            throw new UserError(path + ": no zip file, or a damaged or truncated one: " + e.getMessage());
        }
        if (json == null || !entries.contains(ModelSerializer.COEFFICIENTS_BIN)) {
            throw new UserError(path + ": a zip file, but no model of DL4J's ModelSerializer: it lacks "
                    + (json == null ? ModelSerializer.CONFIGURATION_JSON : ModelSerializer.COEFFICIENTS_BIN));
        }
        return new ModelFile(path, load(path, json), entries.contains(ModelSerializer.UPDATER_BIN));
    }

    private static Model load(Path path, String json) {
        try {
            JsonNode configuration = NeuralNetConfiguration.mapper().readTree(json);
            return configuration.has("vertices")
                    ? ModelSerializer.restoreComputationGraph(path.toFile(), true)
                    : ModelSerializer.restoreMultiLayerNetwork(path.toFile(), true);
        } catch (IOException | RuntimeException e) {
            throw new UserError(path + ": DL4J cannot load this model: " + firstLine(e));
        }
    }

    private static String firstLine(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("");
    }

    /**
     * Writes another model with all the rest of this file: first to a temporary file next to the target, which then
     * takes its name, so that at no time there is half a file under that name.
     *
     * @param target where to
     * @param changed the model
     * @param withUpdater whether to write the state of its updater
     * @param overwrite whether target may exist
     * @throws UserError if target exists and may not, or cannot be written
     */
    void writeChanged(Path target, Model changed, boolean withUpdater, boolean overwrite) throws IOException {
        Path bare = temporary(target);
        Path complete = temporary(target);
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(bare))) {
                ModelSerializer.writeModel(changed, out, withUpdater);
            }
            try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(complete))) {
                copy(bare, OF_THE_MODEL, true, out);
                copy(path, OF_THE_MODEL, false, out);
            }
            if (overwrite) {
                Files.move(complete, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.move(complete, target);
            }
        } catch (FileAlreadyExistsException e) {
            throw exists(target);
        } catch (IOException e) {
            throw new UserError(target + ": cannot be written: " + reason(e));
        } finally {
            Files.deleteIfExists(bare);
            Files.deleteIfExists(complete);
        }
    }

    private static UserError exists(Path target) {
        return new UserError(target + " exists already: name another with --output, or add --overwrite");
    }

    /** Copies the entries whose names are in a set, or those whose names are not. */
    private static void copy(Path from, Set<String> names, boolean in, ZipOutputStream out) throws IOException {
        try (ZipFile zip = new ZipFile(from.toFile())) {
            List<? extends ZipEntry> entries = Collections.list(zip.entries());
            for (ZipEntry entry : entries) {
                if (names.contains(entry.getName()) == in) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    zip.getInputStream(entry).transferTo(out);
                    out.closeEntry();
                }
            }
        }
    }
}
