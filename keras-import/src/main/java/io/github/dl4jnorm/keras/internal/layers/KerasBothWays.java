package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.wrappers.KerasBidirectional;
import org.jspecify.annotations.Nullable;

/** Keras' {@code Bidirectional}. DL4J's own importer forgets the length of the sequences behind it. */
public final class KerasBothWays extends KerasBidirectional {

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if DL4J cannot do the same
     */
    public KerasBothWays(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false, Map.of());
        className = OwnName.kerasClass(className);
    }

    @Override
    public InputType getOutputType(InputType... inputTypes) throws InvalidKerasConfigurationException {
        InputType type = super.getOutputType(inputTypes);
        return type instanceof InputTypeRecurrent out && inputTypes[0] instanceof InputTypeRecurrent in
                ? InputType.recurrent(out.getSize(), in.getTimeSeriesLength(), out.getFormat())
                : type;
    }
}
