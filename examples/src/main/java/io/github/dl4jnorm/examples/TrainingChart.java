package io.github.dl4jnorm.examples;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * A picture of a training: the loss on the left, the accuracy on the right.
 *
 * @param title headline
 * @param subtitle what was trained, and how
 * @param loss the loss
 * @param accuracy the accuracy
 */
record TrainingChart(String title, String subtitle, ChartPanel loss, ChartPanel accuracy) {
    private static final int PANEL_WIDTH = 600;
    private static final int PANEL_HEIGHT = 440;
    private static final int HEADER = 66;
    private static final int MARGIN = 24;
    private static final int ZOOM = 2;

    /**
     * Sets up the axes.
     *
     * @param title headline
     * @param subtitle what was trained, and how
     * @param loss curves of the loss, above 0, for a logarithmic axis
     * @param accuracy curves of the accuracy, at most 1
     */
    TrainingChart {
        loss.style().setYAxisLogarithmic(true);
        accuracy.style().setYAxisMax(1.0);
        accuracy.style().setYAxisDecimalPattern("0.00");
    }

    /**
     * Whether Java can draw text here: on a bare Linux machine without fonts it throws one thing or another.
     *
     * @return whether charts can be drawn
     */
    static boolean canBeDrawn() {
        try {
            return ChartPanel.font(Font.PLAIN, 12).canDisplay('0');
        } catch (RuntimeException | InternalError | LinkageError e) {
            return false;
        }
    }

    /**
     * Draws the chart, if that is possible, and tells the user where it is.
     *
     * @param file PNG file to write
     * @throws IOException if it cannot be written
     */
    void write(Path file) throws IOException {
        if (canBeDrawn()) {
            ImageIO.write(draw(), "png", file.toFile());
            System.out.printf(Locale.ROOT, "Chart      %s%n", file.toAbsolutePath());
        } else {
            System.out.println("Chart      not drawn: Java finds no fonts; install fontconfig and fonts-dejavu");
        }
    }

    private BufferedImage draw() {
        int width = 2 * PANEL_WIDTH;
        int height = HEADER + PANEL_HEIGHT;
        BufferedImage image = new BufferedImage(ZOOM * width, ZOOM * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.scale(ZOOM, ZOOM);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
        g.setColor(ChartPanel.INK);
        g.setFont(ChartPanel.font(Font.BOLD, 20));
        g.drawString(title, MARGIN, 38);
        g.setColor(ChartPanel.FAINT_INK);
        g.setFont(ChartPanel.font(Font.PLAIN, 13));
        g.drawString(subtitle, MARGIN, 60);
        g.translate(0, HEADER);
        loss.paint(g, PANEL_WIDTH, PANEL_HEIGHT);
        g.translate(PANEL_WIDTH, 0);
        accuracy.paint(g, PANEL_WIDTH, PANEL_HEIGHT);
        g.dispose();
        return image;
    }
}
