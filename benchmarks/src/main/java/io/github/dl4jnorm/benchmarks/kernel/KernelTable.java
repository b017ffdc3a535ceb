package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Spread;
import io.github.dl4jnorm.benchmarks.report.Format;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The rows as Markdown. */
public final class KernelTable {
    private static final List<Contender> OURS = List.of(Contender.VECTOR, Contender.SCALAR);

    private KernelTable() {}

    /**
     * Times, errors, ratios and heap.
     *
     * @param rows what was measured
     * @return tables
     */
    public static String of(List<KernelRow> rows) {
        return times(rows) + ratios(rows);
    }

    private static String times(List<KernelRow> rows) {
        StringBuilder table = new StringBuilder(
                "\nMedian milliseconds ± half the distance of the quartiles; largest relative error against double.\n\n"
                        + "| workload | phase |");
        for (Contender contender : Contender.values()) {
            table.append(' ').append(contender.title()).append(" |");
        }
        table.append("\n|---|---|")
                .append("---|".repeat(Contender.values().length))
                .append('\n');
        for (KernelRow row : rows) {
            begin(table, row);
            for (Contender contender : Contender.values()) {
                table.append(' ').append(cell(row, contender)).append(" |");
            }
            table.append('\n');
        }
        return table.toString();
    }

    private static void begin(StringBuilder table, KernelRow row) {
        table.append("| ")
                .append(row.workload().title())
                .append(" | ")
                .append(row.phase().title())
                .append(" |");
    }

    private static String cell(KernelRow row, Contender contender) {
        Spread time = row.of(contender).milliseconds();
        if (time.count() == 0) {
            return Format.NONE;
        }
        double error = row.error(contender);
        return String.format(
                Locale.ROOT,
                "%s ±%.0f %%%s",
                Format.number(time.median()),
                100 * (time.upper() - time.lower()) / 2 / time.median(),
                Double.isNaN(error) ? "" : ", " + Format.error(error));
    }

    private static String ratios(List<KernelRow> rows) {
        StringBuilder table =
                new StringBuilder("\nRatios of the times of one round, median (quartiles); Java heap per call.\n\n"
                        + "| workload | phase | vector / PyTorch | scalar / PyTorch | vector / oneDNN | vector / oneDNN, own layout"
                        + " | vector / copy | built-in / vector | heap, vector | heap, scalar |\n"
                        + "|---|---|---|---|---|---|---|---|---|---|\n");
        for (KernelRow row : rows) {
            begin(table, row);
            for (Spread ratio : List.of(
                    row.ratio(Contender.VECTOR, Contender.PYTORCH),
                    row.ratio(Contender.SCALAR, Contender.PYTORCH),
                    row.ratio(Contender.VECTOR, Contender.ONEDNN),
                    row.ratio(Contender.VECTOR, Contender.ONEDNN_OWN_LAYOUT),
                    row.ratio(Contender.VECTOR, Contender.COPY),
                    row.ratio(Contender.BUILTIN, Contender.VECTOR))) {
                table.append(' ').append(Format.spread(ratio)).append(" |");
            }
            for (Contender contender : OURS) {
                table.append(String.format(
                        Locale.ROOT, " %.0f |", row.of(contender).bytes().median()));
            }
            table.append('\n');
        }
        return table.toString();
    }

    /**
     * Rounding errors on hard data.
     *
     * @param accuracy errors of y, dx, dγ and dβ
     * @return a table
     */
    public static String accuracy(Map<Values, Map<Contender, double[]>> accuracy) {
        List<Contender> contenders = accuracy.values().stream()
                .flatMap(errors -> errors.keySet().stream())
                .distinct()
                .sorted()
                .toList();
        StringBuilder table = new StringBuilder(
                "\nLargest relative errors in float of " + Workload.HARD.title() + ", y / dx / dGamma\n\n| data |");
        contenders.forEach(
                contender -> table.append(' ').append(contender.title()).append(" |"));
        table.append("\n|---|").append("---|".repeat(contenders.size())).append('\n');
        accuracy.forEach((values, errors) -> {
            table.append("| ").append(values.title()).append(" |");
            for (Contender contender : contenders) {
                double[] e = errors.get(contender);
                table.append(
                        e == null
                                ? " " + Format.NONE + " |"
                                : " " + Format.error(e[0]) + " / " + Format.error(e[1]) + " / " + Format.error(e[2])
                                        + " |");
            }
            table.append('\n');
        });
        return table.toString();
    }
}
