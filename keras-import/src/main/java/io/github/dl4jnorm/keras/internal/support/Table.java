package io.github.dl4jnorm.keras.internal.support;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known of each class of layers, one line for each. */
final class Table {
    private static final Map<String, LayerSupport> LINES = new LinkedHashMap<>();
    private static final int WRITTEN;

    static {
        List<LayerSupport> all = new ArrayList<>();
        all.addAll(CoreSupport.lines());
        all.addAll(ActivationSupport.lines());
        all.addAll(ConvolutionSupport.lines());
        all.addAll(PoolingSupport.lines());
        all.addAll(SequenceSupport.lines());
        all.addAll(NormSupport.lines());
        all.forEach(line -> LINES.put(line.className(), line));
        WRITTEN = all.size();
    }

    private Table() {}

    /** The line of a class, if there is one. */
    static Optional<LayerSupport> line(String className) {
        return Optional.ofNullable(LINES.get(className));
    }

    /** The number of lines written above; more than there are classes if one has two. */
    static int written() {
        return WRITTEN;
    }

    /** All lines, by subject. */
    static List<LayerSupport> lines() {
        return List.copyOf(Collections.unmodifiableCollection(LINES.values()));
    }
}
