package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasUpsampling2D;
import org.jspecify.annotations.Nullable;

/** Keras' {@code UpSampling2D} behind the input. There DL4J's own importer takes it for one with its channels first. */
public final class KerasUpsampled extends KerasUpsampling2D {

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if DL4J cannot do the same
     */
    public KerasUpsampled(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false);
        className = OwnName.kerasClass(className);
        boolean channelsFirst = dimOrder == DimOrder.THEANO;
        getUpsampling2DLayer().setFormat(channelsFirst ? CNN2DFormat.NCHW : CNN2DFormat.NHWC);
    }
}
