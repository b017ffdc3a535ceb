package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Keras' {@code GlobalAveragePooling2D} and {@code GlobalMaxPooling2D} with {@code keepdims}: pooling over a window of the
 * images' size. DL4J's global pooling would drop both axes.
 */
public final class KerasKeepDims extends KerasLayer {

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasKeepDims(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false);
        className = OwnName.kerasClass(className);
    }

    @Override
    public InputType getOutputType(InputType... inputTypes) throws UnsupportedKerasConfigurationException {
        String who = "Keras " + className + " \"" + layerName + "\"";
        if (inputTypes.length != 1
                || !(inputTypes[0] instanceof InputTypeConvolutional image)
                || image.getHeight() <= 0
                || image.getWidth() <= 0) {
            throw new UnsupportedKerasConfigurationException(
                    who + ": keepdims = true: expected images of a fixed size, got " + Arrays.toString(inputTypes));
        }
        int[] all = {(int) image.getHeight(), (int) image.getWidth()};
        layer = new SubsamplingLayer.Builder(className.contains("Max") ? PoolingType.MAX : PoolingType.AVG)
                .kernelSize(all)
                .stride(all)
                .convolutionMode(ConvolutionMode.Truncate)
                .dataFormat(image.getFormat())
                .name(layerName)
                .build();
        return layer.getOutputType(-1, image);
    }
}
