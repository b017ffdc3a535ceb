package io.github.dl4jnorm.rewrite;

/**
 * A new network, and what was changed on the way to it.
 *
 * @param network the network, independent of the one it was made from; equal to it if nothing was changed
 * @param report what became of each layer in question
 * @param <N> MultiLayerNetwork or ComputationGraph
 */
public record Rewritten<N>(N network, RewriteReport report) {}
