package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.network.BroadcastVertex;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.core.KerasMerge;
import org.jspecify.annotations.Nullable;

/**
 * Keras' {@code Add}, {@code Subtract}, {@code Multiply}, {@code Average} and {@code Maximum} as DL4J's, and of images of
 * different sizes, where one of them is 1, as {@link BroadcastVertex}.
 */
public final class KerasElementWise extends KerasMerge {
    private static final Map<String, Op> OPS = Map.of(
            "Add", Op.Add,
            "Subtract", Op.Subtract,
            "Multiply", Op.Product,
            "Average", Op.Average,
            "Maximum", Op.Max);

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasElementWise(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, op(OwnName.kerasClass(String.valueOf(layerConfig.get("class_name")))), false);
        className = OwnName.kerasClass(className);
    }

    @Override
    public InputType getOutputType(InputType... inputTypes) {
        boolean images = Arrays.stream(inputTypes).allMatch(InputTypeConvolutional.class::isInstance);
        if (images && Arrays.stream(inputTypes).distinct().count() > 1) {
            vertex = new BroadcastVertex(op(className));
        }
        return super.getOutputType(inputTypes);
    }

    private static Op op(String kerasClass) {
        return Objects.requireNonNull(OPS.get(kerasClass), kerasClass);
    }
}
