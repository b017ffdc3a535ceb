package io.github.dl4jnorm.rewrite;

import java.util.List;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.jspecify.annotations.Nullable;

/** Layers with one layer inside. */
final class Wrappers {
    private Wrappers() {}

    /** The layer inside, or null if there is none. */
    static @Nullable Layer inner(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return frozen.getLayer();
        }
        return layer instanceof BaseWrapperLayer wrapper ? wrapper.getUnderlying() : null;
    }

    /** Another wrapper of the same kind and settings around a layer. */
    static Layer around(Layer inner, Layer wrapper) {
        if (wrapper instanceof FrozenLayer frozen) {
            FrozenLayer copy = new FrozenLayer(inner);
            copy.setLayerName(frozen.getLayerName());
            copy.setIDropout(frozen.getIDropout());
            if (frozen.getConstraints() != null) {
                // It hands them to the inner layer, which has its own.
                List<LayerConstraint> own = inner.getConstraints();
                copy.setConstraints(frozen.getConstraints());
                inner.setConstraints(own);
            }
            return copy;
        }
        BaseWrapperLayer copy = (BaseWrapperLayer) wrapper.clone();
        copy.setUnderlying(inner);
        return copy;
    }
}
