package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Argument;
import io.github.dl4jnorm.keras.internal.model.Call;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.ModelJson;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.TensorRef;
import io.github.dl4jnorm.keras.report.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Puts the layers of a model inside another in its place, as deep as models are nested: DL4J's importer knows no model
 * inside a model. A layer "dense" of an inner model "head" is called "head_dense" from then on.
 */
public final class NestedModels {
    private static final String INPUT = "InputLayer";

    private final ModelGraph graph;
    private final Notes notes;

    /** What comes out of a sequential model. */
    private @Nullable TensorRef last;

    private NestedModels(ModelGraph graph, Notes notes) {
        this.graph = graph;
        this.notes = notes;
        if (graph.isSequential() && !graph.layers().isEmpty()) {
            last = new TensorRef(graph.layers().get(graph.layers().size() - 1).name(), 0, 0, null);
        }
    }

    /**
     * Replaces all inner models by their layers.
     *
     * @param graph a model; changed
     * @param notes where each inner model is written down
     * @throws InvalidKerasConfigurationException if an inner model is called with another number of inputs than it has
     * @throws UnsupportedKerasConfigurationException if an inner model is used twice: its weights would be shared
     */
    public static void flatten(ModelGraph graph, Notes notes)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        NestedModels pass = new NestedModels(graph, notes);
        boolean nested = false;
        Optional<LayerNode> next = pass.innerModel();
        while (next.isPresent()) {
            pass.replace(next.get());
            nested = true;
            next = pass.innerModel();
        }
        if (nested && graph.isSequential() && !pass.isChain()) {
            pass.becomeFunctional();
        }
    }

    private Optional<LayerNode> innerModel() {
        return graph.layers().stream().filter(LayerNode::isModel).findFirst();
    }

    private void replace(LayerNode model)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        if (model.calls().size() > 1) {
            throw new UnsupportedKerasConfigurationException(
                    model + " is used twice: DL4J has no shared weights;" + " in Keras, make it two models");
        }
        ModelGraph inner = ModelJson.connected(graph.inside(model));
        if (inner.layers().isEmpty()) {
            throw new InvalidKerasConfigurationException(model + ": expected layers, got none");
        }
        List<TensorRef> outputs = outputs(inner);
        Map<String, TensorRef> inputs = inputs(model, inner);
        Map<String, String> names = names(model, inner, inputs.keySet());
        List<LayerNode> layers = new ArrayList<>();
        for (LayerNode layer : inner.layers()) {
            if (!inputs.containsKey(layer.name())) {
                List<String> path = new ArrayList<>(model.path());
                path.addAll(layer.path());
                rewire(layer, tensor -> outside(tensor, inputs, names));
                layer.config().put("name", names.get(layer.name()));
                layers.add(layer.withPath(path));
            }
        }
        LayerNode first = inner.layers().get(0);
        if (inner.isSequential() && first.calls().isEmpty() && !INPUT.equals(first.className())) {
            first.calls().addAll(model.calls());
        }
        List<TensorRef> results =
                outputs.stream().map(tensor -> outside(tensor, inputs, names)).toList();
        int position = graph.layers().indexOf(model);
        graph.layers().remove(position);
        graph.layers().addAll(position, layers);
        graph.layers().forEach(layer -> rewire(layer, tensor -> result(tensor, model, results)));
        graph.outputs().replaceAll(tensor -> result(tensor, model, results));
        if (last != null) {
            last = result(last, model, results);
        }
        notes.add(
                model,
                Status.REPAIRED,
                "its layers are in the model around it, with \"" + model.name() + "_\" before their names");
    }

    /** What goes into the inner model, by the name of the input that it takes the place of. */
    private static Map<String, TensorRef> inputs(LayerNode model, ModelGraph inner)
            throws InvalidKerasConfigurationException {
        Map<String, TensorRef> result = new HashMap<>();
        if (model.calls().isEmpty()) {
            return result; // the first layer of a chain: its inputs are those of the whole
        }
        Call call = model.calls().get(0);
        List<TensorRef> given = call.inputs();
        List<String> expected;
        LayerNode first = inner.layers().get(0);
        if (!inner.isSequential()) {
            expected = inner.inputs().stream().map(TensorRef::layer).toList();
        } else if (INPUT.equals(first.className())) {
            expected = List.of(first.name());
        } else {
            expected = List.of();
        }
        if (!expected.isEmpty() && expected.size() != given.size()) {
            throw new InvalidKerasConfigurationException(
                    model + ": expected " + expected.size() + " inputs, got " + given.size());
        }
        for (int i = 0; i < expected.size(); i++) {
            result.put(expected.get(i), given.get(i));
        }
        return result;
    }

    private static List<TensorRef> outputs(ModelGraph inner) {
        if (!inner.isSequential()) {
            return List.copyOf(inner.outputs());
        }
        LayerNode last = inner.layers().get(inner.layers().size() - 1);
        return List.of(new TensorRef(last.name(), 0, 0, null));
    }

    /** The new names of the inner layers. */
    private Map<String, String> names(LayerNode model, ModelGraph inner, Set<String> replaced) {
        Set<String> taken = graph.layers().stream().map(LayerNode::name).collect(Collectors.toCollection(HashSet::new));
        Map<String, String> names = new HashMap<>();
        for (LayerNode layer : inner.layers()) {
            if (!replaced.contains(layer.name())) {
                String name = model.name() + "_" + layer.name();
                String unique = name;
                for (int i = 1; !taken.add(unique); i++) {
                    unique = name + "_" + i;
                }
                names.put(layer.name(), unique);
            }
        }
        return names;
    }

    /** A tensor of the inner model as one of the model around it. */
    private static TensorRef outside(TensorRef tensor, Map<String, TensorRef> inputs, Map<String, String> names) {
        TensorRef given = inputs.get(tensor.layer());
        if (given != null) {
            return given;
        }
        return new TensorRef(
                Objects.requireNonNull(names.get(tensor.layer())), tensor.call(), tensor.output(), tensor.shape());
    }

    /** A tensor, or what takes its place if it comes out of the inner model. */
    private static TensorRef result(TensorRef tensor, LayerNode model, List<TensorRef> results) {
        if (!tensor.layer().equals(model.name()) || tensor.output() >= results.size()) {
            return tensor;
        }
        TensorRef result = results.get(tensor.output());
        List<@Nullable Integer> shape = tensor.shape() == null ? result.shape() : tensor.shape();
        return new TensorRef(result.layer(), result.call(), result.output(), shape);
    }

    private static void rewire(LayerNode layer, UnaryOperator<TensorRef> change) {
        layer.calls()
                .replaceAll(call -> new Call(call.arguments().stream()
                        .map(argument -> argument.value() instanceof TensorRef tensor
                                ? new Argument(argument.name(), change.apply(tensor))
                                : argument)
                        .toList()));
    }

    /** Whether every layer has the one before it for its only input. */
    private boolean isChain() {
        List<LayerNode> layers = graph.layers();
        for (int i = 0; i < layers.size(); i++) {
            List<TensorRef> inputs = layers.get(i).calls().stream()
                    .flatMap(NestedModels::tensors)
                    .toList();
            boolean inChain = i == 0
                    ? inputs.isEmpty()
                    : inputs.size() == 1
                            && inputs.get(0).output() == 0
                            && inputs.get(0).layer().equals(layers.get(i - 1).name());
            if (!inChain) {
                return false;
            }
        }
        return true;
    }

    private static Stream<TensorRef> tensors(Call call) {
        return call.inputs().stream();
    }

    /** Makes a sequence whose inner model was no chain a graph. */
    private void becomeFunctional() throws UnsupportedKerasConfigurationException {
        for (LayerNode layer : graph.layers()) {
            if (layer.calls().isEmpty() && !INPUT.equals(layer.className())) {
                throw new UnsupportedKerasConfigurationException(
                        layer + " has no input layer before it; in Keras, put an Input before the first layer");
            }
        }
        graph.layers().stream().filter(layer -> INPUT.equals(layer.className())).forEach(input -> graph.inputs()
                .add(new TensorRef(input.name(), 0, 0, null)));
        graph.outputs().add(last);
        graph.becomesFunctional();
    }
}
