package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.layer.LayerNorm;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/** Keras' {@code LayerNormalization} as {@link LayerNorm}, over any axes but the batch. */
public final class KerasLayerNorm extends KerasNormLayer {

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasLayerNorm(Map<String, Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig);
    }

    @Override
    void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        settings.refuse("rms_scaling", "it does not subtract the mean (RMSNorm)");
        int[] axes = axes(-1, inputType);
        boolean scale = settings.flag("scale", true);
        boolean center = settings.flag("center", true);
        LayerNorm.Builder builder = new LayerNorm.Builder()
                .name(layerName)
                .dataFormat(dataFormat(inputType))
                .eps(settings.number("epsilon", 1e-3))
                .lockGamma(!scale)
                .lockBeta(!center);
        if (axes.length > 1 || axes[0] != channelAxis(inputType)) {
            builder.axes(axes);
        }
        layer = builder.regularizeGammaBeta(penalize(builder)).build();
        // Keras keeps gamma and beta in the order of the activations' axes, whatever the order of its list.
        if (scale) {
            expect("gamma", LayerNorm.GAMMA, sizeOf(inputType, axes));
        }
        if (center) {
            expect("beta", LayerNorm.BETA, sizeOf(inputType, axes));
        }
    }
}
