package io.github.dl4jnorm.keras.internal.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;

/** An H5 file with configuration and weights, as {@code model.save("model.h5")} writes it in Keras 1, 2 and 3. */
public final class H5ModelFile implements ModelFile {
    private static final String MODEL = "model_config";
    private static final String TRAINING = "training_config";
    private static final String VERSION = "keras_version";
    private static final String BACKEND = "backend";

    private final Path path;
    private final Hdf5Archive archive;

    /**
     * Opens a file.
     *
     * @param path path of an HDF5 file
     */
    public H5ModelFile(Path path) {
        this.path = path;
        archive = new Hdf5Archive(path.toString());
    }

    @Override
    public Map<String, Object> config()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        if (!archive.hasAttribute(MODEL)) {
            throw new InvalidKerasConfigurationException(path + ": expected an attribute " + MODEL + ", got none;"
                    + " save the whole model, not its weights alone");
        }
        Map<String, Object> config = parse(archive.readAttributeAsJson(MODEL));
        if (archive.hasAttribute(VERSION)) {
            config.put(VERSION, archive.readAttributeAsFixedLengthString(VERSION, 5));
        }
        if (archive.hasAttribute(BACKEND)) {
            config.put(BACKEND, archive.readAttributeAsString(BACKEND));
        }
        return config;
    }

    private Map<String, Object> parse(String json) throws InvalidKerasConfigurationException {
        try {
            return KerasModelUtils.parseJsonString(json);
        } catch (IOException e) {
            throw new InvalidKerasConfigurationException(path + ": its configuration is not valid JSON", e);
        }
    }

    @Override
    public Map<String, Object> training()
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return archive.hasAttribute(TRAINING) ? parse(archive.readAttributeAsJson(TRAINING)) : null;
    }

    @Override
    public void readWeightsInto(Iterable<KerasLayer> layers)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        new ModelWeights(archive).readInto(layers);
    }

    @Override
    public void close() {
        archive.close();
    }
}
