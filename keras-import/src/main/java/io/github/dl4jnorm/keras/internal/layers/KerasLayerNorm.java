package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.layer.LayerNorm;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** Keras' {@code LayerNormalization} as {@link LayerNorm}, over any axes but the batch. */
public final class KerasLayerNorm extends KerasNormLayer {

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasLayerNorm(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig);
    }

    @Override
    void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        settings.refuse(
                "rms_scaling",
                "it divides by √(variance + ε) without subtracting the mean, which is no RMSNorm; RMSNormalization can be"
                        + " imported");
        int[] axes = axes(inputType);
        LayerNorm.Builder builder = new LayerNorm.Builder()
                .name(layerName)
                .dataFormat(dataFormat())
                .eps(settings.number("epsilon", 1e-3))
                .lockGamma(!settings.flag("scale", true))
                .lockBeta(!settings.flag("center", true));
        if (!isDefault(inputType, axes)) {
            builder.axes(axes);
        }
        layer = builder.regularizeGammaBeta(penalize(builder)).build();
        expectGammaAndBeta(sizesOf(inputType, axes));
    }
}
