package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Spread;
import io.github.dl4jnorm.benchmarks.report.Format;
import io.github.dl4jnorm.benchmarks.report.Markdown;
import java.util.ArrayList;
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
        List<Contender> contenders = List.of(Contender.values());
        StringBuilder table = new StringBuilder(
                "\nMedian milliseconds ± half the distance of the quartiles; largest relative error against double.\n\n");
        List<String> titles = begun("workload", "phase");
        contenders.forEach(contender -> titles.add(contender.title()));
        table.append(Markdown.head(titles));
        for (KernelRow row : rows) {
            List<String> cells = begun(row.workload().title(), row.phase().title());
            contenders.forEach(contender -> cells.add(cell(row, contender)));
            table.append(Markdown.row(cells));
        }
        return table.toString();
    }

    private static List<String> begun(String... cells) {
        return new ArrayList<>(List.of(cells));
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
                new StringBuilder("\nRatios of the times of one round, median (quartiles); Java heap per call.\n\n");
        table.append(Markdown.head(List.of(
                "workload",
                "phase",
                "vector / PyTorch",
                "scalar / PyTorch",
                "vector / oneDNN",
                "vector / oneDNN, own layout",
                "vector / copy",
                "built-in / vector",
                "heap, vector",
                "heap, scalar")));
        for (KernelRow row : rows) {
            List<String> cells = begun(row.workload().title(), row.phase().title());
            for (Spread ratio : List.of(
                    row.ratio(Contender.VECTOR, Contender.PYTORCH),
                    row.ratio(Contender.SCALAR, Contender.PYTORCH),
                    row.ratio(Contender.VECTOR, Contender.ONEDNN),
                    row.ratio(Contender.VECTOR, Contender.ONEDNN_OWN_LAYOUT),
                    row.ratio(Contender.VECTOR, Contender.COPY),
                    row.ratio(Contender.BUILTIN, Contender.VECTOR))) {
                cells.add(Format.spread(ratio));
            }
            for (Contender contender : OURS) {
                cells.add(String.format(
                        Locale.ROOT, "%.0f", row.of(contender).bytes().median()));
            }
            table.append(Markdown.row(cells));
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
                "\nLargest relative errors in float of " + Workload.HARD.title() + ", y / dx / dGamma\n\n");
        List<String> titles = begun("data");
        contenders.forEach(contender -> titles.add(contender.title()));
        table.append(Markdown.head(titles));
        accuracy.forEach((values, errors) -> {
            List<String> cells = begun(values.title());
            for (Contender contender : contenders) {
                double[] e = errors.get(contender);
                cells.add(
                        e == null
                                ? Format.NONE
                                : Format.error(e[0]) + " / " + Format.error(e[1]) + " / " + Format.error(e[2]));
            }
            table.append(Markdown.row(cells));
        });
        return table.toString();
    }
}
