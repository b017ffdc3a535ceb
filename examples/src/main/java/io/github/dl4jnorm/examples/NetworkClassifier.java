package io.github.dl4jnorm.examples;

import java.io.File;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;

/**
 * A DL4J network as a classifier.
 *
 * @param net an initialized network
 */
record NetworkClassifier(MultiLayerNetwork net) implements Classifier {
    private static final int EVALUATION_BATCH = 250;

    @Override
    public double fit(DataSet batch) {
        net.fit(batch);
        return net.score();
    }

    @Override
    public double accuracy(DataSet data) {
        return net.evaluate(new ViewIterator(data, EVALUATION_BATCH)).accuracy();
    }

    /**
     * Saves the network, loads it again and compares the two: the same outputs on all images, hence the same accuracy.
     *
     * @param file the model file to write
     * @param data images to compare on
     * @return the accuracy of both
     * @throws IOException if the file cannot be written or read
     * @throws IllegalStateException if the loaded network differs
     */
    double saveAndReload(File file, DataSet data) throws IOException {
        net.save(file, true);
        MultiLayerNetwork loaded = MultiLayerNetwork.load(file, true);
        double before = accuracy(data);
        double after = new NetworkClassifier(loaded).accuracy(data);
        if (before != after || !loaded.params().equals(net.params())) {
            throw new IllegalStateException(
                    "The network loaded from " + file + " has accuracy " + after + ", not " + before);
        }
        return after;
    }
}
