package io.github.dl4jnorm.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;

/** The measurements as a table, as JSON and as a chart. */
final class ResultTable {
    private static final String NONE = "–";
    private static final List<String> PHASES = List.of("forward", "backward", "both");
    private static final Map<Contender, Color> COLOURS = Map.of(
            Contender.VECTOR, new Color(0x1b7837),
            Contender.SCALAR, new Color(0x7fbf7b),
            Contender.PYTORCH, new Color(0xe08214),
            Contender.ND4J_ENGINE, new Color(0x80b1d3),
            Contender.ND4J_LAYER_NORM, new Color(0x5e8db8),
            Contender.BUILTIN, new Color(0x762a83));

    /** The foot of the bars; what a contender does not compute has no height. */
    private static final double LOWEST = 0.5;

    private final Machine machine;
    private final List<Measurement> measurements;

    ResultTable(Machine machine, List<Measurement> measurements) {
        this.machine = machine;
        this.measurements = measurements;
    }

    /** Medians in milliseconds and the ratios that matter, as Markdown. */
    String table() {
        StringBuilder table = new StringBuilder("\nMedian milliseconds; " + machine + "\n\n| workload | phase |");
        for (Contender contender : Contender.values()) {
            table.append(' ').append(contender.title()).append(" |");
        }
        table.append(
                " built-in / scalar | built-in / vector | vector / PyTorch | vector / copy | bytes per call |\n|---|---|");
        table.append("---|".repeat(Contender.values().length + 5)).append('\n');
        for (String workload : workloads()) {
            for (String phase : PHASES) {
                row(table, workload, phase);
            }
        }
        table.append(summary());
        steps(table);
        return table.toString();
    }

    private void row(StringBuilder table, String workload, String phase) {
        table.append("| ").append(workload).append(" | ").append(phase).append(" |");
        for (Contender contender : Contender.values()) {
            double time = time(workload, contender, phase);
            table.append(' ').append(format(time / 1000)).append(" |");
        }
        double vector = time(workload, Contender.VECTOR, phase);
        for (double ratio : new double[] {
            time(workload, Contender.BUILTIN, phase) / time(workload, Contender.SCALAR, phase),
            time(workload, Contender.BUILTIN, phase) / vector,
            vector / time(workload, Contender.PYTORCH, phase),
            vector / time(workload, Contender.COPY, phase)
        }) {
            table.append(' ').append(format(ratio)).append(" |");
        }
        double bytes = find(workload, Contender.VECTOR.title(), phase, true);
        table.append(' ')
                .append(Double.isNaN(bytes) ? NONE : String.format(Locale.ROOT, "%.0f", bytes))
                .append(" |\n");
    }

    private String summary() {
        double mean = workloads().stream()
                .flatMap(workload -> PHASES.stream()
                        .limit(2)
                        .map(phase ->
                                time(workload, Contender.VECTOR, phase) / time(workload, Contender.PYTORCH, phase)))
                .filter(ratio -> !ratio.isNaN())
                .mapToDouble(Math::log)
                .average()
                .orElse(Double.NaN);
        return "\nGeometric mean of vector / PyTorch over forward and backward: " + format(Math.exp(mean)) + "\n";
    }

    private void steps(StringBuilder table) {
        List<Measurement> steps =
                measurements.stream().filter(m -> m.phase().equals("step")).collect(Collectors.toList());
        if (steps.isEmpty()) {
            return;
        }
        table.append("\n| training step | ms |\n|---|---|\n");
        for (Measurement step : steps) {
            table.append("| ")
                    .append(step.workload())
                    .append(" | ")
                    .append(format(step.microseconds() / 1000))
                    .append(" |\n");
        }
        double none = step(TrainingStepBenchmark.Step.CNN_NONE);
        double bare = step(TrainingStepBenchmark.Step.SAMEDIFF_NONE);
        double composed = step(TrainingStepBenchmark.Step.SAMEDIFF_COMPOSED);
        double op = step(TrainingStepBenchmark.Step.SAMEDIFF_OURS);
        table.append(String.format(
                Locale.ROOT,
                "%nBatchNorm adds %.1f %% to the CNN's step with the built-in layer, %.1f %% with ours,"
                        + " %.1f %% with ours applying the ReLU too.%n"
                        + "SameDiff: composed / ours = %s; of BatchNorm's own share %s%n",
                100 * (step(TrainingStepBenchmark.Step.CNN_BUILTIN) / none - 1),
                100 * (step(TrainingStepBenchmark.Step.CNN_OURS) / none - 1),
                100 * (step(TrainingStepBenchmark.Step.CNN_FUSED) / none - 1),
                format(composed / op),
                format((composed - bare) / (op - bare))));
    }

    private double step(TrainingStepBenchmark.Step step) {
        return find(step.title(), "", "step", false);
    }

    private Set<String> workloads() {
        return measurements.stream()
                .filter(m -> PHASES.contains(m.phase()))
                .map(Measurement::workload)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private double time(String workload, Contender contender, String phase) {
        return find(workload, contender.title(), phase, false);
    }

    private double find(String workload, String contender, String phase, boolean bytes) {
        return measurements.stream()
                .filter(m -> m.workload().equals(workload)
                        && m.contender().equals(contender)
                        && m.phase().equals(phase))
                .mapToDouble(m -> bytes ? m.bytesPerCall() : m.microseconds())
                .findFirst()
                .orElse(Double.NaN);
    }

    private static String format(double value) {
        if (Double.isNaN(value)) {
            return NONE;
        }
        return String.format(
                Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 0.1 ? "%.2f" : "%.4f", value);
    }

    /** Writes benchmarks.json and benchmarks.png. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(
                        folder.resolve("benchmarks.json").toFile(),
                        Map.of("machine", machine.toString(), "measurements", rows()));
        if (!workloads().isEmpty()) {
            BitmapEncoder.saveBitmap(
                    chart(), folder.resolve("benchmarks.png").toString(), BitmapEncoder.BitmapFormat.PNG);
        }
        System.out.println("wrote " + folder.resolve("benchmarks.json") + " and " + folder.resolve("benchmarks.png"));
    }

    private List<Map<String, Object>> rows() {
        return measurements.stream()
                .map(m -> Map.<String, Object>of(
                        "workload", m.workload(),
                        "contender", m.contender(),
                        "phase", m.phase(),
                        "microseconds", m.microseconds(),
                        "bytesPerCall", m.bytesPerCall()))
                .toList();
    }

    /** Forward and backward together, as multiples of the copy. */
    private CategoryChart chart() {
        CategoryChart chart = new CategoryChartBuilder()
                .width(1500)
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
        List<String> workloads = List.copyOf(workloads());
        for (Contender contender : List.of(
                Contender.VECTOR,
                Contender.SCALAR,
                Contender.PYTORCH,
                Contender.ND4J_LAYER_NORM,
                Contender.ND4J_ENGINE,
                Contender.BUILTIN)) {
            List<Double> values = new ArrayList<>();
            for (String workload : workloads) {
                double ratio = time(workload, contender, "both") / time(workload, Contender.COPY, "both");
                values.add(ratio > LOWEST ? ratio : LOWEST);
            }
            if (values.stream().anyMatch(v -> v > LOWEST)) {
                chart.addSeries(contender.title(), workloads, values).setFillColor(COLOURS.get(contender));
            }
        }
        return chart;
    }
}
