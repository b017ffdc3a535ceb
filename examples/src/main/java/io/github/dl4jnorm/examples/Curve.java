package io.github.dl4jnorm.examples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A line of a chart.
 *
 * @param name text of the legend
 * @param x x values
 * @param y y values
 * @param color color of line and markers
 * @param stroke pen
 * @param marked whether each value gets a marker
 */
@SuppressWarnings("ArrayRecordComponent")
record Curve(String name, double[] x, double[] y, Color color, BasicStroke stroke, boolean marked) {
    /** A continuous line. */
    static final BasicStroke SOLID = new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);

    /** A line that can be seen behind another one. */
    static final BasicStroke WIDE = new BasicStroke(5, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);

    /** A line of secondary interest. */
    static final BasicStroke DASHED =
            new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {5, 4}, 0);

    private static final BasicStroke THIN = new BasicStroke(1);
    private static final int PALE = 170;
    private static final double SMALLEST = 1e-6;

    /**
     * Values after each epoch.
     *
     * @param name text of the legend
     * @param values after epoch 1, 2, ...
     * @param color color
     * @param stroke pen
     * @return the curve
     */
    static Curve ofEpochs(String name, double[] values, Color color, BasicStroke stroke) {
        double[] x = IntStream.rangeClosed(1, values.length).asDoubleStream().toArray();
        return new Curve(name, x, values, color, stroke, true);
    }

    /**
     * Values of each step, over the time in epochs, for a logarithmic axis.
     *
     * @param name text of the legend
     * @param values of all steps
     * @param epochs number of epochs that the steps make
     * @param color color
     * @return the curve, thin and pale, to be a background
     */
    static Curve ofSteps(String name, double[] values, int epochs, Color color) {
        Color pale = new Color(mix(color.getRed()), mix(color.getGreen()), mix(color.getBlue()));
        return new Curve(name, time(values.length, epochs), aboveZero(values), pale, THIN, false);
    }

    /**
     * Values of each step, each the mean of its surroundings, for a logarithmic axis.
     *
     * @param name text of the legend
     * @param values of all steps
     * @param epochs number of epochs that the steps make
     * @param color color
     * @param stroke pen
     * @return the curve
     */
    static Curve ofSmoothedSteps(String name, double[] values, int epochs, Color color, BasicStroke stroke) {
        int reach = Math.max(1, values.length / epochs / 4);
        double[] smooth = IntStream.range(0, values.length)
                .mapToDouble(i -> Arrays.stream(values, Math.max(0, i - reach), Math.min(values.length, i + reach + 1))
                        .average()
                        .orElseThrow())
                .toArray();
        return new Curve(name, time(values.length, epochs), aboveZero(smooth), color, stroke, false);
    }

    private static double[] time(int steps, int epochs) {
        return IntStream.rangeClosed(1, steps)
                .mapToDouble(i -> (double) i * epochs / steps)
                .toArray();
    }

    private static double[] aboveZero(double[] values) {
        return Arrays.stream(values).map(v -> Math.max(v, SMALLEST)).toArray();
    }

    private static int mix(int channel) {
        return (channel * (255 - PALE) + 255 * PALE) / 255;
    }
}
