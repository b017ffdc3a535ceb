package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.rewrite.BatchNormFolding;
import io.github.dl4jnorm.rewrite.BatchNormReplacement;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** What is done with a network of the model zoo before it is measured. */
enum Change {
    /** Nothing: DL4J's BatchNormalization. */
    NONE,
    /** BatchNormReplacement: our BatchNorm. */
    REPLACED,
    /** BatchNormFolding, for inference only. */
    FOLDED;

    ComputationGraph apply(ComputationGraph network) {
        return switch (this) {
            case NONE -> network;
            case REPLACED -> BatchNormReplacement.replace(network).network();
            case FOLDED -> BatchNormFolding.fold(network).network();
        };
    }
}
