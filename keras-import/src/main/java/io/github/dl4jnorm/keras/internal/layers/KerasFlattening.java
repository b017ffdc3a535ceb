package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.core.KerasFlatten;
import org.deeplearning4j.nn.modelimport.keras.preprocessors.TensorFlowCnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasLayerUtils;
import org.jspecify.annotations.Nullable;

/**
 * Keras' {@code Flatten} of images and volumes: in the order of their axes. DL4J's own importer takes the setting
 * {@code data_format} for that of the images, which it is not, and mistakes volumes.
 */
public final class KerasFlattening extends KerasFlatten {
    /** A setting: whether the channels of what goes in come first. */
    public static final String CHANNELS_FIRST = "dl4jnorm_channels_first";

    /** A setting: whether the channels are moved from first to last in front. */
    public static final String MOVES_CHANNELS = "dl4jnorm_moves_channels";

    private final boolean channelsFirst;
    private final boolean movesChannels;

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if DL4J cannot do the same
     */
    public KerasFlattening(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false);
        className = OwnName.kerasClass(className);
        Map<String, @Nullable Object> settings = KerasLayerUtils.getInnerLayerConfigFromConfig(layerConfig, conf);
        channelsFirst = Boolean.TRUE.equals(settings.get(CHANNELS_FIRST));
        movesChannels = Boolean.TRUE.equals(settings.get(MOVES_CHANNELS));
    }

    @Override
    @SuppressWarnings("deprecation") // the only preprocessor of DL4J that moves the channels
    public InputPreProcessor getInputPreprocessor(InputType... inputTypes) throws InvalidKerasConfigurationException {
        InputType type = inputTypes[0];
        if (type instanceof InputTypeConvolutional images && movesChannels) {
            return new TensorFlowCnnToFeedForwardPreProcessor(
                    images.getHeight(), images.getWidth(), images.getChannels());
        }
        if (type instanceof InputTypeConvolutional images) {
            return new CnnToFeedForwardPreProcessor(
                    images.getHeight(),
                    images.getWidth(),
                    images.getChannels(),
                    channelsFirst ? CNN2DFormat.NCHW : CNN2DFormat.NHWC);
        }
        if (type instanceof InputTypeConvolutional3D volumes) {
            return new Cnn3DToFeedForwardPreProcessor(
                    volumes.getDepth(), volumes.getHeight(), volumes.getWidth(), volumes.getChannels(), channelsFirst);
        }
        return super.getInputPreprocessor(inputTypes);
    }
}
