package io.github.dl4jnorm.examples;

import org.nd4j.linalg.dataset.DataSet;

/** What {@link Training} needs of a network. */
interface Classifier {
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
     * @return the part that is right, 0 to 1
     */
    double accuracy(DataSet data);
}
