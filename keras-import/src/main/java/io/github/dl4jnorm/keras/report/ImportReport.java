package io.github.dl4jnorm.keras.report;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What became of each layer of a Keras model.
 *
 * @param entries all there is to know, in the order of the model's layers; what is about no layer comes first
 */
public record ImportReport(List<Entry> entries) {

    /**
     * One thing to know about a layer.
     *
     * @param layer name of the layer; empty for the model
     * @param className its Keras class
     * @param status what became of it
     * @param text what was done, or is doubted, and why
     */
    public record Entry(String layer, String className, Status status, String text) {
        /** One line: the layer, the status and the text. */
        @Override
        public String toString() {
            return (layer.isEmpty() ? "model" : className + " \"" + layer + "\"") + ": " + status + ", " + text;
        }
    }

    /**
     * A report.
     *
     * @param entries in order; copied
     */
    public ImportReport {
        entries = List.copyOf(entries);
    }

    /**
     * What was imported without being sure.
     *
     * @return the entries that are {@link Status#DOUBTFUL}; none unless leniency was asked for, or the model is of Keras 1
     */
    public List<Entry> doubts() {
        return entries.stream()
                .filter(entry -> entry.status() == Status.DOUBTFUL)
                .toList();
    }

    /** One line for each entry. */
    @Override
    public String toString() {
        return entries.stream().map(Entry::toString).collect(Collectors.joining("\n"));
    }
}
