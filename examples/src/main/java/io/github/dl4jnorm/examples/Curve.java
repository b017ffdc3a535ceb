package io.github.dl4jnorm.examples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A line of a chart.
 *
 * @param name text of the legend
 * @param x x values, at least one
 * @param y as many y values
 * @param color color of line and markers
 * @param stroke width and dashes of the line
 * @param marked whether each value gets a marker
 */
record Curve(String name, List<Double> x, List<Double> y, Color color, BasicStroke stroke, boolean marked) {
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
     * @param stroke width and dashes of the line
     * @return the curve
     */
    static Curve ofEpochs(String name, List<Double> values, Color color, BasicStroke stroke) {
        DoubleStream x = IntStream.rangeClosed(1, values.size()).asDoubleStream();
        return new Curve(name, x.boxed().toList(), values, color, stroke, true);
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
    static Curve ofSteps(String name, List<Double> values, int epochs, Color color) {
        Color pale = new Color(mix(color.getRed()), mix(color.getGreen()), mix(color.getBlue()));
        return new Curve(name, time(values.size(), epochs), aboveZero(values), pale, THIN, false);
    }

    /**
     * Values of each step, each the mean of its surroundings, for a logarithmic axis.
     *
     * @param name text of the legend
     * @param values of all steps
     * @param epochs number of epochs that the steps make
     * @param color color
     * @param stroke width and dashes of the line
     * @return the curve
     */
    static Curve ofSmoothedSteps(String name, List<Double> values, int epochs, Color color, BasicStroke stroke) {
        int steps = values.size();
        int reach = Math.max(1, steps / epochs / 4);
        List<Double> smooth = IntStream.range(0, steps)
                .mapToObj(i -> mean(values.subList(Math.max(0, i - reach), Math.min(steps, i + reach + 1))))
                .toList();
        return new Curve(name, time(steps, epochs), aboveZero(smooth), color, stroke, false);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static List<Double> time(int steps, int epochs) {
        return IntStream.rangeClosed(1, steps)
                .mapToObj(i -> (double) i * epochs / steps)
                .toList();
    }

    private static List<Double> aboveZero(List<Double> values) {
        return values.stream().map(v -> Math.max(v, SMALLEST)).toList();
    }

    private static int mix(int channel) {
        return (channel * (255 - PALE) + 255 * PALE) / 255;
    }
}
