package io.github.dl4jnorm.rewrite;

import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** What DL4J's two kinds of networks both have, and only say in other words. */
public final class Models {
    /** DL4J's kinds of networks: the same chain of layers can be either. */
    public enum Type {
        /** A MultiLayerNetwork. */
        MULTI_LAYER,
        /** A ComputationGraph. */
        GRAPH
    }

    private Models() {}

    /**
     * Puts our layers in the place of DL4J's.
     *
     * @param model a network
     * @return a new network of the same kind
     */
    public static Rewritten<? extends Model> replace(Model model) {
        return model instanceof ComputationGraph graph
                ? BatchNormReplacement.replace(graph)
                : BatchNormReplacement.replace((MultiLayerNetwork) model);
    }

    /**
     * Puts DL4J's layers in the place of ours.
     *
     * @param model a network
     * @return a new network of the same kind
     */
    public static Rewritten<? extends Model> restore(Model model) {
        return model instanceof ComputationGraph graph
                ? BatchNormReplacement.restore(graph)
                : BatchNormReplacement.restore((MultiLayerNetwork) model);
    }

    /**
     * Folds batch normalizations.
     *
     * @param model a network
     * @return a new network of the same kind
     */
    public static Rewritten<? extends Model> fold(Model model) {
        return model instanceof ComputationGraph graph
                ? BatchNormFolding.fold(graph)
                : BatchNormFolding.fold((MultiLayerNetwork) model);
    }

    /**
     * The layers.
     *
     * @param model a network
     * @return in the order of their parameters
     */
    public static Layer[] layers(Model model) {
        return model instanceof ComputationGraph graph ? graph.getLayers() : ((MultiLayerNetwork) model).getLayers();
    }

    /**
     * The configuration of the whole network.
     *
     * @param model a network
     * @return as JSON
     */
    public static String json(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.getConfiguration().toJson()
                : ((MultiLayerNetwork) model).getLayerWiseConfigurations().toJson();
    }

    /**
     * Makes one parameter step.
     *
     * @param model a network; trained
     * @param data features, labels and masks
     */
    public static void fit(Model model, DataSet data) {
        if (model instanceof ComputationGraph graph) {
            graph.fit(data);
        } else {
            ((MultiLayerNetwork) model).fit(data);
        }
    }

    /** All outputs in inference, of a network with one input. */
    static INDArray[] outputs(Model model, INDArray features) {
        return model instanceof ComputationGraph graph
                ? graph.output(features)
                : new INDArray[] {((MultiLayerNetwork) model).output(features)};
    }

    /** The live array of the updater's state, or null if there is none. */
    static INDArray updaterState(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.getUpdater().getStateViewArray()
                : ((MultiLayerNetwork) model).getUpdater().getStateViewArray();
    }

    /** The number of parameter steps that were made. */
    static int iterations(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.getConfiguration().getIterationCount()
                : ((MultiLayerNetwork) model).getIterationCount();
    }

    private static void setIterations(Model model, int iterations) {
        if (model instanceof ComputationGraph graph) {
            graph.getConfiguration().setIterationCount(iterations);
        } else {
            ((MultiLayerNetwork) model).setIterationCount(iterations);
        }
    }

    /** The number of passes over the data that were made. */
    static int epochs(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.getConfiguration().getEpochCount()
                : ((MultiLayerNetwork) model).getEpochCount();
    }

    static void setEpochs(Model model, int epochs) {
        if (model instanceof ComputationGraph graph) {
            graph.getConfiguration().setEpochCount(epochs);
        } else {
            ((MultiLayerNetwork) model).setEpochCount(epochs);
        }
    }

    /**
     * What a network computes if its parameters and its updater's state are rounded. The network is left as it was,
     * iterations counted back too.
     *
     * @param model the network
     * @param rounding how they are rounded
     * @param computation what is computed with the network, which it may train
     * @param <T> type of the result
     * @return the result, which must be none of the network's own arrays
     */
    public static <T> T withRoundedState(Model model, Rounding rounding, Supplier<T> computation) {
        INDArray parameters = model.params().dup();
        INDArray updater = updaterState(model);
        INDArray state = updater == null ? null : updater.dup();
        int iterations = iterations(model);
        rounding.in(model.params());
        if (updater != null) {
            rounding.in(updater);
        }
        T result = computation.get();
        model.params().assign(parameters);
        if (updater != null) {
            updater.assign(state);
        }
        setIterations(model, iterations);
        return result;
    }
}
