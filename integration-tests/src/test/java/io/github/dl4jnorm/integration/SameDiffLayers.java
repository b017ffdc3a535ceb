package io.github.dl4jnorm.integration;

import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** A small layer of each abstract SameDiff class of DL4J. */
final class SameDiffLayers {
    private SameDiffLayers() {}

    /** x·W + b. */
    static final class Affine extends SameDiffLayer {
        @JsonProperty
        private long nIn;

        @JsonProperty
        private long nOut;

        Affine() {}

        Affine(long nIn, long nOut) {
            this.nIn = nIn;
            this.nOut = nOut;
        }

        @Override
        public InputType getOutputType(int index, InputType inputType) {
            return InputType.feedForward(nOut);
        }

        @Override
        public void defineParameters(SDLayerParams params) {
            params.addWeightParam("W", nIn, nOut);
            params.addBiasParam("b", 1, nOut);
        }

        @Override
        public void initializeParameters(Map<String, INDArray> params) {
            params.get("W").assign(0.5);
            params.get("b").assign(0);
        }

        @Override
        public SDVariable defineLayer(SameDiff sd, SDVariable input, Map<String, SDVariable> params, SDVariable mask) {
            return input.mmul(params.get("W")).add(params.get("b"));
        }
    }

    /** x². */
    static final class Squaring extends SameDiffLambdaLayer {
        @Override
        public SDVariable defineLayer(SameDiff sd, SDVariable input) {
            return input.mul(input);
        }

        @Override
        public InputType getOutputType(int index, InputType inputType) {
            return inputType;
        }
    }

    /** Mean squared error of x·W. */
    static final class SquaredError extends SameDiffOutputLayer {
        @JsonProperty
        private long nIn;

        @JsonProperty
        private long nOut;

        SquaredError() {}

        SquaredError(long nIn, long nOut) {
            this.nIn = nIn;
            this.nOut = nOut;
        }

        @Override
        public InputType getOutputType(int index, InputType inputType) {
            return InputType.feedForward(nOut);
        }

        @Override
        public void defineParameters(SDLayerParams params) {
            params.addWeightParam("W", nIn, nOut);
        }

        @Override
        public void initializeParameters(Map<String, INDArray> params) {
            params.get("W").assign(0.5);
        }

        @Override
        public SDVariable defineLayer(
                SameDiff sd, SDVariable input, SDVariable labels, Map<String, SDVariable> params) {
            SDVariable y = input.mmul("y", params.get("W"));
            SDVariable error = y.sub(labels);
            return error.mul(error).sum();
        }

        @Override
        public String activationsVertexName() {
            return "y";
        }
    }
}
