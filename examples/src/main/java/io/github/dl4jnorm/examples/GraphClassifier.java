package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.digits.Classifier;
import io.github.dl4jnorm.digits.FiniteEvaluation;
import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.listeners.BaseListener;
import org.nd4j.autodiff.listeners.Operation;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A {@link DigitsGraph} as a classifier. */
final class GraphClassifier implements Classifier {
    private final SameDiff sd;

    /**
     * Wraps a graph.
     *
     * @param sd a graph with a training configuration
     */
    GraphClassifier(SameDiff sd) {
        this.sd = sd;
        createGradientQuietly();
    }

    @Override
    public double fit(DataSet batch) {
        LossListener listener = new LossListener();
        sd.fit(batch, listener);
        return listener.loss;
    }

    @Override
    public double accuracy(DataSet data) {
        FiniteEvaluation evaluation = new FiniteEvaluation();
        sd.evaluate(new ViewIterator(data, EVALUATION_BATCH), DigitsGraph.PROBABILITIES, evaluation);
        return evaluation.accuracy();
    }

    @Override
    public void save(File file) {
        sd.save(file, true);
    }

    @Override
    public Classifier load(File file) {
        return new GraphClassifier(SameDiff.load(file, true));
    }

    /** SameDiff prints a line for every operation that it differentiates, which would tear the progress bar. */
    private void createGradientQuietly() {
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            sd.createGradFunction();
        } finally {
            System.setOut(out);
        }
    }

    /**
     * Remembers the loss of the latest step. A training step needs the gradient of the loss but not the loss itself, so
     * SameDiff does not compute it and reports 0; here it is computed from the logits as they pass by.
     */
    private static final class LossListener extends BaseListener {
        private double loss;

        @Override
        public boolean isActive(Operation operation) {
            return operation == Operation.TRAINING;
        }

        @Override
        public void activationAvailable(
                SameDiff sd, At at, MultiDataSet batch, SameDiffOp op, String name, INDArray activation) {
            if (name.equals(DigitsGraph.LOGITS)) {
                loss = Nd4j.loss()
                        .softmaxCrossEntropy(batch.getLabels(0), activation, null)
                        .getDouble(0);
            }
        }
    }
}
