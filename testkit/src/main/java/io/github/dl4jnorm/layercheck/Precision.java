package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The same values, exact in float, computed in both types. */
final class Precision {
    /** Half of the digits of float are left: √2⁻²³. */
    private static final double HALF_OF_FLOAT = Math.sqrt(Math.ulp(1f));

    private Precision() {}

    static String floatAgainstDouble(LayerUnderTest subject) {
        boolean random = subject.isRandom();
        double largest = compare(subject, false);
        if (!random) {
            largest = Math.max(largest, compare(subject, true));
        }
        return String.format(Locale.ROOT, "largest difference %.1e", largest)
                + (random ? " in inference, as training is random" : "");
    }

    private static double compare(LayerUnderTest subject, boolean training) {
        String when = "in " + Activations.mode(training);
        LayerResults inDouble = pass(subject, DataType.DOUBLE, training);
        LayerResults inFloat = pass(subject, DataType.FLOAT, training);
        requireFloat(when + ", output", inFloat.y());
        if (inFloat.dx() != null) {
            requireFloat(when + ", input gradient", inFloat.dx());
        }
        return Comparisons.close(when, inDouble, inFloat, HALF_OF_FLOAT);
    }

    private static LayerResults pass(LayerUnderTest subject, DataType type, boolean training) {
        Nd4j.setDefaultDataTypes(type, type);
        INDArray parameters = subject.bench(DataType.DOUBLE).flatParameters();
        LayerHarness bench = subject.bench(type);
        if (parameters != null && !parameters.isEmpty()) {
            bench.flatParameters().assign(parameters.castTo(type)); // initial values are drawn differently
        }
        INDArray x = subject.input(subject.batch(), 0).castTo(type);
        INDArray y = bench.forward(x, training).dup();
        return training ? bench.backward(y, subject.epsilon(y.shape()).castTo(type)) : LayerResults.forward(y);
    }

    private static void requireFloat(String what, INDArray array) {
        if (array.dataType() != DataType.FLOAT) {
            throw new CheckFailure(what + ": expected type FLOAT in a FLOAT network, got " + array.dataType());
        }
    }
}
