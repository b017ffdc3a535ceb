package io.github.dl4jnorm.keras;

import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;

/**
 * Makes DL4J's own {@code KerasModelImport} understand Keras' {@code LayerNormalization} and
 * {@code UnitNormalization}.
 *
 * <pre>{@code
 * KerasNorms.register();
 * MultiLayerNetwork network = KerasModelImport.importKerasSequentialModelAndWeights("model.h5");
 * }</pre>
 *
 * <p>{@code BatchNormalization} stays DL4J's own layer there: DL4J M2.1 looks its own layers up before the registered
 * ones, and has no other hook. {@link KerasNormImport} imports it too, and needs no registration.
 *
 * <p>DL4J has one registry per JVM, and it is not thread-safe: register once, before imports run in other threads. The
 * way back is DL4J's {@link KerasLayer#clearCustomLayers()}, which removes everyone's layers.
 */
public final class KerasNorms {
    static final String BATCH = "BatchNormalization";
    static final String LAYER = "LayerNormalization";
    static final String UNIT = "UnitNormalization";

    private static final Map<String, Class<? extends KerasLayer>> LAYERS =
            Map.of(BATCH, KerasBatchNorm.class, LAYER, KerasLayerNorm.class, UNIT, KerasUnitNorm.class);

    /** Begins the class names that {@link KerasNormImport} writes into configurations; no class of Keras has a dot. */
    private static final String OWN = "dl4jnorm.";

    private KerasNorms() {}

    /** Registers the layers with DL4J's importer, in place of what is registered under their Keras class names. */
    public static synchronized void register() {
        KerasLayer.registerCustomLayer(LAYER, KerasLayerNorm.class);
        KerasLayer.registerCustomLayer(UNIT, KerasUnitNorm.class);
    }

    /** Registers all layers under names of this library's, where they are in nobody's way. */
    static synchronized void registerOwnNames() {
        LAYERS.forEach((name, layer) -> KerasLayer.registerCustomLayer(OWN + name, layer));
    }

    /** Whether this library has a layer for a class of Keras. */
    static boolean isNorm(Object className) {
        return className instanceof String name && LAYERS.containsKey(name);
    }

    /** The name of this library's for a class of Keras. */
    static String ownName(Object className) {
        return OWN + className;
    }

    /** The name of the class of Keras for either name. */
    static String kerasName(String className) {
        return className.startsWith(OWN) ? className.substring(OWN.length()) : className;
    }
}
