package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.layer.UnitNorm;
import java.lang.module.ModuleDescriptor.Version;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Keras' {@code UnitNormalization} as {@link UnitNorm}, over any axes but the batch. It is x/√max(Σx², 1e-12) up to Keras
 * 3.5, and since 3.6 x/max(‖x‖, 1e-12), where ε is the root of what it is here.
 */
public final class KerasUnitNorm extends KerasNormLayer {
    /** The least that Σx² counts as, in Keras up to 3.5; no setting. */
    private static final double EPSILON = 1e-12;

    /** The same since Keras 3.6, where 1e-12 is the least that ‖x‖ counts as. */
    private static final double EPSILON_OF_NORM = EPSILON * EPSILON;

    private static final Version OF_NORM = Version.parse("3.6");

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
                new UnitNorm.Builder().name(layerName).dataFormat(dataFormat()).eps(eps(settings));
        if (!isDefault(inputType, axes)) {
            builder.axes(axes);
        }
        layer = builder.build();
    }

    /** A file of Keras 3 that does not say which counts as new. DL4J's own importer does not say, and reads old files. */
    private static double eps(LayerSettings settings) {
        String version = settings.text(KERAS_VERSION);
        boolean ofNorm = version != null
                && (version.equals("3") || Version.parse(version).compareTo(OF_NORM) >= 0);
        return ofNorm ? EPSILON_OF_NORM : EPSILON;
    }
}
