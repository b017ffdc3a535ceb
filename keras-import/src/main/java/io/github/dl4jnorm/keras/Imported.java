package io.github.dl4jnorm.keras;

import io.github.dl4jnorm.keras.report.ImportReport;

/**
 * A network made of a Keras model.
 *
 * @param network the network, with the model's weights
 * @param report what became of each layer
 * @param <T> {@code MultiLayerNetwork} or {@code ComputationGraph}
 */
public record Imported<T>(T network, ImportReport report) {}
