package io.github.dl4jnorm.keras;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** What became of each layer of a Keras model. */
public final class ImportReport {

    /** How well a layer, or one of its settings, is known to compute what Keras computes. */
    public enum Status {
        /** Imported; compared with Keras in this library's tests. */
        VERIFIED,
        /** Imported after a change of what DL4J would have made of it. */
        REPAIRED,
        /** Left out: it does not change what is computed in inference. */
        LEFT_OUT,
        /** Imported by a class that the caller registered with DL4J. */
        REGISTERED,
        /** Imported without a comparison: the caller asked for leniency, or the model is of Keras 1. */
        DOUBTFUL
    }

    /**
     * One thing to know about a layer.
     *
     * @param layer name of the layer; empty for the model
     * @param className its Keras class
     * @param status what became of it
     * @param text what was done, or is doubted, and why
     */
    public record Entry(String layer, String className, Status status, String text) {
        @Override
        public String toString() {
            return (layer.isEmpty() ? "model" : className + " \"" + layer + "\"") + ": " + status + ", " + text;
        }
    }

    private final List<Entry> entries = new ArrayList<>();

    ImportReport() {}

    /** Adds an entry, or does nothing if the same is there. */
    void add(Entry entry) {
        if (!entries.contains(entry)) {
            entries.add(entry);
        }
    }

    /** Brings the entries into the order of a model's layers; those of no layer come first. */
    void sort(List<String> layers) {
        entries.sort(Comparator.comparingInt(entry -> layers.indexOf(entry.layer())));
    }

    /**
     * All there is to know, in the model's order.
     *
     * @return entries, unmodifiable
     */
    public List<Entry> entries() {
        return Collections.unmodifiableList(entries);
    }

    /**
     * What was imported without being sure; empty unless leniency was asked for, or the model is of Keras 1.
     *
     * @return entries
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
