package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

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
                        .any("axis", "epsilon", "center", "scale", "rms_scaling"),
                verified("GroupNormalization", "this library's GroupNorm")
                        .any("groups", "axis", "epsilon", "center", "scale"),
                verified("RMSNormalization", "this library's RmsNorm").any("axis", "epsilon"),
                verified("UnitNormalization", "this library's UnitNorm").any("axis"));
    }

    private static LayerSupport batch(String className) {
        return verified(className, "this library's BatchNorm")
                .any("axis", "momentum", "epsilon", "center", "scale", "synchronized")
                .any("fused", "mode", "renorm_clipping", "renorm_momentum", "virtual_batch_size", "adjustment")
                .any("renorm");
    }
}
