package io.github.dl4jnorm.gradcheck;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Three matrices side by side, coloured by their elements: blue below zero, white at zero, red above, gray where there is
 * no number. The true and the analytical one share a scale; the difference has one of its own, unless it is rounding.
 *
 * @param title what the picture shows
 * @param discrepancy true and analytical derivatives
 * @param shapes shapes of output and input
 */
record HeatMap(String title, Discrepancy discrepancy, Finding.Shapes shapes) {
    static final int WIDTH = 1260;
    static final int PANEL_WIDTH = WIDTH / 3;
    private static final int TOP = 50;
    private static final int MARGIN = 20;

    /** Height of a square matrix, about as much as it is wide, and what axes and the scale need besides. */
    private static final int SQUARE = 360;

    private static final int MIN_HEIGHT = 60;
    private static final int AROUND = 132;

    private static final int MAX_TICKS = 6;
    private static final Color NO_NUMBER = new Color(0x99, 0x99, 0x99);
    private static final int[] NEGATIVE = {0x21, 0x66, 0xAC};
    private static final int[] POSITIVE = {0xB2, 0x18, 0x2B};

    /** From the lowest value to the highest, with white exactly between. */
    private static final Color[] COLOURS =
            IntStream.rangeClosed(-32, 32).mapToObj(i -> colour(i / 32.0)).toArray(Color[]::new);

    BufferedImage draw() {
        RealMatrix truth = discrepancy.seenTruth();
        RealMatrix analytical = discrepancy.analytical();
        RealMatrix difference = analytical.subtract(truth);
        double scale = scale(truth, analytical);
        // What is rounding must not look like a pattern.
        double differenceScale = discrepancy.right() ? scale : scale(difference);
        // Letters, so that all titles have the height of parentheses, and what is below them lies in one line.
        List<HeatMapChart> panels = List.of(
                panel("(a) true", truth, scale),
                panel("(b) yours", analytical, scale),
                panel("(c) difference, yours − true", difference, differenceScale));
        BufferedImage image = new BufferedImage(WIDTH, TOP + panels.get(0).getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        for (int i = 0; i < panels.size(); i++) {
            g.drawImage(BitmapEncoder.getBufferedImage(panels.get(i)), i * PANEL_WIDTH, TOP, null);
        }
        drawTitle(g);
        g.dispose();
        return image;
    }

    /** In a smaller font if it is long. */
    private void drawTitle(Graphics2D g) {
        Font font = font(Font.BOLD, 20);
        float width = g.getFontMetrics(font).stringWidth(title);
        g.setFont(font.deriveFont(Math.min(20, 20 * (WIDTH - 2 * MARGIN) / width)));
        g.setColor(Color.BLACK);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.drawString(title, MARGIN, 34);
    }

    private HeatMapChart panel(String name, RealMatrix matrix, double scale) {
        int rows = matrix.getRowDimension();
        int height = Math.max(MIN_HEIGHT, Math.min(SQUARE, SQUARE * rows / matrix.getColumnDimension()));
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(PANEL_WIDTH)
                .height(height + AROUND)
                .title(name)
                .xAxisTitle("input element, of " + Arrays.toString(shapes.inputShape()))
                .yAxisTitle(rows == 1 ? "" : "output element, of " + Arrays.toString(shapes.outputShape()))
                .build();
        style(chart.getStyler(), scale);
        // Rows of charts are numbered from below.
        List<String> labels = labels(rows);
        Collections.reverse(labels);
        List<Number[]> elements = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < matrix.getColumnDimension(); j++) {
                double value = matrix.getEntry(i, j);
                elements.add(Double.isFinite(value) ? new Number[] {j, rows - 1 - i, value} : null);
            }
        }
        chart.addSeries(name, labels(matrix.getColumnDimension()), rows == 1 ? List.of(" ") : labels, elements);
        return chart;
    }

    private static void style(HeatMapStyler style, double scale) {
        style.setRangeColors(COLOURS).setMin(-scale).setMax(scale);
        style.setGradientColorColumnHeight(150).setGradientColorColumnWeight(12);
        // A cell's own border closes the gap that rounding leaves to its neighbours.
        style.setDrawBorder(true);
        style.setPlotBackgroundColor(NO_NUMBER);
        style.setPlotContentSize(1);
        style.setPlotGridLinesVisible(false);
        style.setPlotMargin(0);
        style.setAxisTicksMarksVisible(false);
        style.setAxisTitleFont(font(Font.PLAIN, 12));
        style.setAxisTickLabelsFont(font(Font.PLAIN, 11));
        style.setChartBackgroundColor(Color.WHITE);
        style.setChartTitleFont(font(Font.BOLD, 15));
        style.setLegendPosition(LegendPosition.OutsideS);
        style.setLegendLayout(LegendLayout.Horizontal);
        style.setLegendBorderColor(Color.WHITE);
        style.setLegendFont(font(Font.PLAIN, 11));
    }

    /** One for each row or column, most of them blank where there are many. */
    private static List<String> labels(int count) {
        int step = tickStep(count);
        return IntStream.range(0, count)
                .mapToObj(i -> i % step == 0 ? Integer.toString(i) : " ")
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** The smallest of 1, 2, 5, 10, 20, ... with which few ticks remain. */
    private static int tickStep(int count) {
        int power = 1;
        while (true) {
            for (int step : new int[] {power, 2 * power, 5 * power}) {
                if (count <= MAX_TICKS * step) {
                    return step;
                }
            }
            power *= 10;
        }
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    /** The largest finite absolute value, to two digits, as it is written beside the colours; 1 if all are zero. */
    private static double scale(RealMatrix... matrices) {
        double largest = Elements.largest(Arrays.stream(matrices)
                .flatMapToDouble(m -> Arrays.stream(Matrices.values(m)))
                .filter(Double::isFinite)
                .toArray());
        return largest == 0
                ? 1
                : new BigDecimal(largest).round(new MathContext(2)).doubleValue();
    }

    /** From white at 0 to a colour at ±1, the small values a bit stronger than in proportion, so that they show. */
    private static Color colour(double value) {
        double strength = Math.pow(Math.abs(value), 0.7);
        int[] full = value < 0 ? NEGATIVE : POSITIVE;
        return new Color(mix(full[0], strength), mix(full[1], strength), mix(full[2], strength));
    }

    private static int mix(int full, double strength) {
        return (int) Math.round(255 + (full - 255) * strength);
    }
}
