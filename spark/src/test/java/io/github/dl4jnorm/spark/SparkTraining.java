package io.github.dl4jnorm.spark;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.dataset.DataSet;

/** The same training as {@link Averaging}, by DL4J on Spark. */
final class SparkTraining {
    private SparkTraining() {}

    static void train(
            JavaSparkContext context,
            Model net,
            List<DataSet> batches,
            int workers,
            int frequency,
            TrainingHook... hooks) {
        ParameterAveragingTrainingMaster trainer = new ParameterAveragingTrainingMaster.Builder(
                        workers, Networks.EXAMPLES)
                .batchSizePerWorker(Networks.EXAMPLES)
                .averagingFrequency(frequency)
                .saveUpdater(true)
                .rddTrainingApproach(RDDTrainingApproach.Direct)
                .trainingHooks(hooks)
                .build();
        // Given more than a round, DL4J would choose the batches of each by lot.
        for (List<DataSet> round : Averaging.parts(batches, workers * frequency)) {
            JavaRDD<DataSet> data = context.parallelize(round, workers);
            if (net instanceof ComputationGraph graph) {
                new SparkComputationGraph(context, graph, trainer).fit(data);
            } else {
                new SparkDl4jMultiLayer(context, (MultiLayerNetwork) net, trainer).fit(data);
            }
            data.unpersist();
        }
    }
}
