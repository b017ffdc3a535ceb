package io.github.dl4jnorm.layercheck;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.preprocessor.BaseInputPreProcessor;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Makes [N, D] of activations of one shape, so that one loss serves all layers. */
final class Flattening extends BaseInputPreProcessor {
    private static final long serialVersionUID = 1;

    @JsonProperty("shape")
    private final long[] shape;

    /**
     * For activations of a shape.
     *
     * @param shape shape, with the number of examples first
     */
    @JsonCreator
    Flattening(@JsonProperty("shape") long... shape) {
        this.shape = shape;
    }

    /** D. */
    long size() {
        return Comparisons.length(shape) / shape[0];
    }

    @Override
    public INDArray preProcess(INDArray input, int miniBatchSize, LayerWorkspaceMgr workspaceMgr) {
        return workspaceMgr.dup(ArrayType.ACTIVATIONS, input, 'c').reshape('c', shape[0], size());
    }

    @Override
    public INDArray backprop(INDArray output, int miniBatchSize, LayerWorkspaceMgr workspaceMgr) {
        return workspaceMgr.dup(ArrayType.ACTIVATION_GRAD, output, 'c').reshape('c', shape);
    }

    @Override
    public InputType getOutputType(InputType inputType) {
        return InputType.feedForward(size());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Flattening that && Arrays.equals(shape, that.shape);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(shape);
    }
}
