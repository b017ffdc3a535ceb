package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.layer.GroupNorm;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Keras' {@code GroupNormalization} as {@link GroupNorm}, on any one axis. Keras writes -1 for as many groups as channels,
 * which is instance normalization.
 */
public final class KerasGroupNorm extends KerasNormLayer {
    private static final int ONE_PER_CHANNEL = -1;

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasGroupNorm(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig);
    }

    @Override
    void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        int axis = oneAxis(inputType);
        refuseFoldedTime(inputType);
        long size = sizesOf(inputType, axis)[0];
        int groups = settings.whole("groups", 32);
        GroupNorm.Builder builder = new GroupNorm.Builder()
                .name(layerName)
                .dataFormat(dataFormat())
                .groups(groups == ONE_PER_CHANNEL ? Math.toIntExact(size) : groups)
                .eps(settings.number("epsilon", 1e-3))
                .lockGamma(!settings.flag("scale", true))
                .lockBeta(!settings.flag("center", true));
        if (!isDefault(inputType, axis)) {
            builder.axis(axis);
        }
        layer = builder.regularizeGammaBeta(penalize(builder)).build();
        expectGammaAndBeta(size);
    }
}
