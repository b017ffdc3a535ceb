package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.file.Variables.Part;
import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a model as the file has them, before anything is changed: their settings tell what variables they have,
 * and their order how groups of numbered variables are named.
 */
final class SavedLayers {
    private static final String CONFIG = "config";

    private final Map<List<String>, Saved> layers = new LinkedHashMap<>();

    /**
     * A layer.
     *
     * @param path the names of the models around it, the outermost first, and its own
     * @param className its class
     * @param parts its variables; empty if its class is not known
     * @param groups how Keras 3 names the groups of the models around it and its own, by class and number
     */
    record Saved(List<String> path, String className, Optional<List<Part>> parts, List<String> groups) {
        String name() {
            return path.get(path.size() - 1);
        }

        @Override
        public String toString() {
            return "Keras " + className + " \"" + String.join("/", path) + "\"";
        }
    }

    /**
     * Reads a model.
     *
     * @param root its JSON, checked
     */
    SavedLayers(Map<String, @Nullable Object> root) {
        collect(root.get(CONFIG), List.of(), List.of());
    }

    private void collect(@Nullable Object config, List<String> path, List<String> groups) {
        Map<String, @Nullable Object> model = Json.object(config);
        Map<String, Integer> seen = new HashMap<>();
        for (Map<String, @Nullable Object> layer : Json.objects(model == null ? config : model.get("layers"))) {
            Map<String, @Nullable Object> settings = Json.object(layer.get(CONFIG));
            String className = String.valueOf(layer.get("class_name"));
            Object name = settings != null && settings.get("name") != null ? settings.get("name") : layer.get("name");
            String group = snakeCase(className);
            int before = seen.merge(group, 1, Integer::sum) - 1;
            List<String> own = with(path, String.valueOf(name));
            List<String> ownGroups = with(groups, before == 0 ? group : group + "_" + before);
            // Now, before passes change the settings.
            Optional<List<Part>> parts = Variables.of(className, settings == null ? Map.of() : settings);
            layers.put(own, new Saved(own, className, parts, ownGroups));
            if (settings == null || settings.get("layers") instanceof List) {
                collect(layer.get(CONFIG), own, ownGroups);
            }
        }
    }

    private static List<String> with(List<String> path, String last) {
        List<String> result = new ArrayList<>(path);
        result.add(last);
        return List.copyOf(result);
    }

    /** A class as Keras names groups after it: Conv2DTranspose is conv2d_transpose. */
    static String snakeCase(String className) {
        return className
                .replaceAll("\\W+", "")
                .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }

    /** The names of all layers, those inside models included. */
    Set<String> names() {
        return layers.values().stream().map(Saved::name).collect(Collectors.toSet());
    }

    /** The layers that are in no inner model. */
    List<Saved> outermost() {
        return layers.values().stream()
                .filter(layer -> layer.path().size() == 1)
                .toList();
    }

    /** The layer at a path, or null. */
    @Nullable Saved get(List<String> path) {
        return layers.get(path);
    }
}
