package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.file.Hdf5File.Stored;
import io.github.dl4jnorm.keras.internal.file.SavedLayers.Saved;
import io.github.dl4jnorm.keras.internal.file.Variables.Part;
import io.github.dl4jnorm.keras.internal.file.Variables.Variable;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Hands the layers of a model their weights. What a layer gets is what its class has in Keras: the same names, ranks and
 * types, all numbers finite. Whether sizes fit is seen when DL4J's layers are made.
 */
final class WeightReader {
    private final Hdf5File file;
    private final WeightStore store;
    private final SavedLayers saved;

    WeightReader(Hdf5File file, WeightStore store, SavedLayers saved) {
        this.file = file;
        this.store = store;
        this.saved = saved;
    }

    /**
     * Hands each layer its weights.
     *
     * @param layers DL4J's layers
     * @param graph the model of which they were made
     * @throws InvalidKerasConfigurationException if a layer's weights are missing, others than its class has, or refused,
     *     or there are weights of no layer
     */
    void readInto(Iterable<KerasLayer> layers, ModelGraph graph)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        refuseOthers();
        for (KerasLayer layer : layers) {
            if (layer.getNumParams() > 0) {
                List<String> path =
                        graph.layer(layer.getLayerName()).map(LayerNode::path).orElse(List.of(layer.getLayerName()));
                Saved from = saved.get(path);
                if (from == null) {
                    throw new InvalidKerasConfigurationException("Keras " + layer.getClassName() + " \""
                            + String.join("/", path) + "\": the file has no layer of this name");
                }
                Map<String, INDArray> weights = read(from, graph);
                KernelLayouts.adapt(layer, weights, graph);
                layer.setWeights(weights);
            }
        }
    }

    private void refuseOthers() throws InvalidKerasConfigurationException {
        Set<String> known = store.groupsOf(saved);
        String root = store.root().isEmpty() ? "" : store.root() + "/";
        for (String name : file.names(store.root())) {
            if (!known.contains(root + name) && hasArrays(root + name)) {
                throw new InvalidKerasConfigurationException(
                        "/" + root + name + ": expected weights of the model's layers, got those of another");
            }
        }
    }

    private boolean hasArrays(String path) throws InvalidKerasConfigurationException {
        if (!file.hasGroup(path)) {
            return file.stored(path) != null;
        }
        for (String name : file.names(path)) {
            if (hasArrays(path + "/" + name)) {
                return true;
            }
        }
        return false;
    }

    private Map<String, INDArray> read(Saved layer, ModelGraph graph)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        Map<String, Stored> stored = new LinkedHashMap<>(store.variables(layer));
        if (stored.isEmpty()) {
            throw new InvalidKerasConfigurationException(
                    layer + ": expected weights in /" + store.place(layer) + ", got none");
        }
        if (graph.version() == 1) {
            checkGates1(layer, stored);
        } else if (layer.parts().isPresent()) {
            check(layer, stored);
        }
        Map<String, INDArray> weights = new HashMap<>();
        for (Map.Entry<String, Stored> entry : stored.entrySet()) {
            weights.put(entry.getKey(), read(layer, entry.getKey(), entry.getValue()));
        }
        return weights;
    }

    /** Compares with what the class has in Keras, and drops what no import needs. */
    private static void check(Saved layer, Map<String, Stored> stored) throws InvalidKerasConfigurationException {
        Map<String, Variable> expected = new LinkedHashMap<>();
        for (Part part : layer.parts().orElseThrow()) {
            part.variables().forEach(variable -> expected.put(part.prefix() + variable.name(), variable));
        }
        if (expected.containsKey("depthwise_kernel") && stored.containsKey("kernel")) {
            stored.put("depthwise_kernel", stored.remove("kernel")); // Keras 3
        }
        if (!stored.keySet().equals(expected.keySet())) {
            throw new InvalidKerasConfigurationException(
                    layer + ": expected weights " + expected.keySet() + ", got " + new TreeSet<>(stored.keySet()));
        }
        for (Map.Entry<String, Variable> entry : expected.entrySet()) {
            List<Long> shape =
                    Objects.requireNonNull(stored.get(entry.getKey())).shape();
            int rank = entry.getValue().rank();
            if (rank != Variables.ANY_RANK && rank != shape.size()) {
                throw new InvalidKerasConfigurationException(layer + ": expected " + rank
                        + (rank == 1 ? " axis of " : " axes of ") + entry.getKey() + ", got shape " + shape);
            }
            if (!entry.getValue().needed()) {
                stored.remove(entry.getKey());
            }
        }
        for (Part part : layer.parts().get()) {
            checkGates(layer, part.prefix(), stored);
        }
    }

    /** DL4J takes a quarter of an LSTM's bias for the number of its units, and that many columns of each gate. */
    private static void checkGates(Saved layer, String prefix, Map<String, Stored> stored)
            throws InvalidKerasConfigurationException {
        Stored recurrent = stored.get(prefix + "recurrent_kernel");
        if (recurrent != null) {
            long units = recurrent.shape().get(0);
            long columns = recurrent.shape().get(1);
            Stored kernel = Objects.requireNonNull(stored.get(prefix + "kernel"));
            Stored bias = stored.get(prefix + "bias");
            boolean equal = kernel.shape().get(1) == columns
                    && (bias == null || bias.shape().get(0) == columns);
            if (!equal || columns != units && columns != 4 * units) {
                throw new InvalidKerasConfigurationException(layer
                        + ": expected as many columns of kernel, recurrent_kernel and bias, once or four times the rows of"
                        + " recurrent_kernel, got shapes " + kernel.shape() + ", "
                        + recurrent.shape()
                        + (bias == null ? "" : " and " + bias.shape()));
            }
        }
    }

    /** Keras 1 has other names, and an LSTM's gates apart: W_i, W_f, W_c, W_o. DL4J puts them into one array unseen. */
    private static void checkGates1(Saved layer, Map<String, Stored> stored) throws InvalidKerasConfigurationException {
        Map<String, Map.Entry<String, Stored>> first = new HashMap<>();
        for (Map.Entry<String, Stored> entry : stored.entrySet()) {
            if (entry.getKey().matches(".*[WUb]_[ifco]")) {
                String gates = entry.getKey().substring(0, entry.getKey().length() - 2);
                Map.Entry<String, Stored> other = first.putIfAbsent(gates, entry);
                List<Long> shape = entry.getValue().shape();
                if (other != null && !shape.equals(other.getValue().shape())) {
                    throw new InvalidKerasConfigurationException(layer + ": expected " + other.getKey() + " and "
                            + entry.getKey() + " of one shape, got "
                            + other.getValue().shape() + " and " + shape);
                }
            }
        }
    }

    private INDArray read(Saved layer, String name, Stored stored) throws InvalidKerasConfigurationException {
        if (!stored.isFloat()) {
            throw new InvalidKerasConfigurationException(
                    layer + ": expected floating point numbers for " + name + ", got another type in /" + stored.path()
                            + "; quantized models, and those of bfloat16, cannot be imported");
        }
        float[] values = file.read(stored);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new InvalidKerasConfigurationException(layer + ": expected finite numbers for " + name + ", got "
                        + values[i] + " as number " + i + " of /" + stored.path());
            }
        }
        return Nd4j.createFromArray(values)
                .reshape('c', stored.shape().stream().mapToLong(Long::longValue).toArray());
    }
}
