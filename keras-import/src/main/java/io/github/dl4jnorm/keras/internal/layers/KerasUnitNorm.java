package io.github.dl4jnorm.keras.internal.layers;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/**
 * Keras' {@code UnitNormalization}, x/√max(Σx², 1e-12), as DL4J's {@link L2NormalizeVertex} over all axes but the batch;
 * no layer of this library divides by that norm. Other axes are refused: the vertex computes something else for them.
 */
public final class KerasUnitNorm extends KerasNormLayer {
    /** √1e-12, where Keras cuts the norm off. */
    private static final double SMALLEST_NORM = 1e-6;

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasUnitNorm(Map<String, Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig);
    }

    @Override
    void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        int[] axes = axes(-1, inputType);
        if (axes.length < inputType.getShape(true).length - 1) {
            throw new UnsupportedKerasConfigurationException(
                    who() + ": DL4J can divide by the L2 norm over all axes of "
                            + "an example only, not over axes " + Arrays.toString(axes) + " of " + inputType
                            + "; in Keras, use a LayerNormalization, or a Lambda layer that is registered with DL4J");
        }
        vertex = new L2NormalizeVertex(axes, SMALLEST_NORM);
    }
}
