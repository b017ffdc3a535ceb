package io.github.dl4jnorm.digits;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An evaluation of outputs that may be NaN, which DL4J's refuses with an exception: their accuracy is NaN. */
public final class FiniteEvaluation extends Evaluation {
    private static final long serialVersionUID = 1;

    /** Whether an output was NaN. */
    private boolean nan;

    /** Creates an evaluation of nothing yet. */
    public FiniteEvaluation() {}

    @Override
    public void eval(
            INDArray labels,
            INDArray predictions,
            @Nullable INDArray mask,
            @Nullable List<? extends Serializable> recordMetaData) {
        if (predictions.isNaN().any()) {
            nan = true;
        } else {
            super.eval(labels, predictions, mask, recordMetaData);
        }
    }

    @Override
    public double accuracy() {
        return nan ? Double.NaN : super.accuracy();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FiniteEvaluation evaluation && nan == evaluation.nan && super.equals(other);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Boolean.hashCode(nan);
    }
}
