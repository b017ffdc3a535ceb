package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.Penalty;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.report.Status;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of normalization layers that are imported as something else, or not at all. */
final class NormSettings {
    private static final String REGULARIZER = "_regularizer";
    private static final String EPSILON = "epsilon";

    private NormSettings() {}

    /**
     * Changes what has no counterpart, and writes it down.
     *
     * @param layer the layer, or the wrapper around it
     * @param norm the layer
     * @param notes where it is written down
     */
    static void settle(LayerNode layer, LayerNode norm, Notes notes) {
        Map<String, @Nullable Object> settings = norm.config();
        for (String weight : List.of("gamma", "beta")) {
            if (settings.get(weight + "_constraint") != null) {
                leaveOut(layer, settings, weight + "_constraint", notes);
            }
            if (Penalty.of(settings.get(weight + REGULARIZER)).isEmpty()) {
                leaveOut(layer, settings, weight + REGULARIZER, notes);
            }
        }
        if (Boolean.TRUE.equals(settings.get("synchronized"))) {
            leaveOut(layer, settings, "synchronized", notes);
        }
        if (settings.get(EPSILON) instanceof Number eps && eps.doubleValue() == 0 && Kind.of(norm) != Kind.BATCH_NORM) {
            settings.put(EPSILON, (double) Float.MIN_NORMAL);
            notes.add(layer, Status.REPAIRED, "epsilon = 0 becomes 1.2e-38: where Keras divides 0 by 0, this makes 0");
        }
    }

    private static void leaveOut(LayerNode layer, Map<String, @Nullable Object> settings, String name, Notes notes) {
        settings.remove(name);
        notes.add(layer, Status.LEFT_OUT, name + ": it matters in training only");
    }
}
