package io.github.dl4jnorm.digits;

import java.io.File;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;

/**
 * A DL4J network as a classifier.
 *
 * @param net an initialized network
 */
public record NetworkClassifier(MultiLayerNetwork net) implements Classifier {
    @Override
    public double fit(DataSet batch) {
        net.fit(batch);
        return net.score();
    }

    @Override
    public double accuracy(DataSet data) {
        FiniteEvaluation evaluation = new FiniteEvaluation();
        net.doEvaluation(new ViewIterator(data, EVALUATION_BATCH), evaluation);
        return evaluation.accuracy();
    }

    @Override
    public void save(File file) throws IOException {
        net.save(file, true);
    }

    @Override
    public Classifier load(File file) throws IOException {
        return new NetworkClassifier(MultiLayerNetwork.load(file, true));
    }
}
