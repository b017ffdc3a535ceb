package io.github.dl4jnorm.keras;

import io.github.dl4jnorm.keras.internal.layers.KerasGroupNorm;
import io.github.dl4jnorm.keras.internal.layers.KerasLayerNorm;
import io.github.dl4jnorm.keras.internal.layers.KerasRmsNorm;
import io.github.dl4jnorm.keras.internal.layers.KerasUnitNorm;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;

/**
 * Makes DL4J's own {@code KerasModelImport} understand Keras' {@code LayerNormalization}, {@code GroupNormalization},
 * {@code RMSNormalization} and {@code UnitNormalization}.
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
    private KerasNorms() {}

    /** Registers the layers with DL4J's importer, in place of what is registered under their Keras class names. */
    public static synchronized void register() {
        KerasLayer.registerCustomLayer("LayerNormalization", KerasLayerNorm.class);
        KerasLayer.registerCustomLayer("GroupNormalization", KerasGroupNorm.class);
        KerasLayer.registerCustomLayer("RMSNormalization", KerasRmsNorm.class);
        KerasLayer.registerCustomLayer("UnitNormalization", KerasUnitNorm.class);
    }
}
