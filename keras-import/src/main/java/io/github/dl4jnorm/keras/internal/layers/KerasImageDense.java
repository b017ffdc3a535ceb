package io.github.dl4jnorm.keras.internal.layers;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasConvolution2D;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keras' {@code Dense} on images [N, H, W, C] as a convolution with a kernel of 1. DL4J's own importer flattens the
 * images.
 */
public final class KerasImageDense extends KerasConvolution2D {
    /** What it is registered for, because a {@code Dense} of sequences is another layer. */
    public static final String NAME = "ImageDense";

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if DL4J cannot do the same
     */
    public KerasImageDense(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false);
        className = "Dense";
    }

    @Override
    public void setWeights(Map<String, INDArray> weights) throws InvalidKerasConfigurationException {
        Map<String, INDArray> asConvolution = new HashMap<>(weights);
        asConvolution.computeIfPresent(
                "kernel", (name, kernel) -> kernel.reshape(1, 1, kernel.size(0), kernel.size(1)));
        super.setWeights(asConvolution);
    }
}
