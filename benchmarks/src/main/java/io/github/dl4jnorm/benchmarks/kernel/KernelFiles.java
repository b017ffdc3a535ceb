package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Spread;
import io.github.dl4jnorm.benchmarks.report.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;

/** The rows as files: JSON and a chart. */
public final class KernelFiles {
    private KernelFiles() {}

    /**
     * Writes benchmarks.json and benchmarks.png.
     *
     * @param folder where to
     * @param machine what was measured on
     * @param rows what was measured
     * @throws IOException if a file cannot be written
     */
    public static void write(Path folder, Machine machine, List<KernelRow> rows) throws IOException {
        Files.createDirectories(folder);
        Path json = folder.resolve("benchmarks.json");
        Path chart = folder.resolve("benchmarks.png");
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(
                        json.toFile(),
                        Map.of(
                                "machine",
                                machine.toString(),
                                "measurements",
                                rows.stream()
                                        .flatMap(row -> entries(row).stream())
                                        .toList()));
        BitmapEncoder.saveBitmap(KernelChart.of(rows), chart.toString(), BitmapEncoder.BitmapFormat.PNG);
        System.out.println("\nwrote " + json + " and " + chart);
    }

    private static List<Map<String, Object>> entries(KernelRow row) {
        return row.series().entrySet().stream()
                .map(entry -> {
                    Spread time = entry.getValue().milliseconds();
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("workload", row.workload().title());
                    fields.put("phase", row.phase().title());
                    fields.put("contender", entry.getKey().title());
                    fields.put("milliseconds", time.median());
                    fields.put("lowerQuartile", time.lower());
                    fields.put("upperQuartile", time.upper());
                    fields.put("rounds", time.count());
                    fields.put("heapBytes", entry.getValue().bytes().median());
                    fields.put("errors", row.errors().get(entry.getKey()));
                    return fields;
                })
                .toList();
    }
}
