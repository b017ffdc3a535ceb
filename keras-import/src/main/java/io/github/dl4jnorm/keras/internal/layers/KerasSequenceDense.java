package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import java.util.Map;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.core.KerasDense;
import org.jspecify.annotations.Nullable;

/** Keras' {@code Dense} on sequences [N, T, C]: at each time step. DL4J's own importer makes [N·T, C] of them. */
public final class KerasSequenceDense extends KerasDense {

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if DL4J cannot do the same
     */
    public KerasSequenceDense(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false);
        className = OwnName.kerasClass(className);
        layer = new TimeDistributed(layer, RNNFormat.NWC);
        layer.setLayerName(layerName);
    }

    @Override
    public @Nullable InputPreProcessor getInputPreprocessor(InputType... inputTypes) {
        return null;
    }

    @Override
    public InputType getOutputType(InputType... inputTypes) throws InvalidKerasConfigurationException {
        if (!(inputTypes[0] instanceof InputTypeRecurrent sequences) || sequences.getFormat() != RNNFormat.NWC) {
            throw new InvalidKerasConfigurationException("Keras Dense \"" + layerName
                    + "\": expected sequences [N, T, C], got " + inputTypes[0] + "; use channels_last in Keras");
        }
        layer.setNIn(sequences, false);
        return layer.getOutputType(-1, sequences);
    }
}
