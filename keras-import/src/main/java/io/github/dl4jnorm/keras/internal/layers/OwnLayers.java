package io.github.dl4jnorm.keras.internal.layers;

import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;

/**
 * The Keras layers that this library imports in DL4J's place. DL4J looks its own layers up first, so they are registered
 * under names of this library's, where they are in nobody's way, and models are rewritten to name them.
 */
public final class OwnLayers {
    /** TensorFlow's two classes of batch normalization, and that of several devices, compute the same in inference. */
    private static final Map<String, Class<? extends KerasLayer>> NORMS = Map.of(
            "BatchNormalization", KerasBatchNorm.class,
            "BatchNormalizationV1", KerasBatchNorm.class,
            "BatchNormalizationV2", KerasBatchNorm.class,
            "SyncBatchNormalization", KerasBatchNorm.class,
            "LayerNormalization", KerasLayerNorm.class,
            "GroupNormalization", KerasGroupNorm.class,
            "RMSNormalization", KerasRmsNorm.class,
            "UnitNormalization", KerasUnitNorm.class);

    /**
     * The setting of a normalization in which a pass over the model tells the shape of its input in Keras: a list with the
     * batch and null for sizes that are not known, or something else if not even the rank is.
     */
    public static final String INPUT_SHAPE = "dl4jnorm_input_shape";

    /** Layers beside normalizations, which passes over a model put in the place of others. */
    private static final Map<String, Class<? extends KerasLayer>> OTHERS = Map.ofEntries(
            Map.entry("Rescaling", KerasScaleShift.class),
            Map.entry(KerasScaleShift.LAYER_SCALE, KerasScaleShift.class),
            Map.entry("Normalization", KerasScaleShift.class),
            Map.entry(KerasScaleShift.ARITHMETIC, KerasScaleShift.class),
            Map.entry("GlobalAveragePooling2D", KerasKeepDims.class),
            Map.entry("GlobalMaxPooling2D", KerasKeepDims.class),
            Map.entry("Add", KerasElementWise.class),
            Map.entry("Subtract", KerasElementWise.class),
            Map.entry("Multiply", KerasElementWise.class),
            Map.entry("Average", KerasElementWise.class),
            Map.entry("Maximum", KerasElementWise.class));

    /** Begins the names of this library's; no class of Keras has a dot. */
    private static final String OWN = "dl4jnorm.";

    private OwnLayers() {}

    /** Registers all of them with DL4J's importer under this library's names. */
    public static synchronized void register() {
        NORMS.forEach((name, layer) -> KerasLayer.registerCustomLayer(OWN + name, layer));
        OTHERS.forEach((name, layer) -> KerasLayer.registerCustomLayer(OWN + name, layer));
    }

    /**
     * Whether a class of Keras is a normalization that becomes a layer of this library.
     *
     * @param className class of Keras
     * @return whether it is
     */
    public static boolean isNorm(String className) {
        return NORMS.containsKey(className);
    }

    /**
     * Whether a class of Keras is a batch normalization.
     *
     * @param className class of Keras
     * @return true if it is
     */
    public static boolean isBatchNorm(String className) {
        return NORMS.get(className) == KerasBatchNorm.class;
    }

    /**
     * The name of this library's for a class of Keras.
     *
     * @param className class of Keras
     * @return a name that is registered with DL4J
     */
    public static String ownName(String className) {
        return OWN + className;
    }

    /**
     * The class of Keras for either name.
     *
     * @param className class of Keras, or this library's name for one
     * @return a class of Keras
     */
    public static String kerasName(String className) {
        return className.startsWith(OWN) ? className.substring(OWN.length()) : className;
    }
}
