package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

import io.github.dl4jnorm.keras.internal.layers.KerasBatchNorm;
import io.github.dl4jnorm.keras.internal.layers.KerasGroupNorm;
import io.github.dl4jnorm.keras.internal.layers.KerasLayerNorm;
import io.github.dl4jnorm.keras.internal.layers.KerasRmsNorm;
import io.github.dl4jnorm.keras.internal.layers.KerasUnitNorm;
import java.util.List;

/** Normalizations. */
final class NormSupport {
    private NormSupport() {}

    static List<LayerSupport> lines() {
        return List.of(
                batch("BatchNormalization"),
                batch("BatchNormalizationV1"),
                batch("BatchNormalizationV2"),
                batch("SyncBatchNormalization"),
                verified("LayerNormalization", "this library's LayerNorm")
                        .is(Kind.NORM)
                        .by(KerasLayerNorm.class)
                        .any("axis", "epsilon", "center", "scale", "rms_scaling"),
                verified("GroupNormalization", "this library's GroupNorm")
                        .is(Kind.NORM)
                        .by(KerasGroupNorm.class)
                        .any("groups", "axis", "epsilon", "center", "scale"),
                verified("RMSNormalization", "this library's RmsNorm")
                        .is(Kind.NORM)
                        .by(KerasRmsNorm.class)
                        .any("axis", "epsilon"),
                verified("UnitNormalization", "this library's UnitNorm")
                        .is(Kind.NORM)
                        .by(KerasUnitNorm.class)
                        .any("axis"));
    }

    /** TensorFlow's two classes of batch normalization, and that of several devices, compute the same in inference. */
    private static LayerSupport batch(String className) {
        return verified(className, "this library's BatchNorm")
                .is(Kind.BATCH_NORM)
                .by(KerasBatchNorm.class)
                .any("axis", "momentum", "epsilon", "center", "scale", "synchronized")
                .any("fused", "mode", "renorm_clipping", "renorm_momentum", "virtual_batch_size", "adjustment")
                .any("renorm");
    }
}
