package io.github.dl4jnorm.benchmarks.report;

import io.github.dl4jnorm.benchmarks.measure.Spread;
import java.util.Locale;

/** Numbers as text. */
public final class Format {
    /** What stands where there is no number. */
    public static final String NONE = "–";

    private Format() {}

    /**
     * Three digits or so.
     *
     * @param value a number; NaN for none
     * @return the text
     */
    public static String number(double value) {
        if (Double.isNaN(value)) {
            return NONE;
        }
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.4f", value);
    }

    /**
     * A median and the quartiles.
     *
     * @param spread of numbers
     * @return the text
     */
    public static String spread(Spread spread) {
        return spread.count() == 0
                ? NONE
                : number(spread.median()) + " (" + number(spread.lower()) + "–" + number(spread.upper()) + ")";
    }

    /**
     * A relative error.
     *
     * @param error at least 0
     * @return the text
     */
    public static String error(double error) {
        return Double.isInfinite(error) ? "not finite" : String.format(Locale.ROOT, "%.1e", error);
    }

    /**
     * By how many percent a ratio is more than 1, with its confidence interval.
     *
     * @param ratio spread of a ratio
     * @return the text
     */
    public static String percentMore(Spread ratio) {
        return String.format(
                Locale.ROOT,
                "%.1f %% (95 %%: %.1f to %.1f)",
                100 * (ratio.median() - 1),
                100 * (ratio.lowerBound() - 1),
                100 * (ratio.upperBound() - 1));
    }
}
