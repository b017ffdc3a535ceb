package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.integration.BuiltInLayers.Subject;
import io.github.dl4jnorm.layercheck.Check;
import io.github.dl4jnorm.layercheck.LayerCheckReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.inputs.InputType;

/** The table of DL4J's layers in docs/layer-check.md, between two comments. */
final class LayerTable {
    private static final Path PAGE = Path.of("..", "docs", "layer-check.md");
    private static final String BEGIN = "<!-- Written by BuiltInLayerCheckTest with -Dlayer.table=write: begin -->\n";
    private static final String END = "<!-- end -->\n";

    private LayerTable() {}

    /** The table as the page has it. */
    static String onPage() throws IOException {
        String page = Files.readString(PAGE);
        return page.substring(begin(page), end(page));
    }

    /** Replaces the table on the page. */
    static void write(String table) throws IOException {
        String page = Files.readString(PAGE);
        Files.writeString(PAGE, page.substring(0, begin(page)) + table + page.substring(end(page)));
    }

    private static int begin(String page) {
        return found(page.indexOf(BEGIN), BEGIN) + BEGIN.length();
    }

    private static int end(String page) {
        return found(page.indexOf(END, begin(page)), END);
    }

    private static int found(int at, String line) {
        if (at < 0) {
            throw new IllegalStateException("expected the line \"" + line.strip() + "\" in " + PAGE);
        }
        return at;
    }

    /** The table that the reports give. */
    static String of(List<Subject> layers, Function<Subject, LayerCheckReport> report) {
        long sound = layers.stream()
                .filter(layer -> report.apply(layer).failed().isEmpty())
                .count();
        return "\nOf " + layers.size() + " layers, with options, " + sound + " fail no check.\n\n"
                + "| layer | of | passed | skipped | failed, and why |\n|---|---|---|---|---|\n"
                + layers.stream().map(layer -> row(layer, report.apply(layer))).collect(Collectors.joining())
                + "\n";
    }

    private static String row(Subject subject, LayerCheckReport report) {
        Map<String, List<Check>> byReason = report.failed().stream()
                .collect(Collectors.groupingBy(
                        check -> subject.reasons().getOrDefault(check, "unexplained"),
                        LinkedHashMap::new,
                        Collectors.toList()));
        String failed = byReason.entrySet().stream()
                .map(entry -> "**" + names(entry.getValue()) + "**: " + entry.getKey())
                .collect(Collectors.joining("<br>"));
        return "| " + subject.name() + " | " + kind(subject.inputType()) + " | "
                + report.passed().size() + " | " + report.skipped().size() + " | " + failed + " |\n";
    }

    private static String names(List<Check> checks) {
        return checks.stream().map(Check::toString).collect(Collectors.joining("; "));
    }

    private static String kind(InputType type) {
        return switch (type.getType()) {
            case FF, CNNFlat -> "features";
            case RNN -> "sequences";
            case CNN -> "images";
            case CNN3D -> "volumes";
        };
    }
}
