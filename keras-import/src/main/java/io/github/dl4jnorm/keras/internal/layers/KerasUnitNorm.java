package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.layer.UnitNorm;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Keras' {@code UnitNormalization}, x/√max(Σx², 1e-12), as {@link UnitNorm}, x/√(Σx² + 1e-12), over any axes but the
 * batch. Both are the same to the digits of float but for vectors shorter than 1e-3; those of length 1e-6 differ most, by
 * a factor of √2.
 */
public final class KerasUnitNorm extends KerasNormLayer {
    /** Where Keras cuts the sum of squares off. */
    private static final double EPSILON = 1e-12;

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasUnitNorm(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig);
    }

    @Override
    void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        int[] axes = axes(inputType);
        UnitNorm.Builder builder =
                new UnitNorm.Builder().name(layerName).dataFormat(dataFormat()).eps(EPSILON);
        if (!isDefault(inputType, axes)) {
            builder.axes(axes);
        }
        layer = builder.build();
    }
}
