package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.file.Hdf5File.Stored;
import io.github.dl4jnorm.keras.internal.file.SavedLayers.Saved;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;

/**
 * Variables as H5 files have them: {@code <layer>/<path>/<variable>}. The path is "" in Keras 1, the name of the layer in
 * Keras 2, and begins with the name of a sequential model in Keras 3. The variables of a model inside the model are all in
 * its group, with a path that ends with the name of their layer.
 */
final class NamedWeights implements WeightStore {
    private final Hdf5File file;
    private final String root;
    private final Set<String> layers;

    /** A variable below a group, as the groups on the way to it, and its name. */
    private record Found(List<String> groups, String name, Stored stored) {}

    /**
     * The variables in a group.
     *
     * @param file a file
     * @param root the group, "" for the whole file
     * @param layers the names of all layers
     */
    NamedWeights(Hdf5File file, String root, Set<String> layers) {
        this.file = file;
        this.root = root;
        this.layers = layers;
    }

    @Override
    public String place(Saved layer) {
        return (root.isEmpty() ? "" : root + "/") + layer.path().get(0);
    }

    @Override
    public Map<String, Stored> variables(Saved layer) throws InvalidKerasConfigurationException {
        List<Found> all = new ArrayList<>();
        if (file.hasGroup(place(layer))) {
            collect(place(layer), List.of(), all);
        }
        List<Found> own = layer.path().size() == 1 ? all : ofInner(layer, all);
        Map<String, Stored> result = new LinkedHashMap<>();
        for (Found found : own) {
            String name = direction(layer, found.groups()) + variable(layer, found);
            Stored other = result.put(name, found.stored());
            if (other != null) {
                throw new InvalidKerasConfigurationException(layer + ": expected one weight " + name + ", got /"
                        + other.path() + " and /" + found.stored().path());
            }
        }
        return result;
    }

    @Override
    public Set<String> groupsOf(SavedLayers model) {
        String prefix = root.isEmpty() ? "" : root + "/";
        Set<String> groups = new HashSet<>(Set.of(prefix + "top_level_model_weights", "optimizer_weights"));
        // A name with a slash is a group in a group.
        model.outermost().forEach(layer -> groups.add(prefix + layer.name().split("/")[0]));
        return groups;
    }

    @Override
    public String root() {
        return root;
    }

    private void collect(String path, List<String> groups, List<Found> found)
            throws InvalidKerasConfigurationException {
        for (String name : file.names(path)) {
            String child = path + "/" + name;
            Stored stored = file.stored(child);
            if (stored != null) {
                found.add(new Found(groups, name, stored));
            } else if (file.hasGroup(child) && !isOfAnother(child)) {
                List<String> inner = new ArrayList<>(groups);
                inner.add(name);
                collect(child, inner, found);
            }
        }
    }

    /** A layer whose name has a slash lies below the group of what comes before it: conv1/bn in conv1. */
    private boolean isOfAnother(String group) {
        return layers.contains(root.isEmpty() ? group : group.substring(root.length() + 1));
    }

    /** Whether groups below that of the outermost model end with all names on a layer's path. */
    private static boolean endsWith(Saved layer, List<String> groups) {
        String below = String.join("/", groups);
        return ("/" + layer.path().get(0) + "/" + below).endsWith("/" + String.join("/", layer.path()));
    }

    /** Those on whose path a layer's name is the last name of a layer. */
    private List<Found> ofInner(Saved layer, List<Found> all) throws InvalidKerasConfigurationException {
        List<String> name = List.of(layer.name().split("/"));
        Map<List<String>, List<Found>> candidates = new LinkedHashMap<>();
        for (Found found : all) {
            int end = endOf(name, found.groups());
            if (end > 0 && found.groups().stream().skip(end).noneMatch(layers::contains)) {
                candidates
                        .computeIfAbsent(found.groups().subList(0, end), key -> new ArrayList<>())
                        .add(found);
            }
        }
        // Not those of other models, then those of the models around it; the file does not name all of them.
        if (candidates.size() > 1) {
            candidates.keySet().removeIf(groups -> groups.stream()
                    .anyMatch(group -> layers.contains(group) && !layer.path().contains(group)));
        }
        if (candidates.size() > 1) {
            List<String> around = layer.path().subList(1, layer.path().size() - 1);
            candidates.keySet().removeIf(groups -> !groups.containsAll(around));
        }
        if (candidates.size() > 1) {
            // inner/dense is no inner/innermost/dense.
            candidates.keySet().removeIf(groups -> !endsWith(layer, groups));
        }
        if (candidates.size() > 1) {
            throw new InvalidKerasConfigurationException(layer + ": expected one group of its weights in /"
                    + place(layer) + ", got "
                    + candidates.keySet().stream()
                            .map(groups -> String.join("/", groups))
                            .toList());
        }
        return candidates.isEmpty() ? List.of() : candidates.values().iterator().next();
    }

    /** Where the last occurrence of a name ends among groups; 0 if there is none. */
    private static int endOf(List<String> name, List<String> groups) {
        for (int end = groups.size(); end >= name.size(); end--) {
            if (groups.subList(end - name.size(), end).equals(name)) {
                return end;
            }
        }
        return 0;
    }

    private static String direction(Saved layer, List<String> groups) {
        if ("Bidirectional".equals(layer.className())) {
            for (String group : groups) {
                if (group.startsWith("forward_") || group.startsWith("backward_")) {
                    return group.substring(0, group.indexOf('_') + 1);
                }
            }
        }
        return "";
    }

    /**
     * The name of a variable: without the name of its layer, with which Keras 1 begins it, and the numbers that TensorFlow
     * gives to outputs, and to the second of a name.
     */
    private static String variable(Saved layer, Found found) {
        String prefix = found.groups().isEmpty() ? "^" + Pattern.quote(layer.name() + "_") : "^";
        return found.name().replaceFirst(prefix, "").replaceFirst(":\\d+$", "").replaceFirst("_\\d+$", "");
    }
}
