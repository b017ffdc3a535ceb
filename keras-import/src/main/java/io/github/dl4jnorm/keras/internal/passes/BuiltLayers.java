package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.KerasScaleShift;
import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.Map;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.KerasLoss;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
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
            if (function != null && unwrapped(layer) instanceof BaseLayer built) {
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
            Layer built = unwrapped(layer);
            if (built != null && built.getIDropout() instanceof Dropout dropout && dropout.getP() == 1) {
                built.setIDropout(null);
            }
        }
    }

    private static Layer unwrapped(KerasLayer layer) {
        return layer.getLayer() instanceof TimeDistributed wrapper ? wrapper.getUnderlying() : layer.getLayer();
    }

    /**
     * Refuses what DL4J would not train alike, and makes the loss that it takes for Keras' mean squared error, the sum of
     * squares, the mean.
     *
     * @param model a model with its training configuration
     * @throws UnsupportedKerasConfigurationException if a layer with weights is not trained in Keras, or a loss is one of
     *     sequences or images, or a mean of which DL4J has the sum
     */
    public static void checkTraining(KerasModel model) throws UnsupportedKerasConfigurationException {
        for (KerasLayer layer : model.getLayersOrdered()) {
            if (layer instanceof KerasLoss) {
                checkLoss(model, layer);
            } else if (KerasScaleShift.LAYER_SCALE.equals(layer.getClassName())) {
                throw new UnsupportedKerasConfigurationException("Keras LayerScale \"" + layer.getLayerName()
                        + "\": its factors are constants in DL4J; import the model without its training configuration");
            } else if (layer.getNumParams() > 0 && !isTrained(layer)) {
                throw new UnsupportedKerasConfigurationException("Keras " + layer.getClassName() + " \""
                        + layer.getLayerName() + "\": trainable = false: DL4J would train it; import the model without"
                        + " its training configuration, and freeze the layer with DL4J's TransferLearning");
            }
        }
    }

    private static void checkLoss(KerasModel model, KerasLayer layer) throws UnsupportedKerasConfigurationException {
        InputType type = model.getOutputTypes().get(layer.getInboundLayerNames().get(0));
        if (!(layer.getLayer() instanceof LossLayer loss && type instanceof InputTypeFeedForward output)) {
            throw Training.refusal(
                    "loss", layer.getLayerName(), "Keras' is a mean over all steps, DL4J's a sum of " + type);
        }
        if (loss.getLossFn() instanceof LossL2) {
            loss.setLossFn(new LossMSE());
        } else if (loss.getLossFn() instanceof LossBinaryXENT && output.getSize() > 1) {
            throw Training.refusal(
                    "loss",
                    "binary_crossentropy",
                    "Keras' is the mean over the " + output.getSize() + " outputs, DL4J's the sum");
        }
    }

    private static boolean isTrained(KerasLayer layer) {
        Map<String, @Nullable Object> config = layer.getOriginalLayerConfig();
        Map<String, @Nullable Object> settings = config == null ? null : Json.object(config.get("config"));
        return settings == null || !Boolean.FALSE.equals(settings.get("trainable"));
    }
}
