package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.KerasScaleShift;
import io.github.dl4jnorm.keras.internal.model.Argument;
import io.github.dl4jnorm.keras.internal.model.Call;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.report.Status;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Operations of an activation and a number, as in {@code x * 0.5 + 3} or {@code 1 - x}: Keras writes each as a layer with
 * the number among the arguments of its call, which DL4J's importer loses.
 */
public final class Arithmetic {
    private static final String ADD = "Add";
    private static final String SUBTRACT = "Subtract";
    private static final String MULTIPLY = "Multiply";
    private static final String DIVIDE = "Divide";

    /** How Keras 2 with TensorFlow calls them. */
    private static final Map<String, String> TENSORFLOW = Map.of(
            "__operators__.add", ADD,
            "math.add", ADD,
            "math.subtract", SUBTRACT,
            "math.multiply", MULTIPLY,
            "math.truediv", DIVIDE,
            "math.divide", DIVIDE);

    private Arithmetic() {}

    /**
     * Makes the operations layers that keep the number.
     *
     * @param graph a model; changed
     * @param notes where each is written down
     */
    public static void keepConstants(ModelGraph graph, Notes notes) {
        for (LayerNode layer : graph.layers()) {
            String operation = operation(layer);
            if (operation != null && layer.calls().size() == 1) {
                Call call = layer.calls().get(0);
                List<Argument> constants = call.constants();
                if (call.inputs().size() == 1
                        && constants.size() == 1
                        && constants.get(0).value() instanceof Number number
                        && set(layer, operation, call.arguments().get(0).isTensor(), number.doubleValue())) {
                    notes.add(layer, Status.REPAIRED, "with the constant " + number);
                    layer.becomes(OwnName.of(KerasScaleShift.RESCALING));
                    layer.calls()
                            .set(
                                    0,
                                    new Call(call.arguments().stream()
                                            .filter(Argument::isTensor)
                                            .toList()));
                }
            }
        }
    }

    private static @Nullable String operation(LayerNode layer) {
        return switch (layer.className()) {
            case ADD, SUBTRACT, MULTIPLY, DIVIDE -> layer.className();
            case "TrueDivide" -> DIVIDE;
            case "TFOpLambda" -> TENSORFLOW.get(String.valueOf(layer.config().get("function")));
            default -> null;
        };
    }

    /** Sets the constants of y = x·scale + offset; says whether there are any that do the same. */
    private static boolean set(LayerNode layer, String operation, boolean tensorFirst, double number) {
        switch (operation) {
            case ADD -> set(layer, 1, number);
            case MULTIPLY -> set(layer, number, 0);
            case SUBTRACT -> set(layer, tensorFirst ? 1 : -1, tensorFirst ? -number : number);
            case DIVIDE -> {
                if (!tensorFirst || number == 0) {
                    return false;
                }
                set(layer, 1 / number, 0);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void set(LayerNode layer, double scale, double offset) {
        layer.config().put(KerasScaleShift.SCALE, scale);
        layer.config().put(KerasScaleShift.OFFSET, offset);
    }
}
