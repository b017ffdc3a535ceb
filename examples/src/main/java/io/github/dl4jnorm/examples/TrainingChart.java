package io.github.dl4jnorm.examples;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A picture of a training: the loss on the left, the accuracy on the right.
 *
 * @param title headline
 * @param subtitle what was trained, and how
 * @param lossTitle title of the left panel
 * @param loss curves of the loss, drawn on a logarithmic axis
 * @param accuracyTitle title of the right panel
 * @param accuracy curves of the accuracy
 */
record TrainingChart(
        String title, String subtitle, String lossTitle, List<Curve> loss, String accuracyTitle, List<Curve> accuracy) {
    private static final int PANEL_WIDTH = 600;
    private static final int PANEL_HEIGHT = 440;
    private static final int HEADER = 58;
    private static final int MARGIN = 22;
    private static final int ZOOM = 2;

    private static final Color INK = new Color(0x26, 0x2B, 0x33);
    private static final Color FAINT_INK = new Color(0x6B, 0x72, 0x80);
    private static final Color GRID = new Color(0xE3, 0xE6, 0xEA);

    /**
     * Draws the chart.
     *
     * @param file PNG file to write
     * @throws IOException if it cannot be written
     */
    void write(Path file) throws IOException {
        BufferedImage image =
                new BufferedImage(ZOOM * 2 * PANEL_WIDTH, ZOOM * (HEADER + PANEL_HEIGHT), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.scale(ZOOM, ZOOM);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, 2 * PANEL_WIDTH, HEADER + PANEL_HEIGHT);
        g.setColor(INK);
        g.setFont(font(Font.BOLD, 20));
        g.drawString(title, MARGIN, 38);
        g.setColor(FAINT_INK);
        g.setFont(font(Font.PLAIN, 13));
        g.drawString(subtitle, MARGIN, 61);
        g.translate(0, HEADER);
        lossPanel().paint(g, PANEL_WIDTH, PANEL_HEIGHT);
        g.translate(PANEL_WIDTH, 0);
        accuracyPanel().paint(g, PANEL_WIDTH, PANEL_HEIGHT);
        g.dispose();
        ImageIO.write(image, "png", file.toFile());
    }

    private XYChart lossPanel() {
        XYChart panel = panel(lossTitle, loss);
        panel.getStyler().setYAxisLogarithmic(true);
        panel.getStyler().setLegendPosition(LegendPosition.InsideNE);
        return panel;
    }

    private XYChart accuracyPanel() {
        XYChart panel = panel(accuracyTitle, accuracy);
        panel.getStyler().setYAxisMax(1.0);
        panel.getStyler().setYAxisDecimalPattern("0.00");
        panel.getStyler().setLegendPosition(LegendPosition.InsideSE);
        return panel;
    }

    private static XYChart panel(String title, List<Curve> curves) {
        XYChart panel = new XYChartBuilder()
                .width(PANEL_WIDTH)
                .height(PANEL_HEIGHT)
                .title(title)
                .xAxisTitle("Epoch")
                .build();
        style(panel.getStyler());
        for (Curve curve : curves) {
            XYSeries series = panel.addSeries(curve.name(), curve.x(), curve.y());
            series.setLineColor(curve.color());
            series.setLineStyle(curve.stroke());
            series.setMarker(curve.marked() ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
            series.setMarkerColor(curve.color());
        }
        return panel;
    }

    private static void style(XYStyler styler) {
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(GRID);
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setPlotContentSize(0.96);
        styler.setChartPadding(MARGIN);
        styler.setChartFontColor(INK);
        styler.setChartTitleBoxVisible(false);
        styler.setChartTitleFont(font(Font.BOLD, 14));
        styler.setAxisTitleFont(font(Font.PLAIN, 12));
        styler.setAxisTickLabelsFont(font(Font.PLAIN, 12));
        styler.setAxisTickLabelsColor(FAINT_INK);
        styler.setAxisTickMarksColor(GRID);
        styler.setXAxisMin(0.0);
        styler.setLegendFont(font(Font.PLAIN, 12));
        styler.setLegendBorderColor(GRID);
        styler.setMarkerSize(6);
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }
}
