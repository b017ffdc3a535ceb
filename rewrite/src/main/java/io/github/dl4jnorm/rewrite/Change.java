package io.github.dl4jnorm.rewrite;

import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * What became of one layer.
 *
 * @param layer name of the layer, or its index if it has none
 * @param done whether it was changed; false if it was kept as it is
 * @param detail what to know about the change, or why there was none
 */
public record Change(String layer, boolean done, String detail) {

    /** What a layer is called here. */
    static String nameOf(Layer layer, int index) {
        return layer.getLayerName() == null ? "layer " + index : layer.getLayerName();
    }
}
