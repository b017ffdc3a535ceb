package io.github.dl4jnorm.keras;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.report.ImportReport;
import io.github.dl4jnorm.keras.report.ImportReport.Entry;
import io.github.dl4jnorm.keras.report.Status;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects for the report what passes did or doubt, and writes into the log what people should see. */
final class ReportNotes implements Notes {
    private static final Logger LOG = LoggerFactory.getLogger(KerasImporter.class);

    private final Set<Entry> entries = new LinkedHashSet<>();

    @Override
    public void add(LayerNode layer, Status status, String text) {
        Entry entry = new Entry(layer.name(), layer.kerasClass(), status, text);
        entries.add(entry);
        if (status == Status.DOUBTFUL) {
            LOG.warn("{}", entry);
        } else if (status == Status.REPAIRED) {
            LOG.info("{}", entry);
        }
    }

    /** The report, in the order of a model's layers. */
    ImportReport report(List<String> layers) {
        return new ImportReport(entries.stream()
                .sorted(Comparator.comparingInt(entry -> layers.indexOf(entry.layer())))
                .toList());
    }
}
