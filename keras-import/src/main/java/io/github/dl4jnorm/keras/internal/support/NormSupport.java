package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.refused;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.repaired;

import java.util.List;

/** Normalizations. */
final class NormSupport {
    private NormSupport() {}

    static List<LayerSupport> lines() {
        return List.of(
                repaired("BatchNormalization", "this library's BatchNorm")
                        .any("axis", "momentum", "epsilon", "center", "scale", "synchronized")
                        .any("fused", "mode", "renorm_clipping", "renorm_momentum", "virtual_batch_size", "adjustment")
                        .any("renorm"),
                repaired("LayerNormalization", "this library's LayerNorm")
                        .any("axis", "epsilon", "center", "scale", "rms_scaling"),
                repaired("UnitNormalization", "DL4J's L2NormalizeVertex").any("axis"),
                refused("GroupNormalization", "not imported yet"),
                refused("RMSNormalization", "not imported yet"));
    }
}
