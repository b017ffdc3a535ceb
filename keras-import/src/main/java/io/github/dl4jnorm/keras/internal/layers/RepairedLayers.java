package io.github.dl4jnorm.keras.internal.layers;

import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;

/** Layers of DL4J's importer that it gets wrong in some models, mended; models name them where they are needed. */
public final class RepairedLayers {
    /** Stands for a {@code Dense} on images. */
    public static final String IMAGE_DENSE = "ImageDense";

    private static final Map<String, Class<? extends KerasLayer>> LAYERS = Map.of(
            "Dense",
            KerasSequenceDense.class,
            IMAGE_DENSE,
            KerasImageDense.class,
            "Flatten",
            KerasFlattening.class,
            "DepthwiseConv2D",
            KerasDepthwise.class,
            "UpSampling2D",
            KerasUpsampled.class,
            "Bidirectional",
            KerasBothWays.class);

    private RepairedLayers() {}

    /** Registers all of them with DL4J's importer under this library's names. */
    public static synchronized void register() {
        LAYERS.forEach((name, layer) -> KerasLayer.registerCustomLayer(OwnLayers.ownName(name), layer));
    }
}
