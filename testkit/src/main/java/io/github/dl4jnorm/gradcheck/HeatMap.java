package io.github.dl4jnorm.gradcheck;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Locale;

/**
 * Three matrices side by side, coloured by their elements: blue below zero, white at zero, red above. The true and the
 * analytical one share a scale; the difference has one of its own, unless it is rounding.
 *
 * @param title what the picture shows
 * @param discrepancy true and analytical derivatives
 * @param shapes shapes of output and input
 */
record HeatMap(String title, Discrepancy discrepancy, Finding.Shapes shapes) {
    static final int WIDTH = 1260;
    private static final int MARGIN = 64;
    private static final int GAP = 22;
    static final int TOP = 92;
    static final int PANEL = 310;
    private static final int MIN_HEIGHT = 60;
    private static final int MIN_WIDTH = 200;
    private static final int BAR = 14;
    private static final int BAR_GAP = 10;
    private static final int BAR_LABELS = 40;
    private static final int BELOW = 62;
    private static final int MAX_TICKS = 6;

    private static final Color INK = new Color(0x26, 0x2B, 0x33);
    private static final Color FAINT_INK = new Color(0x6B, 0x72, 0x80);
    private static final Color NO_NUMBER = new Color(0x99, 0x99, 0x99);
    private static final int[] NEGATIVE = {0x21, 0x66, 0xAC};
    private static final int[] POSITIVE = {0xB2, 0x18, 0x2B};

    BufferedImage draw() {
        Matrix truth = discrepancy.seenTruth();
        Matrix analytical = discrepancy.analytical();
        Matrix difference = analytical.minus(truth);
        int height = panelHeight(truth);
        BufferedImage image = new BufferedImage(WIDTH, TOP + height + BELOW, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        g.setColor(INK);
        drawFitting(g, title, MARGIN, 38, WIDTH - 2 * MARGIN);
        double scale = finiteMax(truth, analytical);
        drawPanel(g, 0, height, "true", truth, scale);
        drawPanel(g, 1, height, "yours", analytical, scale);
        // What is rounding must not look like a pattern.
        double differenceScale = discrepancy.right() ? scale : finiteMax(difference);
        drawPanel(g, 2, height, "difference, yours − true", difference, differenceScale);
        g.dispose();
        return image;
    }

    /** The left border of one of the three panels. */
    static int left(int number) {
        return MARGIN + number * (PANEL + BAR_GAP + BAR + BAR_LABELS + GAP);
    }

    /** Square elements where there is room for them. */
    private static int panelHeight(Matrix matrix) {
        return Math.max(MIN_HEIGHT, Math.min(PANEL, PANEL * matrix.rows() / matrix.columns()));
    }

    private static int panelWidth(Matrix matrix) {
        return Math.max(MIN_WIDTH, Math.min(PANEL, PANEL * matrix.columns() / matrix.rows()));
    }

    private void drawPanel(Graphics2D g, int number, int height, String name, Matrix matrix, double scale) {
        int left = left(number);
        int width = panelWidth(matrix);
        g.setColor(INK);
        g.setFont(font(Font.BOLD, 15));
        g.drawString(name, left, TOP - 14);
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.columns(); j++) {
                // Borders from the edges of both neighbours, so that no gaps appear.
                double x0 = left + (double) j * width / matrix.columns();
                double y0 = TOP + (double) i * height / matrix.rows();
                double x1 = left + (j + 1.0) * width / matrix.columns();
                double y1 = TOP + (i + 1.0) * height / matrix.rows();
                g.setColor(color(matrix.at(i, j), scale));
                g.fill(new Rectangle2D.Double(
                        Math.round(x0),
                        Math.round(y0),
                        Math.round(x1) - Math.round(x0),
                        Math.round(y1) - Math.round(y0)));
            }
        }
        g.setColor(FAINT_INK);
        g.drawRect(left, TOP, width, height);
        drawTicks(g, left, width, height, matrix);
        drawBar(g, left + width + BAR_GAP, height, scale);
        g.setFont(font(Font.PLAIN, 12));
        g.setColor(FAINT_INK);
        g.drawString("input element, of " + Arrays.toString(shapes.inputShape()), left, TOP + height + 38);
        if (number == 0 && matrix.rows() > 1) {
            drawSideways(g, "output element, of " + Arrays.toString(shapes.outputShape()), height);
        }
    }

    private static void drawTicks(Graphics2D g, int left, int width, int height, Matrix matrix) {
        g.setFont(font(Font.PLAIN, 11));
        FontMetrics metrics = g.getFontMetrics();
        for (int j = 0; j < matrix.columns(); j += tickStep(matrix.columns())) {
            String label = Integer.toString(j);
            int centre = left + (int) ((j + 0.5) * width / matrix.columns());
            g.drawString(label, centre - metrics.stringWidth(label) / 2, TOP + height + 16);
        }
        if (matrix.rows() == 1) {
            return;
        }
        for (int i = 0; i < matrix.rows(); i += tickStep(matrix.rows())) {
            String label = Integer.toString(i);
            int centre = TOP + (int) ((i + 0.5) * height / matrix.rows());
            g.drawString(label, left - 6 - metrics.stringWidth(label), centre + metrics.getAscent() / 2 - 1);
        }
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

    private static void drawBar(Graphics2D g, int left, int height, double scale) {
        for (int y = 0; y < height; y++) {
            double value = 1 - 2.0 * y / (height - 1);
            g.setColor(color(value, 1));
            g.fillRect(left, TOP + y, BAR, 1);
        }
        g.setColor(FAINT_INK);
        g.drawRect(left, TOP, BAR, height);
        g.setFont(font(Font.PLAIN, 11));
        int ascent = g.getFontMetrics().getAscent();
        String top = scale == 0 ? "0" : String.format(Locale.ROOT, "%.2g", scale);
        g.drawString(top, left + BAR + 4, TOP + ascent - 2);
        g.drawString("0", left + BAR + 4, TOP + height / 2 + ascent / 2 - 1);
        g.drawString(scale == 0 ? "0" : "−" + top, left + BAR + 4, TOP + height);
    }

    private static void drawSideways(Graphics2D g, String label, int height) {
        FontMetrics metrics = g.getFontMetrics();
        Graphics2D turned = (Graphics2D) g.create();
        turned.translate(MARGIN - 38, TOP + height / 2 + metrics.stringWidth(label) / 2);
        turned.rotate(-Math.PI / 2);
        turned.drawString(label, 0, 0);
        turned.dispose();
    }

    /** In a smaller font if the text is long. */
    private static void drawFitting(Graphics2D g, String text, int x, int y, int width) {
        int size = 20;
        g.setFont(font(Font.BOLD, size));
        while (size > 10 && g.getFontMetrics().stringWidth(text) > width) {
            size--;
            g.setFont(font(Font.BOLD, size));
        }
        g.drawString(text, x, y);
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    private static double finiteMax(Matrix... matrices) {
        return Arrays.stream(matrices)
                .flatMapToDouble(m -> Arrays.stream(m.values()))
                .filter(Double::isFinite)
                .map(Math::abs)
                .max()
                .orElse(0);
    }

    /** From white to a colour, the small values a bit stronger than in proportion, so that they show. */
    private static Color color(double value, double scale) {
        if (!Double.isFinite(value)) {
            return NO_NUMBER;
        }
        double strength = scale == 0 ? 0 : Math.pow(Math.abs(value) / scale, 0.7);
        int[] full = value < 0 ? NEGATIVE : POSITIVE;
        return new Color(mix(full[0], strength), mix(full[1], strength), mix(full[2], strength));
    }

    private static int mix(int full, double strength) {
        return (int) Math.round(255 + (full - 255) * strength);
    }
}
