package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.internal.engine.RunningVariance;
import io.github.dl4jnorm.layer.BatchNorm;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keras' {@code BatchNormalization} as {@link BatchNorm}, on any one axis. Keras' momentum is the decay. Without
 * {@code scale} or {@code center}, γ = 1 or β = 0 are locked. A moving variance below −ε is refused; published models
 * have slightly negative ones above it, which are taken as they are.
 */
public final class KerasBatchNorm extends KerasNormLayer {

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasBatchNorm(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig);
    }

    @Override
    void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        settings.refuse("renorm", "batch renormalization has other statistics");
        settings.refuse("virtual_batch_size", "its statistics are of parts of a batch");
        settings.refuse("adjustment", "it changes the activations at random");
        settings.refuse("mode", "Keras 1 normalizes per example with 1, and with the batch's statistics with 2");
        int axis = oneAxis(inputType);
        BatchNorm.Builder builder = new BatchNorm.Builder()
                .name(layerName)
                .dataFormat(dataFormat())
                .decay(settings.number("momentum", 0.99))
                .eps(settings.number("epsilon", 1e-3))
                .lockGamma(!settings.flag("scale", true))
                .lockBeta(!settings.flag("center", true));
        if (!isDefault(inputType, axis)) {
            builder.axis(axis);
        }
        layer = builder.regularizeGammaBeta(penalize(builder)).build();
        long size = sizesOf(inputType, axis)[0];
        expectGammaAndBeta(size);
        expect(conf.getLAYER_FIELD_BATCHNORMALIZATION_MOVING_MEAN(), BatchNorm.MEAN, size);
        // Keras 1 calls it running_std, but it is the variance.
        expect(conf.getLAYER_FIELD_BATCHNORMALIZATION_MOVING_VARIANCE(), BatchNorm.VARIANCE, size);
    }

    @Override
    void check(String parameter, INDArray value) throws InvalidKerasConfigurationException {
        if (parameter.equals(BatchNorm.VARIANCE)) {
            double eps = ((BatchNorm) layer).getEps();
            Optional<String> problem = RunningVariance.problem(value, eps, value.dataType());
            if (problem.isPresent()) {
                throw new InvalidKerasConfigurationException(who() + ": " + problem.get());
            }
        }
    }
}
