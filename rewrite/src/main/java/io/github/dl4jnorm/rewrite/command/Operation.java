package io.github.dl4jnorm.rewrite.command;

import io.github.dl4jnorm.rewrite.BatchNormFolding;
import io.github.dl4jnorm.rewrite.BatchNormReplacement;
import io.github.dl4jnorm.rewrite.Rewritten;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** What can be done with the batch normalizations of a model. */
enum Operation {
    REPLACE("replaced", true, BatchNormReplacement::replace, BatchNormReplacement::replace),
    RESTORE("restored", true, BatchNormReplacement::restore, BatchNormReplacement::restore),
    FOLD("folded", false, BatchNormFolding::fold, BatchNormFolding::fold);

    private final String done;
    private final boolean trains;
    private final Function<MultiLayerNetwork, Rewritten<MultiLayerNetwork>> ofNetwork;
    private final Function<ComputationGraph, Rewritten<ComputationGraph>> ofGraph;

    Operation(
            String done,
            boolean trains,
            Function<MultiLayerNetwork, Rewritten<MultiLayerNetwork>> ofNetwork,
            Function<ComputationGraph, Rewritten<ComputationGraph>> ofGraph) {
        this.done = done;
        this.trains = trains;
        this.ofNetwork = ofNetwork;
        this.ofGraph = ofGraph;
    }

    /** A new model, and what became of its layers. */
    Rewritten<? extends Model> apply(Model model) {
        return model instanceof ComputationGraph graph
                ? ofGraph.apply(graph)
                : ofNetwork.apply((MultiLayerNetwork) model);
    }

    /** What was done, in one word. */
    String done() {
        return done;
    }

    /** Whether the result is for training too, and takes the updater's state along. */
    boolean trains() {
        return trains;
    }
}
