package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.SDNorm;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The ops of {@link SDNorm} inside DL4J networks, as parts of a {@code SameDiffLayer}. */
@ExtendWith(InDouble.class)
class SameDiffLayerTest {

    /** What the layer does with its input and its two parameter vectors. */
    enum Op {
        LAYER_NORM((norm, x, scale, shift) -> norm.layerNorm("norm", x, scale, shift, 1e-5, 1)),
        BATCH_NORM_TRAINING((norm, x, scale, shift) -> norm.batchNormTraining("norm", x, scale, shift, 1e-5, 1)),
        SUM_NORM((norm, x, scale, shift) ->
                norm.sumNorm("norm", x, 0.1, 1).mul(perChannel(scale)).add(perChannel(shift))),
        GROUP_NORM((norm, x, scale, shift) -> norm.groupNorm("norm", x, 1, scale, shift, 1e-5, 1)),
        INSTANCE_NORM((norm, x, scale, shift) -> norm.instanceNorm("norm", x, scale, shift, 1e-5, 1)),
        RMS_NORM((norm, x, scale, shift) ->
                norm.rmsNorm("norm", x, scale, 1e-5, 1).add(perChannel(shift))),
        BATCH_NORM((norm, x, scale, shift) ->
                norm.batchNorm("norm", x, Kind.CHANNELS, 1).add(scale.sum()).add(shift.sum()));

        /** An op with parameters. */
        private interface Function {
            SDVariable apply(SDNorm norm, SDVariable x, SDVariable scale, SDVariable shift);
        }

        private final Function function;

        Op(Function function) {
            this.function = function;
        }

        SDVariable apply(SameDiff sd, SDVariable x, SDVariable scale, SDVariable shift) {
            return function.apply(new SDNorm(sd), x, scale, shift);
        }

        private static SDVariable perChannel(SDVariable vector) {
            return vector.reshape(1, Kind.CHANNELS, 1, 1);
        }
    }

    /**
     * An op on NCHW images.
     *
     * <p>Whatever is in a {@code SameDiffLayer} of DL4J M2.1, its gradients come out doubled: {@code
     * ExternalErrorsFunction} both sets the gradient of the output and returns it, and SameDiff adds the two. So that
     * the op can be checked, this layer halves the gradient it is given.
     */
    static final class OpLayer extends SameDiffLayer {
        private final Op op;

        OpLayer(Op op) {
            this.op = op;
        }

        @Override
        public SDVariable defineLayer(SameDiff sd, SDVariable x, Map<String, SDVariable> parameters, SDVariable mask) {
            return op.apply(sd, x, parameters.get("scale"), parameters.get("shift"));
        }

        @Override
        public void defineParameters(SDLayerParams parameters) {
            parameters.addWeightParam("scale", Kind.CHANNELS);
            parameters.addBiasParam("shift", Kind.CHANNELS);
        }

        @Override
        public void initializeParameters(Map<String, INDArray> parameters) {
            parameters.get("scale").assign(1);
            parameters.get("shift").assign(0);
        }

        @Override
        public InputType getOutputType(int layerIndex, InputType inputType) {
            return inputType;
        }

        @Override
        public Layer instantiate(
                NeuralNetConfiguration conf,
                Collection<TrainingListener> listeners,
                int index,
                INDArray parameters,
                boolean initialize,
                DataType type) {
            Layer layer = new UndoublingLayer(conf, type);
            layer.setIndex(index);
            layer.setParamsViewArray(parameters);
            layer.setParamTable(initializer().init(conf, parameters, initialize));
            layer.setConf(conf);
            return layer;
        }
    }

    private static final class UndoublingLayer extends org.deeplearning4j.nn.layers.samediff.SameDiffLayer {
        UndoublingLayer(NeuralNetConfiguration conf, DataType type) {
            super(conf, type);
        }

        @Override
        public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
            return super.backpropGradient(epsilon.mul(0.5), workspaceMgr);
        }
    }

    private static List<org.deeplearning4j.nn.conf.layers.Layer> layers(Op op) {
        Kind kind = Kind.CNN_NCHW;
        return List.of(kind.hidden(), new OpLayer(op), kind.hidden(), kind.output());
    }

    static Stream<Op> ops() {
        return Arrays.stream(Op.values()).filter(op -> op != Op.BATCH_NORM);
    }

    @ParameterizedTest
    @MethodSource("ops")
    void gradients(Op op) {
        for (Type type : Type.values()) {
            Model net = Networks.build(
                    type, Networks.configuration(DataType.DOUBLE), Kind.CNN_NCHW.inputType(), layers(op));
            Networks.perturbParameters(net);
            Gradients.assertAll(net, Kind.CNN_NCHW.data(type == Type.GRAPH ? Layout.F : Layout.C, 1));
        }
    }

    @Test
    void batchNormThatChoosesItsModeIsRefused() {
        MultiLayerNetwork net = Networks.multiLayer(
                Networks.configuration(DataType.DOUBLE), Kind.CNN_NCHW.inputType(), layers(Op.BATCH_NORM));
        UnsupportedOperationException e =
                assertThrows(UnsupportedOperationException.class, () -> net.fit(Kind.CNN_NCHW.data(Layout.C, 1)));
        assertTrue(
                e.getMessage()
                        .contains("inside a DL4J SameDiffLayer activations and gradients come from different graphs"),
                e.getMessage());
        assertTrue(e.getMessage().contains("io.github.dl4jnorm.layer.BatchNorm"), e.getMessage());
    }
}
