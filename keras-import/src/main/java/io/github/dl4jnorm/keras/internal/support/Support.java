package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.Argument;
import io.github.dl4jnorm.keras.internal.model.Call;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.internal.model.TensorRef;
import io.github.dl4jnorm.keras.report.Status;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Compares a model with the table of what is known. What has not been compared with Keras is not imported silently, and
 * what is known to be wrong is not imported.
 */
public final class Support {
    /** What becomes of classes that DL4J's importer does not know. */
    static final String AS_REGISTERED = "as the class that is registered with KerasLayer.registerCustomLayer";

    private static final String NOT_REGISTERED = "Unsupported keras layer type ";

    private final ModelGraph graph;
    private final Shapes shapes;
    private final boolean lenient;
    private final Notes notes;

    private Support(ModelGraph graph, Shapes shapes, boolean lenient, Notes notes) {
        this.graph = graph;
        this.shapes = shapes;
        this.lenient = lenient;
        this.notes = notes;
    }

    /**
     * Looks every layer up.
     *
     * @param graph a model as the file has it
     * @param shapes its shapes
     * @param lenient whether to import what has not been compared
     * @param notes gets an entry for each layer, and for each doubt
     * @throws UnsupportedKerasConfigurationException if something is known to be imported wrongly, or has not been
     *     compared and that is not wanted
     */
    public static void check(ModelGraph graph, Shapes shapes, boolean lenient, Notes notes)
            throws UnsupportedKerasConfigurationException {
        new Support(graph, shapes, lenient, notes).check();
    }

    /**
     * Names the layer where DL4J's importer names a class that it does not know.
     *
     * @param graph a model
     * @param e what DL4J's importer threw
     * @return the same, or another one
     */
    public static UnsupportedKerasConfigurationException explained(
            ModelGraph graph, UnsupportedKerasConfigurationException e) {
        String message = String.valueOf(e.getMessage());
        for (LayerNode layer : graph.layers()) {
            String unknown = layer.wrapped().orElse(layer).className();
            if (message.startsWith(NOT_REGISTERED + unknown + ".")) {
                String text = Table.line(layer.wrapped().orElse(layer))
                        .map(LayerSupport::text)
                        .orElse(AS_REGISTERED + ", else refused");
                return new UnsupportedKerasConfigurationException(
                        layer + ": DL4J's importer has no " + unknown + "; imported " + text, e);
            }
        }
        return e;
    }

    private void check() throws UnsupportedKerasConfigurationException {
        for (LayerNode layer : graph.layers()) {
            check(layer, layer);
            checkCalls(layer);
        }
        for (TensorRef output : graph.outputs()) {
            checkOutput(graph.layer(output.layer()).orElse(null), output);
        }
    }

    /**
     * Checks a layer, and what it wraps.
     *
     * @param layer the layer
     * @param outer the layer of the model that it is or is in
     */
    private void check(LayerNode layer, LayerNode outer) throws UnsupportedKerasConfigurationException {
        if (OwnName.isOwn(layer.className())) {
            return; // a pass has put it there
        }
        Optional<LayerSupport> line = Table.line(layer);
        if (graph.version() == 1) {
            notes.add(outer, Status.DOUBTFUL, "as DL4J reads Keras 1; compared with Keras by DL4J's tests only");
            return;
        }
        if (line.isEmpty()) {
            // Not a class of DL4J's importer: either registered, or refused there.
            notes.add(outer, Status.REGISTERED, AS_REGISTERED);
            return;
        }
        LayerSupport known = line.get();
        if (known.status().isEmpty()) {
            throw wrong(outer, layer.className() + " is not imported: " + known.text());
        }
        if (known.isForeign()) {
            notes.add(outer, Status.REGISTERED, known.text());
            return;
        }
        if (CommonSettings.isOtherPrecision(layer)) {
            throw wrong(
                    outer,
                    "dtype = " + CommonSettings.precision(layer) + ", expected float32, in which DL4J's importer makes"
                            + " networks; save the model with keras.config.set_dtype_policy(\"float32\")");
        }
        for (Condition condition : known.conditions()) {
            if (condition.wrong().test(new Use(layer, graph, shapes))) {
                throw wrong(outer, condition.when() + ": not imported, because " + condition.why());
            }
        }
        for (Map.Entry<String, Object> setting : layer.config().entrySet()) {
            checkSetting(known, setting.getKey(), setting.getValue(), outer);
        }
        if (known.status().get() == Status.DOUBTFUL) {
            doubt(outer, layer.className() + " has not been compared with Keras");
        } else {
            notes.add(outer, known.status().get(), known.text());
        }
        if (layer.wrapped().isPresent()) {
            check(layer.wrapped().get(), outer);
        }
    }

    private void checkSetting(LayerSupport line, String name, @Nullable Object value, LayerNode layer)
            throws UnsupportedKerasConfigurationException {
        if (CommonSettings.isSilent(name) || value == null) {
            return;
        }
        Optional<Setting> known = line.setting(name);
        if (known.isEmpty()) {
            doubt(layer, name + " = " + value + ": the setting is not known here");
        } else if (!known.get().accepts(value)) {
            String expected =
                    known.get().values().isEmpty() ? "null" : known.get().values();
            String text = name + " = " + value + ", expected " + expected;
            if (known.get().otherwise() != null) {
                throw wrong(layer, text + ": " + known.get().otherwise());
            }
            doubt(layer, text + ": other values have not been compared with Keras");
        }
    }

    private void checkCalls(LayerNode layer) throws UnsupportedKerasConfigurationException {
        if (layer.calls().size() > 1) {
            throw wrong(layer, "used twice, and DL4J has no shared weights; give each use a layer of its own");
        }
        for (Call call : layer.calls()) {
            for (Argument constant : call.constants()) {
                throw wrong(
                        layer,
                        "the constant " + constant.value() + " (argument " + constant.name()
                                + ") goes into it, and DL4J would lose it; use a Rescaling layer");
            }
            boolean takesOne = Table.line(layer)
                    .filter(line -> !line.kind().merges())
                    .flatMap(LayerSupport::status)
                    .filter(status -> status != Status.REGISTERED)
                    .isPresent();
            if (call.inputs().size() > 1 && takesOne) {
                throw wrong(layer, call.inputs().size() + " tensors go into it, and DL4J would use the first one only");
            }
            for (TensorRef tensor : call.inputs()) {
                checkOutput(layer, tensor);
            }
        }
    }

    private void checkOutput(@Nullable LayerNode layer, TensorRef tensor)
            throws UnsupportedKerasConfigurationException {
        if (tensor.output() != 0 || tensor.call() != 0) {
            throw new UnsupportedKerasConfigurationException(
                    (layer == null ? "Keras model" : layer) + ": output " + tensor.output() + " of call "
                            + tensor.call() + " of \"" + tensor.layer()
                            + "\" is wanted, and layers of DL4J have one output and one call");
        }
    }

    private UnsupportedKerasConfigurationException wrong(LayerNode layer, String text) {
        return new UnsupportedKerasConfigurationException(layer + ": " + text);
    }

    private void doubt(LayerNode layer, String text) throws UnsupportedKerasConfigurationException {
        if (!lenient) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": " + text + "; KerasImporter.lenient(true) imports it all the same");
        }
        notes.add(layer, Status.DOUBTFUL, text);
    }
}
