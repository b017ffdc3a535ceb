package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.refused;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

import io.github.dl4jnorm.keras.internal.layers.KerasKeepDims;
import java.util.ArrayList;
import java.util.List;

/** Pooling. */
final class PoolingSupport {
    private static final String NOT_KNOWN =
            "DL4J's importer has no pooling over volumes; use a pooling of their size and a Flatten";

    private PoolingSupport() {}

    static List<LayerSupport> lines() {
        List<LayerSupport> lines = new ArrayList<>();
        for (int spatial = 1; spatial <= 3; spatial++) {
            lines.add(pooling("MaxPooling" + spatial + "D", spatial));
            lines.add(
                    spatial == 1
                            ? refused(
                                            "AveragePooling1D",
                                            "DL4J's gives other numbers; use a MaxPooling1D or an AveragePooling2D")
                                    .shape(SpatialShapes.pooling(1))
                            : pooling("AveragePooling" + spatial + "D", spatial));
            if (spatial == 3) {
                lines.add(refused("GlobalMaxPooling3D", NOT_KNOWN).shape(SpatialShapes.global(3)));
                lines.add(refused("GlobalAveragePooling3D", NOT_KNOWN).shape(SpatialShapes.global(3)));
                continue;
            }
            lines.add(global("GlobalMaxPooling" + spatial + "D", spatial));
            lines.add(global("GlobalAveragePooling" + spatial + "D", spatial));
        }
        return lines;
    }

    private static LayerSupport pooling(String className, int spatial) {
        String becomes = spatial == 2 ? "SubsamplingLayer" : "Subsampling" + spatial + "DLayer";
        return verified(className, becomes)
                .shape(SpatialShapes.pooling(spatial))
                .any("pool_size", "strides")
                .only("padding", "valid", "same")
                .only("data_format", "channels_last", "channels_first");
    }

    private static LayerSupport global(String className, int spatial) {
        LayerSupport line = verified(className, "GlobalPoolingLayer")
                .is(Kind.GLOBAL_POOLING)
                .shape(SpatialShapes.global(spatial))
                .only("data_format", "channels_last", "channels_first");
        return spatial == 2
                ? line.only("keepdims", false, true).by(KerasKeepDims.class)
                : line.off("keepdims", "DL4J drops the axes that are pooled; use keepdims=False and a Reshape");
    }
}
