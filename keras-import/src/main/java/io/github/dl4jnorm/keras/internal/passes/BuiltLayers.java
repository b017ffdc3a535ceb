package io.github.dl4jnorm.keras.internal.passes;

import java.util.Map;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/** What is changed in the layers that DL4J's importer built, before a network is made of them. */
public final class BuiltLayers {
    private BuiltLayers() {}

    /**
     * Sets activation functions that the importer was not told of.
     *
     * @param layers the layers
     * @param functions by the name of a layer
     */
    public static void setActivations(Iterable<KerasLayer> layers, Map<String, IActivation> functions) {
        for (KerasLayer layer : layers) {
            IActivation function = functions.get(layer.getLayerName());
            if (function != null && layer.getLayer() instanceof BaseLayer built) {
                built.setActivationFn(function);
            } else if (function != null) {
                ((ActivationLayer) layer.getLayer()).setActivationFn(function);
            }
        }
    }

    /**
     * Takes out dropouts that drop nothing. DL4J gives every layer one, which fails in training behind channels-last
     * images.
     *
     * @param layers the layers
     */
    public static void dropIdleDropouts(Iterable<KerasLayer> layers) {
        for (KerasLayer layer : layers) {
            if (layer.getLayer() != null
                    && layer.getLayer().getIDropout() instanceof Dropout dropout
                    && dropout.getP() == 1) {
                layer.getLayer().setIDropout(null);
            }
        }
    }

    /**
     * Makes the loss that DL4J takes for Keras' mean squared error, the sum of squares, the mean.
     *
     * @param layers the layers
     */
    public static void meanSquares(Iterable<KerasLayer> layers) {
        for (KerasLayer layer : layers) {
            if (layer.getLayer() instanceof LossLayer loss && loss.getLossFn().getClass() == LossL2.class) {
                loss.setLossFn(new LossMSE());
            }
        }
    }
}
