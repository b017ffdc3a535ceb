package io.github.dl4jnorm.tools;

import io.github.dl4jnorm.layer.rewrite.BatchNormFolding;
import io.github.dl4jnorm.layer.rewrite.BatchNormReplacement;
import io.github.dl4jnorm.layer.rewrite.Rewritten;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** What can be done with the batch normalizations of a model. */
enum Operation {
    REPLACE("replaced", true) {
        @Override
        Rewritten<? extends Model> apply(Model model) {
            return model instanceof ComputationGraph graph
                    ? BatchNormReplacement.replace(graph)
                    : BatchNormReplacement.replace((MultiLayerNetwork) model);
        }
    },
    RESTORE("restored", true) {
        @Override
        Rewritten<? extends Model> apply(Model model) {
            return model instanceof ComputationGraph graph
                    ? BatchNormReplacement.restore(graph)
                    : BatchNormReplacement.restore((MultiLayerNetwork) model);
        }
    },
    FOLD("folded", false) {
        @Override
        Rewritten<? extends Model> apply(Model model) {
            return model instanceof ComputationGraph graph
                    ? BatchNormFolding.fold(graph)
                    : BatchNormFolding.fold((MultiLayerNetwork) model);
        }
    };

    private final String done;
    private final boolean trains;

    Operation(String done, boolean trains) {
        this.done = done;
        this.trains = trains;
    }

    /** A new model, and what became of its layers. */
    abstract Rewritten<? extends Model> apply(Model model);

    /** What was done, in one word. */
    String done() {
        return done;
    }

    /** Whether the result is for training too, and takes the updater's state along. */
    boolean trains() {
        return trains;
    }
}
