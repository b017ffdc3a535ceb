package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.report.Status;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The numbers of activation layers as DL4J's importer reads them: fractions, under the names of Keras 2. */
public final class Numbers {
    private static final Set<String> NUMBERS = Set.of("max_value", "negative_slope", "threshold", "alpha", "theta");
    private static final String SLOPE = "negative_slope";

    /** What Keras takes if a LeakyReLU does not say; DL4J takes 0.01. */
    private static final double DEFAULT_SLOPE = 0.3;

    private Numbers() {}

    /**
     * Makes whole numbers fractions, and the slope of a LeakyReLU what DL4J calls alpha.
     *
     * @param graph a model; changed
     * @param notes gets what was changed
     */
    public static void asDl4jReads(ModelGraph graph, Notes notes) {
        for (LayerNode layer : graph.layers()) {
            Map<String, @Nullable Object> config = layer.config();
            if (Kind.of(layer) == Kind.ACTIVATION) {
                config.replaceAll((name, value) -> NUMBERS.contains(name) && value instanceof Number number
                        ? Double.valueOf(number.doubleValue())
                        : value);
            }
            if ("LeakyReLU".equals(layer.className())) {
                Object slope = config.containsKey(SLOPE) ? config.remove(SLOPE) : config.get("alpha");
                config.put("alpha", slope == null ? Double.valueOf(DEFAULT_SLOPE) : slope);
                notes.add(layer, Status.REPAIRED, "its slope is " + config.get("alpha") + ", of which DL4J reads none");
            }
        }
    }
}
