package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.file.Hdf5File.Stored;
import io.github.dl4jnorm.keras.internal.file.SavedLayers.Saved;
import io.github.dl4jnorm.keras.internal.file.Variables.Part;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/**
 * Variables as {@code .keras} and {@code .weights.h5} files have them: {@code layers/<class>_<n>/vars/<number>}, a model
 * inside a model with {@code layers} of its own. New versions of Keras write the name of a layer at its {@code vars};
 * where it is missing, the number among the layers of one class in a model tells which it is.
 */
final class NumberedWeights implements WeightStore {
    private static final String LAYERS = "layers";
    private static final String VARS = "/vars";

    private final Hdf5File file;
    private final Map<String, Map<String, String>> named = new HashMap<>();

    NumberedWeights(Hdf5File file) {
        this.file = file;
    }

    /** Whether a file is laid out like this. */
    static boolean isIn(Hdf5File file) throws InvalidKerasConfigurationException {
        return file.hasGroup(LAYERS);
    }

    @Override
    public Map<String, Stored> variables(Saved layer)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        if (layer.parts().isEmpty()) {
            throw new UnsupportedKerasConfigurationException(layer
                    + ": its variables are numbered, and which number is which variable is not known for this class; in"
                    + " Keras, save with model.save(\"model.h5\"), where they have names");
        }
        Map<String, Stored> result = new LinkedHashMap<>();
        for (Part part : layer.parts().get()) {
            String group = place(layer) + (part.group().isEmpty() ? "" : "/" + part.group()) + VARS;
            List<String> numbers = file.hasGroup(group) ? file.names(group) : List.of();
            for (int i = 0; i < numbers.size(); i++) {
                String name =
                        i < part.variables().size() ? part.variables().get(i).name() : "variable " + i;
                Stored variable = file.stored(group + "/" + i);
                if (variable == null) {
                    throw new InvalidKerasConfigurationException(layer + ": expected variables 0 to "
                            + (numbers.size() - 1) + " in /" + group + ", got " + new TreeSet<>(numbers));
                }
                result.put(part.prefix() + name, variable);
            }
        }
        return result;
    }

    @Override
    public String place(Saved layer) throws InvalidKerasConfigurationException {
        String group = "";
        for (int depth = 0; depth < layer.path().size(); depth++) {
            String container = group + LAYERS;
            Map<String, String> names = names(container);
            String name = layer.path().get(depth);
            // A layer that Keras saved under another model, with which it is shared, has no group here.
            String own = names.isEmpty() ? layer.groups().get(depth) : names.getOrDefault(name, name);
            group = container + "/" + own + "/";
        }
        return group.substring(0, group.length() - 1);
    }

    @Override
    public Set<String> groupsOf(SavedLayers model) throws InvalidKerasConfigurationException {
        Set<String> groups = new HashSet<>();
        for (Saved layer : model.outermost()) {
            groups.add(place(layer));
        }
        return groups;
    }

    @Override
    public String root() {
        return LAYERS;
    }

    /** The groups in a container by the names of their layers; empty if the file does not have the names. */
    private Map<String, String> names(String container) throws InvalidKerasConfigurationException {
        Map<String, String> result = named.get(container);
        if (result == null) {
            result = new HashMap<>();
            for (String group : file.hasGroup(container) ? file.names(container) : List.<String>of()) {
                String name = file.text(container + "/" + group + VARS, "name");
                if (name != null && result.put(name, group) != null) {
                    throw new InvalidKerasConfigurationException(
                            "/" + container + ": expected layers of different names, got two \"" + name + "\"");
                }
            }
            named.put(container, result);
        }
        return result;
    }
}
