package io.github.dl4jnorm.digits;

import org.nd4j.linalg.dataset.DataSet;

/**
 * Images of digits to learn from and to be tested on.
 *
 * @param train training images, [N,784], and one-hot labels, [N,10]
 * @param test test images and labels
 */
public record DigitData(DataSet train, DataSet test) {}
