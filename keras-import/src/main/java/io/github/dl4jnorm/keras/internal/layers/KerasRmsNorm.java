package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.layer.RmsNorm;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** Keras' {@code RMSNormalization} as {@link RmsNorm}, over the last axes. */
public final class KerasRmsNorm extends KerasNormLayer {
    /** What Keras adds if its epsilon is None: that of its configuration, which files do not have, at its default. */
    private static final double EPSILON_OF_KERAS = 1e-7;

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasRmsNorm(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig);
    }

    @Override
    void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        int[] axes = axes(inputType);
        if (!areLast(inputType)) {
            throw new UnsupportedKerasConfigurationException(
                    who() + ": Keras multiplies scale with the last axes, whatever"
                            + " axes it normalizes; the last ones can be imported");
        }
        RmsNorm.Builder builder = new RmsNorm.Builder()
                .name(layerName)
                .dataFormat(dataFormat())
                .eps(settings.number("epsilon", settings.has("epsilon") ? EPSILON_OF_KERAS : 1e-6));
        if (!isDefault(inputType, axes)) {
            builder.axes(axes);
        }
        layer = builder.build();
        expect("scale", RmsNorm.GAMMA, sizesOf(inputType, axes));
    }
}
