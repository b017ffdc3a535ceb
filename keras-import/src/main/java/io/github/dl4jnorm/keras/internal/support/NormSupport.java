package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.repaired;

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
                repaired("LayerNormalization", "this library's LayerNorm")
                        .any("axis", "epsilon", "center", "scale", "rms_scaling"),
                repaired("GroupNormalization", "this library's GroupNorm")
                        .any("groups", "axis", "epsilon", "center", "scale"),
                repaired("RMSNormalization", "this library's RmsNorm").any("axis", "epsilon"),
                repaired("UnitNormalization", "this library's UnitNorm").any("axis"));
    }

    private static LayerSupport batch(String className) {
        return repaired(className, "this library's BatchNorm")
                .any("axis", "momentum", "epsilon", "center", "scale", "synchronized")
                .any("fused", "mode", "renorm_clipping", "renorm_momentum", "virtual_batch_size", "adjustment")
                .any("renorm");
    }
}
