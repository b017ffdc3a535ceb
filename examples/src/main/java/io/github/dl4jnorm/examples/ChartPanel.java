package io.github.dl4jnorm.examples;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Half of a chart: curves over the time in epochs, with a title above and a legend below. */
final class ChartPanel {
    static final Color INK = new Color(0x26, 0x2B, 0x33);
    static final Color FAINT_INK = new Color(0x6B, 0x72, 0x80);

    private static final Color GRID = new Color(0xE3, 0xE6, 0xEA);
    private static final int PADDING = 22;
    private static final int LEGEND_HEIGHT = 34;
    private static final int LEGEND_LINE = 26;
    private static final int LEGEND_GAP = 8;
    private static final int MARKER = 6;

    private final List<Curve> curves;
    private final XYChart chart;

    /**
     * Creates a panel.
     *
     * @param title title
     * @param curves at least one
     */
    ChartPanel(String title, List<Curve> curves) {
        this.curves = curves;
        chart = new XYChartBuilder().title(title).xAxisTitle("Epoch").build();
        applyStyle(chart.getStyler());
        curves.forEach(this::add);
        freeTicks();
    }

    /** {@return the style of axes and ticks, to be changed before the panel is painted} */
    AxesChartStyler style() {
        return chart.getStyler();
    }

    /**
     * Paints panel and legend.
     *
     * @param g where to, from the origin
     * @param width width
     * @param height height
     */
    void paint(Graphics2D g, int width, int height) {
        chart.paint(g, width, height - LEGEND_HEIGHT);
        paintLegend(g, width, height - LEGEND_HEIGHT / 2);
    }

    private void add(Curve curve) {
        XYSeries series = chart.addSeries(curve.name(), curve.x(), curve.y());
        series.setLineColor(curve.color());
        series.setLineStyle(curve.stroke());
        series.setMarker(curve.marked() ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setMarkerColor(curve.color());
    }

    /**
     * Has XChart choose round numbers for its ticks: where all x values of a chart are equally spaced, it puts ticks on
     * these, however odd. So an invisible curve has one that is not.
     */
    private void freeTicks() {
        Curve curve = curves.get(0);
        double y = curve.y().get(0);
        double end = curve.x().get(curve.x().size() - 1);
        XYSeries invisible = chart.addSeries("ticks", new double[] {0, end / Math.PI}, new double[] {y, y});
        invisible.setLineColor(new Color(0, true));
        invisible.setMarker(SeriesMarkers.NONE);
    }

    /** XChart's own legend sets every name on a line of its own height. */
    private void paintLegend(Graphics2D g, int width, int middle) {
        g.setFont(font(Font.PLAIN, 12));
        FontMetrics metrics = g.getFontMetrics();
        int length = curves.stream()
                .mapToInt(c -> LEGEND_LINE + LEGEND_GAP + metrics.stringWidth(c.name()) + 2 * LEGEND_GAP)
                .sum();
        int x = (width - length) / 2 + LEGEND_GAP;
        int baseline = middle + (metrics.getAscent() - metrics.getDescent()) / 2;
        for (Curve curve : curves) {
            g.setColor(curve.color());
            g.setStroke(curve.stroke());
            g.draw(new Line2D.Double(x, middle, x + LEGEND_LINE, middle));
            if (curve.marked()) {
                double center = x + LEGEND_LINE / 2.0;
                g.fill(new Ellipse2D.Double(center - MARKER / 2.0, middle - MARKER / 2.0, MARKER, MARKER));
            }
            x += LEGEND_LINE + LEGEND_GAP;
            g.setColor(INK);
            g.drawString(curve.name(), x, baseline);
            x += metrics.stringWidth(curve.name()) + 2 * LEGEND_GAP;
        }
    }

    private static void applyStyle(XYStyler styler) {
        styler.setLocale(Locale.ROOT);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(GRID);
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setPlotContentSize(0.96);
        styler.setChartPadding(PADDING);
        styler.setChartFontColor(INK);
        styler.setChartTitleBoxVisible(false);
        styler.setChartTitleFont(font(Font.BOLD, 14));
        styler.setAxisTitleFont(font(Font.PLAIN, 12));
        styler.setAxisTickLabelsFont(font(Font.PLAIN, 12));
        styler.setAxisTickLabelsColor(FAINT_INK);
        styler.setAxisTickMarksColor(GRID);
        styler.setXAxisMin(0.0);
        styler.setLegendVisible(false);
        styler.setMarkerSize(MARKER);
    }

    /**
     * The font of all text in charts.
     *
     * @param style style, as for {@link Font}
     * @param size size in points
     * @return the font
     */
    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }
}
