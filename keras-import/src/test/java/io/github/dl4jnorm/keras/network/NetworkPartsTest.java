package io.github.dl4jnorm.keras.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.keras.network.KerasActivation.Function;
import io.github.dl4jnorm.layercheck.LayerCheck;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The gradients of what imported networks are made of. */
class NetworkPartsTest {

    @ParameterizedTest
    @EnumSource
    void derivativesOfActivations(Function function) {
        KerasActivation activation = new KerasActivation(function);
        INDArray x = Nd4j.linspace(DataType.DOUBLE, -4.95, 0.31, 33);
        double step = 1e-6;
        INDArray numeric = activation
                .getActivation(x.add(step), true)
                .sub(activation.getActivation(x.sub(step), true))
                .div(2 * step);
        INDArray analytic =
                activation.backprop(x.dup(), Nd4j.ones(DataType.DOUBLE, 33)).getFirst();
        for (int i = 0; i < 33; i++) {
            assertEquals(
                    numeric.getDouble(i), analytic.getDouble(i), 1e-7 * Math.max(1, Math.abs(numeric.getDouble(i))));
        }
        assertEquals(activation, new KerasActivation(function));
    }

    @Test
    void scaleShift() {
        LayerCheck.of(new ScaleShift(new double[] {0.5}, new double[] {2}, new double[] {-1}), InputType.feedForward(3))
                .batch(4)
                .seed(1)
                .run()
                .assertPassed();
        double[] each = {0.5, -1, 2};
        ScaleShift alongChannels = new ScaleShift(each, each, new double[] {1});
        LayerCheck.of(alongChannels, InputType.convolutional(2, 4, 3, CNN2DFormat.NHWC))
                .batch(4)
                .seed(2)
                .run()
                .assertPassed();
        assertNotEquals(alongChannels, new ScaleShift(each, each, each));
    }

    /** Squeeze and excitation: y = x·pool(x), whose gradient goes both ways. */
    @ParameterizedTest
    @EnumSource(names = {"Product", "Add", "Subtract", "Average"})
    void gradientsOfBroadcasts(Op op) {
        ComputationGraphConfiguration conf = new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .updater(new NoOp())
                .seed(4)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(2, 2)
                                .nOut(3)
                                .dataFormat(CNN2DFormat.NHWC)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("gelu", new ActivationLayer(new KerasActivation(Function.GELU)), "conv")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder(
                                        SubsamplingLayer.PoolingType.AVG, new int[] {3, 2}, new int[] {3, 2})
                                .dataFormat(CNN2DFormat.NHWC)
                                .build(),
                        "gelu")
                .addVertex("op", new BroadcastVertex(op), "gelu", "pool")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "op")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(4, 3, 2, CNN2DFormat.NHWC))
                .build();
        assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        Nd4j.getRandom().setSeed(5);
        DataSet data = new DataSet(Nd4j.rand(DataType.DOUBLE, 3, 4, 3, 2).subi(0.5), Nd4j.rand(DataType.DOUBLE, 3, 2));
        graph.setInput(0, data.getFeatures());
        graph.setLabel(0, data.getLabels());
        graph.computeGradientAndScore();
        // DL4J divides by the number of examples later on.
        INDArray analytic = graph.gradient().gradient().div(3);
        INDArray parameters = graph.params();
        double step = 1e-5;
        for (int i = 0; i < parameters.length(); i++) {
            double value = parameters.getDouble(i);
            parameters.putScalar(i, value + step);
            double above = graph.score(data);
            parameters.putScalar(i, value - step);
            double below = graph.score(data);
            parameters.putScalar(i, value);
            assertEquals((above - below) / (2 * step), analytic.getDouble(i), 1e-8);
        }
    }

    @Test
    void broadcastsOfOtherSizes() {
        BroadcastVertex vertex = new BroadcastVertex(Op.Product);
        InputType image = InputType.convolutional(4, 5, 3, CNN2DFormat.NHWC);
        assertEquals(image, vertex.getOutputType(0, InputType.convolutional(1, 5, 1, CNN2DFormat.NHWC), image));
        assertThrows(
                InvalidInputTypeException.class,
                () -> vertex.getOutputType(0, image, InputType.convolutional(2, 5, 3, CNN2DFormat.NHWC)));
        assertThrows(
                InvalidInputTypeException.class,
                () -> vertex.getOutputType(0, image, InputType.convolutional(4, 5, 3, CNN2DFormat.NCHW)));
        assertThrows(InvalidInputTypeException.class, () -> vertex.getOutputType(0, image, InputType.feedForward(3)));
    }
}
