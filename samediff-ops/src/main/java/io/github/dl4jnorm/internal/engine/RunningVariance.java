package io.github.dl4jnorm.internal.engine;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What running variances from elsewhere must be for inference, which divides by √(σ² + ε), to make sense. Rounding left
 * published models with some that are slightly negative: those above −ε are taken as they are. NaN is no problem of the
 * variance's own, it passes through.
 */
public final class RunningVariance {
    private RunningVariance() {}

    /**
     * Says what is wrong with running variances.
     *
     * @param variances σ² of each channel, in any shape and floating point type
     * @param eps ε
     * @param type the type that σ² + ε is computed in, of which at least half the digits must be right
     * @return the first channel in question with its numbers, as the end of a message; empty if nothing is wrong
     */
    public static Optional<String> problem(INDArray variances, double eps, DataType type) {
        // ND4J adds a scalar of NaN as if it were 0.
        if (Double.isNaN(eps)) {
            return Optional.of("eps is NaN");
        }
        INDArray flat = variances.dup('c').reshape(variances.length());
        double[] exact = flat.castTo(DataType.DOUBLE).toDoubleVector();
        double[] sums = flat.castTo(type).add(eps).castTo(DataType.DOUBLE).toDoubleVector();
        double tolerance = halfOfTheDigits(type);
        for (int channel = 0; channel < exact.length; channel++) {
            double variance = exact[channel];
            double sum = variance + eps;
            if (variance < 0 && sum <= 0) {
                return Optional.of("running variance " + variance + " of channel " + channel + " and eps " + eps
                        + " have no positive sum");
            }
            // Equal infinities have no difference; NaN is never larger.
            if (Double.compare(sum, sums[channel]) != 0 && Math.abs(sum - sums[channel]) > tolerance * sum) {
                return Optional.of("running variance " + variance + " of channel " + channel + ", with eps " + eps
                        + ", does not fit " + type);
            }
        }
        return Optional.empty();
    }

    private static double halfOfTheDigits(DataType type) {
        if (type == DataType.DOUBLE) {
            return 0x1p-26;
        }
        return type == DataType.FLOAT ? 0x1p-12 : 0x1p-5;
    }
}
