package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.layers.KerasImageDense;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;

/** What is known of each class of layers, one line for each. */
public final class Table {
    private static final List<LayerSupport> LINES = Stream.of(
                    CoreSupport.lines(),
                    ActivationSupport.lines(),
                    ConvolutionSupport.lines(),
                    PoolingSupport.lines(),
                    SequenceSupport.lines(),
                    NormSupport.lines())
            .flatMap(List::stream)
            .toList();

    private static final Map<String, LayerSupport> BY_CLASS = new LinkedHashMap<>();

    static {
        LINES.forEach(line -> BY_CLASS.put(line.className(), line));
    }

    private Table() {}

    /** Registers this library's layers with DL4J's importer, under names of its own. */
    public static synchronized void register() {
        LINES.forEach(
                line -> line.own().ifPresent(own -> KerasLayer.registerCustomLayer(OwnName.of(line.className()), own)));
        KerasLayer.registerCustomLayer(OwnName.of(KerasImageDense.NAME), KerasImageDense.class);
    }

    /**
     * Whether the last thing that a layer does is one activation function, which is a setting.
     *
     * @param layer a layer
     * @return false if nothing is known of its class
     */
    public static boolean hasActivation(LayerNode layer) {
        return line(layer).filter(LayerSupport::hasActivation).isPresent();
    }

    /**
     * Whether a penalty on a layer's kernel has been compared with Keras in training.
     *
     * @param layer a layer
     * @return false if nothing is known of its class
     */
    public static boolean hasPenalty(LayerNode layer) {
        return line(layer).filter(LayerSupport::hasPenalty).isPresent();
    }

    /** The line of a layer's class, if there is one. */
    static Optional<LayerSupport> line(LayerNode layer) {
        return Optional.ofNullable(BY_CLASS.get(layer.kerasClass()));
    }

    /** All lines, by subject. */
    static List<LayerSupport> lines() {
        return LINES;
    }
}
