package io.github.dl4jnorm.digits;

import java.io.File;
import java.io.IOException;
import org.nd4j.linalg.dataset.DataSet;

/** What a training needs of a network. */
public interface Classifier {
    /** Images per step when nothing is learned. */
    int EVALUATION_BATCH = 250;

    /**
     * Makes one training step.
     *
     * @param batch images and one-hot labels
     * @return the loss of the batch before the step
     */
    double fit(DataSet batch);

    /**
     * Classifies images in inference mode.
     *
     * @param data images and one-hot labels
     * @return the part that is right, 0 to 1; NaN if outputs are
     */
    double accuracy(DataSet data);

    /**
     * Saves the network.
     *
     * @param file the file to write
     * @throws IOException if that fails
     */
    void save(File file) throws IOException;

    /**
     * Loads a network of the same kind.
     *
     * @param file a file that {@link #save} wrote
     * @return the network
     * @throws IOException if that fails
     */
    Classifier load(File file) throws IOException;

    /**
     * Saves the network, loads it again and tests what was loaded.
     *
     * @param file the file to write
     * @param data images to test with
     * @return the accuracy of the loaded network, which is that of this one
     * @throws IOException if the file cannot be written or read
     * @throws IllegalStateException if the loaded network has another accuracy
     */
    default double saveAndReload(File file, DataSet data) throws IOException {
        save(file);
        double loaded = load(file).accuracy(data);
        double expected = accuracy(data);
        if (loaded != expected) {
            throw new IllegalStateException(
                    "The network loaded from " + file + " has accuracy " + loaded + ", not " + expected);
        }
        return loaded;
    }
}
