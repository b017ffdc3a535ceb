package io.github.dl4jnorm.rewrite;

import java.util.List;
import java.util.Locale;

/**
 * What became of the layers that a rewriting was about.
 *
 * @param verb what was done with them: replaced, restored, folded
 * @param changes one entry per such layer, in the network's order; empty if there was none
 */
public record RewriteReport(String verb, List<Change> changes) {

    /**
     * Creates a report.
     *
     * @param verb what was done
     * @param changes one entry per layer; copied
     */
    public RewriteReport {
        changes = List.copyOf(changes);
    }

    /**
     * The layers that were changed.
     *
     * @return a new list
     */
    public List<Change> done() {
        return changes.stream().filter(Change::done).toList();
    }

    /**
     * The layers that were kept as they are, each with the reason.
     *
     * @return a new list
     */
    public List<Change> kept() {
        return changes.stream().filter(change -> !change.done()).toList();
    }

    /**
     * One line per layer, and the counts.
     *
     * @return several lines, the last without a line break
     */
    @Override
    public String toString() {
        int width = changes.stream().mapToInt(c -> c.layer().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (Change change : changes) {
            String status = change.done() ? verb : "kept";
            String name = change.layer() + " ".repeat(width - change.layer().length());
            text.append(String.format(Locale.ROOT, "%-8s  %s  %s", status, name, change.detail())
                            .stripTrailing())
                    .append('\n');
        }
        return text + String.format(Locale.ROOT, "%d %s, %d kept", done().size(), verb, kept().size());
    }
}
