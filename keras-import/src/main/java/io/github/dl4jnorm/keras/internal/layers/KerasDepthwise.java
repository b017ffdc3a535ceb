package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.config.Keras2LayerConfiguration;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasDepthwiseConvolution2D;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasLayerUtils;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keras' {@code DepthwiseConv2D} anywhere. DL4J's own importer looks for the number of channels in the layers before it,
 * and finds them only right behind a convolution.
 */
public final class KerasDepthwise extends KerasDepthwiseConvolution2D {
    /** A setting: the number of channels that go in. */
    public static final String CHANNELS = "dl4jnorm_channels";

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if DL4J cannot do the same
     */
    public KerasDepthwise(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, before(layerConfig), stranger(layerConfig), false);
        className = OwnName.kerasClass(className);
        getInboundLayerNames().remove(CHANNELS);
    }

    /**
     * Takes the weights, also those of a {@code Conv2D} with a group for each channel: [height, width, 1, filters].
     *
     * @param weights weights by Keras' names
     * @throws InvalidKerasConfigurationException if one is missing
     */
    @Override
    public void setWeights(Map<String, INDArray> weights) throws InvalidKerasConfigurationException {
        Map<String, INDArray> named = new HashMap<>(weights);
        INDArray kernel = named.remove("kernel");
        if (kernel != null) {
            long channels = getDepthwiseConvolution2DLayer().getNIn();
            named.put(
                    "depthwise_kernel",
                    kernel.size(2) == 1 && channels > 1
                            ? kernel.dup('c').reshape('c', kernel.size(0), kernel.size(1), channels, -1)
                            : kernel);
        }
        super.setWeights(named);
    }

    /** Layers that may be before it, each with as many channels as there are. */
    private static Map<String, KerasLayer> before(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        Keras2LayerConfiguration names = new Keras2LayerConfiguration();
        Object channels = KerasLayerUtils.getInnerLayerConfigFromConfig(layerConfig, names)
                .get(CHANNELS);
        Map<String, KerasLayer> layers = new HashMap<>();
        layers.put(CHANNELS, new Channels((Integer) Objects.requireNonNull(channels, CHANNELS)));
        for (String name : KerasLayerUtils.getInboundLayerNamesFromConfig(layerConfig, names)) {
            layers.put(name, layers.get(CHANNELS));
        }
        return layers;
    }

    /** The name of the layer before it, if the configuration has none: that of a sequential model does not. */
    private static List<String> stranger(Map<String, @Nullable Object> layerConfig) {
        return KerasLayerUtils.getInboundLayerNamesFromConfig(layerConfig, new Keras2LayerConfiguration())
                        .isEmpty()
                ? List.of(CHANNELS)
                : List.of();
    }

    /** A layer with a number of outputs. */
    private static final class Channels extends KerasLayer {
        Channels(int number) throws UnsupportedKerasConfigurationException {
            super(2);
            layer = new DenseLayer.Builder().nOut(number).build();
        }
    }
}
