package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Phase;
import java.awt.Color;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler;

/** Forward and backward together, as multiples of the copy. */
final class KernelChart {
    private static final Map<Contender, Color> COLOURS = new LinkedHashMap<>();

    static {
        COLOURS.put(Contender.VECTOR, new Color(0x1b7837));
        COLOURS.put(Contender.SCALAR, new Color(0x7fbf7b));
        COLOURS.put(Contender.PYTORCH, new Color(0xe08214));
        COLOURS.put(Contender.ONEDNN, new Color(0xb2182b));
        COLOURS.put(Contender.ONEDNN_OWN_LAYOUT, new Color(0xef8a62));
        COLOURS.put(Contender.ND4J_LAYER_NORM, new Color(0x5e8db8));
        COLOURS.put(Contender.ND4J_ENGINE, new Color(0x80b1d3));
        COLOURS.put(Contender.BUILTIN, new Color(0x762a83));
    }

    /** The foot of the bars; what a contender does not compute has no height. */
    private static final double LOWEST = 0.5;

    private KernelChart() {}

    static CategoryChart of(List<KernelRow> rows) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(1700)
                .height(760)
                .title("Forward and backward, time in copies of the same bytes (log scale, lower is better)")
                .xAxisTitle("")
                .yAxisTitle("times a plain copy")
                .build();
        CategoryStyler style = chart.getStyler();
        style.setYAxisLogarithmic(true);
        style.setYAxisMin(LOWEST);
        style.setLegendPosition(Styler.LegendPosition.OutsideS);
        style.setLegendLayout(Styler.LegendLayout.Horizontal);
        style.setXAxisLabelRotation(30);
        style.setChartBackgroundColor(Color.WHITE);
        style.setAvailableSpaceFill(0.85);
        List<KernelRow> both =
                rows.stream().filter(row -> row.phase() == Phase.BOTH).toList();
        List<String> titles = both.stream().map(row -> row.workload().title()).toList();
        COLOURS.forEach((contender, colour) -> {
            List<Double> ratios = both.stream()
                    .map(row -> height(row.ratio(contender, Contender.COPY).median()))
                    .toList();
            if (ratios.stream().anyMatch(ratio -> ratio > LOWEST)) {
                chart.addSeries(contender.title(), titles, ratios).setFillColor(colour);
            }
        });
        return chart;
    }

    private static double height(double ratio) {
        return ratio > LOWEST ? ratio : LOWEST;
    }
}
