package io.github.dl4jnorm.spark;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Parameter averaging as it is defined, done in one thread with copies of the network. */
final class Averaging {
    private Averaging() {}

    /**
     * Trains in rounds: copies of the network take some batches each, then parameters and updater states become the means
     * of theirs.
     *
     * @param net the network
     * @param batches all batches: those of the first worker of the first round, of its second, ...
     * @param workers number of copies
     * @param frequency batches per copy and round
     */
    static void train(Model net, List<DataSet> batches, int workers, int frequency) {
        for (List<DataSet> round : parts(batches, workers * frequency)) {
            List<Model> copies = new ArrayList<>();
            for (List<DataSet> part : parts(round, frequency)) {
                Model copy = copy(net);
                part.forEach(batch -> Networks.fit(copy, batch));
                copies.add(copy);
            }
            net.setParams(mean(copies.stream().map(Model::params).toList()));
            Networks.updaterState(net)
                    .assign(mean(copies.stream().map(Networks::updaterState).toList()));
            addIterations(net, frequency);
        }
    }

    /** The batches in parts of equal size. */
    static List<List<DataSet>> parts(List<DataSet> batches, int size) {
        List<List<DataSet>> parts = new ArrayList<>();
        for (int start = 0; start < batches.size(); start += size) {
            parts.add(batches.subList(start, start + size));
        }
        return parts;
    }

    private static INDArray mean(List<INDArray> arrays) {
        INDArray sum = arrays.get(0).dup();
        arrays.subList(1, arrays.size()).forEach(sum::addi);
        return sum.div(arrays.size());
    }

    /** DL4J's copies of a graph forget how many iterations there were, on Spark too: Adam starts anew in every round. */
    private static Model copy(Model net) {
        return net instanceof ComputationGraph graph ? graph.clone() : ((MultiLayerNetwork) net).clone();
    }

    private static void addIterations(Model net, int count) {
        if (net instanceof ComputationGraph graph) {
            ComputationGraphConfiguration configuration = graph.getConfiguration();
            configuration.setIterationCount(configuration.getIterationCount() + count);
        } else {
            MultiLayerConfiguration configuration = ((MultiLayerNetwork) net).getLayerWiseConfigurations();
            configuration.setIterationCount(configuration.getIterationCount() + count);
        }
    }
}
