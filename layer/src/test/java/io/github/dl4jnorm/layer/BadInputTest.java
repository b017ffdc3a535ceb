package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Each mistake is named: which layer, what came, what was expected. */
class BadInputTest {
    private static final InputType IMAGES = InputType.convolutional(4, 5, 3, CNN2DFormat.NCHW);
    private static final InputType SERIES = InputType.recurrent(3, 4, RNNFormat.NCW);

    private record Mistake(Class<? extends Exception> type, String message, Executable action) {
        @Override
        public String toString() {
            return message;
        }
    }

    private static Mistake argument(String message, Executable action) {
        return new Mistake(IllegalArgumentException.class, message, action);
    }

    private static Mistake config(String message, Executable action) {
        return new Mistake(DL4JInvalidConfigException.class, message, action);
    }

    private static Mistake input(String message, Executable action) {
        return new Mistake(DL4JInvalidInputException.class, message, action);
    }

    private static BatchNorm.Builder batch() {
        return new BatchNorm.Builder().name("norm");
    }

    private static LayerNorm.Builder layer() {
        return new LayerNorm.Builder().name("norm");
    }

    private static GroupNorm.Builder group() {
        return new GroupNorm.Builder().name("norm");
    }

    private static InstanceNorm.Builder instance() {
        return new InstanceNorm.Builder().name("norm");
    }

    private static RmsNorm.Builder rms() {
        return new RmsNorm.Builder().name("norm");
    }

    private static UnitNorm.Builder unit() {
        return new UnitNorm.Builder().name("norm");
    }

    private static SumNorm.Builder sum() {
        return new SumNorm.Builder().name("norm");
    }

    static Stream<Mistake> whenBuilt() {
        DataFormat unknown = new DataFormat() {
            @Override
            public String toString() {
                return "WHAT";
            }
        };
        return Stream.of(
                argument("BatchNorm \"norm\": expected eps >= 0, got -1.0", () -> batch().eps(-1)
                        .build()),
                argument("LayerNorm \"norm\": expected eps > 0, got 0.0", () -> layer().eps(0)
                        .build()),
                argument(
                        "BatchNorm: expected eps >= 0, got NaN",
                        () -> new BatchNorm.Builder().eps(Double.NaN).build()),
                argument("LayerNorm \"norm\": expected eps > 0, got -1.0", () -> layer().eps(-1)
                        .build()),
                argument("SumNorm \"norm\": expected eps >= 0, got -1.0", () -> sum().eps(-1)
                        .build()),
                argument("GroupNorm \"norm\": expected eps > 0, got 0.0", () -> group().eps(0)
                        .build()),
                argument(
                        "InstanceNorm \"norm\": expected eps > 0, got 0.0",
                        () -> instance().eps(0).build()),
                argument("RmsNorm \"norm\": expected eps > 0, got 0.0", () -> rms().eps(0)
                        .build()),
                argument("UnitNorm \"norm\": expected eps > 0, got 0.0", () -> unit().eps(0)
                        .build()),
                config("GroupNorm \"norm\": expected groups > 0, got 0", () -> group().groups(0)
                        .build()),
                config(
                        "GroupNorm \"norm\": expected a number of groups that divides the 6 channels, got 4",
                        () -> group().groups(4).nIn(6).build()),
                config(
                        "UnitNorm \"norm\": does not apply an activation; use an ActivationLayer after it",
                        () -> unit().activation(Activation.RELU).build()),
                config(
                        "RmsNorm \"norm\": does not apply an activation but RELU and IDENTITY, got tanh; use an"
                                + " ActivationLayer after it",
                        () -> rms().activation(Activation.TANH).build()),
                argument("BatchNorm \"norm\": expected decay in [0, 1], got 1.5", () -> batch().decay(1.5)
                        .build()),
                argument("BatchNorm \"norm\": expected decay in [0, 1], got NaN", () -> batch().decay(Double.NaN)
                        .build()),
                config(
                        "BatchNorm \"norm\": expected nOut = nIn > 0, got nIn 3, nOut 4",
                        () -> batch().nIn(3).nOut(4).build()),
                config(
                        "BatchNorm \"norm\": does not apply an activation but RELU and IDENTITY, got tanh; use an"
                                + " ActivationLayer after it",
                        () -> batch().activation(Activation.TANH).build()),
                config(
                        "LayerNorm \"norm\": does not apply an activation but RELU and IDENTITY, got relu; use an"
                                + " ActivationLayer after it",
                        () -> layer().activation(new ActivationReLU(6.0, null, null))
                                .build()),
                config(
                        "SumNorm \"norm\": does not apply an activation; use an ActivationLayer after it",
                        () -> sum().activation(Activation.RELU).build()),
                config(
                        "LayerNorm \"norm\": does not apply dropout; use a DropoutLayer before it",
                        () -> layer().dropOut(0.5).build()),
                config(
                        "SumNorm \"norm\": does not apply weight noise; use weight noise in other layers",
                        () -> sum().weightNoise(new DropConnect(0.5)).build()),
                argument(
                        "expected a data format of RNNFormat, CNN2DFormat or Convolution3D.DataFormat, got WHAT",
                        () -> batch().dataFormat(unknown)));
    }

    static Stream<Mistake> whenTheInputTypeIsKnown() {
        return Stream.of(
                config("BatchNorm \"norm\": expected an input type, got null", () -> batch().build()
                        .setNIn(null, true)),
                argument(
                        "GroupNorm \"norm\": expected a number of groups that divides the 3 channels on axis 1, got 2"
                                + " (shape [-1, 3, 4, 5])",
                        () -> group().groups(2).build().setNIn(IMAGES, true)),
                config("GroupNorm \"norm\": expected a number of groups that divides the 6 channels, got 4", () -> {
                    GroupNorm layer = group().groups(4).build();
                    layer.setNIn(6);
                    network(layer);
                }),
                config(
                        "InstanceNorm \"norm\": feed-forward activations, of shape [-1, 3], have one value per example"
                                + " and channel; there is nothing to normalize over",
                        () -> instance().build().setNIn(InputType.feedForward(3), true)),
                config("LayerNorm \"norm\": expected an input type, got null", () -> layer().build()
                        .getOutputType(0, null)),
                config(
                        "SumNorm \"norm\": data format NWC does not fit input type"
                                + " InputTypeConvolutional(h=4,w=5,c=3,NCHW)",
                        () -> sum().dataFormat(RNNFormat.NWC).build().setNIn(IMAGES, true)),
                config(
                        "BatchNorm \"norm\": flattened images become NCHW activations, but the data format was set to"
                                + " NHWC",
                        () -> batch().dataFormat(CNN2DFormat.NHWC)
                                .build()
                                .getPreProcessorForInputType(InputType.convolutionalFlat(4, 5, 3))),
                config(
                        "LayerNorm \"norm\": cannot use axis 0, the batch; axes [0, 1] of shape" + " [-1, 3, 4, 5]",
                        () -> layer().axes(0, 1).build().setNIn(IMAGES, true)),
                config(
                        "LayerNorm \"norm\": cannot use axis 0, the batch; axes [-4] of shape" + " [-1, 3, 4, 5]",
                        () -> layer().axes(-4).build().setNIn(IMAGES, true)),
                argument(
                        "LayerNorm \"norm\": axis 4 is out of range for rank 4 (shape [-1, 3, 4, 5])",
                        () -> layer().axes(4).build().setNIn(IMAGES, true)),
                argument(
                        "LayerNorm \"norm\": axis 1 is repeated in [1, -3] (shape [-1, 3, 4, 5])",
                        () -> layer().axes(1, -3).build().setNIn(IMAGES, true)),
                argument(
                        "LayerNorm \"norm\": expected at least one axis, got none",
                        () -> layer().axes().build().setNIn(IMAGES, true)),
                argument(
                        "GroupNorm \"norm\": expected a number of groups that divides the 5 channels on axis 3, got 2"
                                + " (shape [-1, 3, 4, 5])",
                        () -> group().groups(2).axis(3).build().setNIn(IMAGES, true)),
                config(
                        "GroupNorm \"norm\": cannot use axis 0, the batch; axes [0] of shape [-1, 3, 4, 5]",
                        () -> group().groups(1).axis(0).build().setNIn(IMAGES, true)),
                config("GroupNorm \"norm\": expected one axis, got [1, 2]", () -> {
                    GroupNorm layer = group().groups(1).axis(1).build();
                    layer.setAxes(new int[] {1, 2});
                    layer.setNIn(3);
                    network(layer);
                }),
                argument(
                        "SumNorm \"norm\": axis 3 is out of range for rank 3 (shape [-1, 3, 4])",
                        () -> sum().axes(3).build().setNIn(SERIES, true)),
                argument(
                        "SumNorm \"norm\": axis 2 is repeated in [2, 2] (shape [-1, 3, 4])",
                        () -> sum().axes(2, 2).build().setNIn(SERIES, true)),
                config(
                        "BatchNorm \"norm\": cannot use axis 0, the batch; axes [0] of shape [-1, 3, 4, 5]",
                        () -> batch().axis(0).build().setNIn(IMAGES, true)),
                config(
                        "BatchNorm \"norm\": the parameters need the sizes of axes [2], which"
                                + " InputTypeRecurrent(3,format=NCW) does not tell; give it a time series length",
                        () -> batch().axis(2).build().setNIn(InputType.recurrent(3), true)),
                config(
                        "LayerNorm \"norm\": the parameters need the sizes of axes [1, 2], which"
                                + " InputTypeRecurrent(3,format=NCW) does not tell; give it a time series length",
                        () -> layer().axes(1, 2).build().setNIn(InputType.recurrent(3), true)),
                config(
                        "BatchNorm \"norm\" (layer index 0): the size of gamma is not known; set the network's input"
                                + " type, or nIn",
                        () -> network(batch().build())),
                config(
                        "LayerNorm \"norm\" (layer index 0): the size of gamma is not known; set the network's input"
                                + " type, or nIn",
                        () -> network(layer().nIn(3).axes(1, 2).build())));
    }

    private static void network(FeedForwardLayer layer) {
        new MultiLayerNetwork(Scenario.base(DataType.FLOAT, new Sgd(1))
                        .list()
                        .layer(layer)
                        .build())
                .init();
    }

    static Stream<Mistake> whenActivationsArrive() {
        INDArray nan = Nd4j.valueArrayOf(new long[] {2, 3}, Double.NaN, DataType.FLOAT);
        return Stream.of(
                input(
                        "BatchNorm \"norm\" (layer index 3): expected activations of rank 2 or more, got shape [3]",
                        forward(batch(), Nd4j.rand(DataType.FLOAT, 3))),
                input(
                        "BatchNorm \"norm\" (layer index 3): expected activations of rank 4 for data format NHWC, got"
                                + " shape [2, 4, 3]",
                        forward(batch().dataFormat(CNN2DFormat.NHWC), Nd4j.rand(DataType.FLOAT, 2, 4, 3))),
                input(
                        "LayerNorm \"norm\" (layer index 3): expected 3 channels on axis 1, got shape [2, 4]",
                        forward(layer(), Nd4j.rand(DataType.FLOAT, 2, 4))),
                input(
                        "BatchNorm \"norm\" (layer index 3): expected 3 channels on axis 1 (data format NCHW), got"
                                + " shape [2, 4, 5, 3]; axis 3 has that size: set dataFormat(...) if the channels are"
                                + " there",
                        forward(batch().dataFormat(CNN2DFormat.NCHW), Nd4j.rand(DataType.FLOAT, 2, 4, 5, 3))),
                input(
                        "SumNorm \"norm\" (layer index 3): expected 3 channels on axis 2 (data format NWC), got shape"
                                + " [2, 3, 4]; axis 1 has that size: set dataFormat(...) if the channels are there",
                        forward(sum().dataFormat(RNNFormat.NWC), Nd4j.rand(DataType.FLOAT, 2, 3, 4))),
                argument(
                        "BatchNorm \"norm\" (layer index 3): expected a non-empty array, got shape [0, 3]",
                        forward(batch(), Nd4j.create(DataType.FLOAT, 0, 3))),
                argument(
                        "LayerNorm \"norm\" (layer index 3): expected a non-empty array, got shape [0, 3]",
                        forward(layer(), Nd4j.create(DataType.FLOAT, 0, 3))),
                argument(
                        "SumNorm \"norm\" (layer index 3): expected a non-empty array, got shape [0, 3]",
                        forward(sum(), Nd4j.create(DataType.FLOAT, 0, 3))),
                input(
                        "BatchNorm \"norm\" (layer index 3): expected activations of a floating point type, got INT",
                        forward(batch(), Nd4j.ones(DataType.INT32, 2, 3))),
                input(
                        "SumNorm \"norm\" (layer index 3): expected activations of a floating point type, got BOOL",
                        forward(sum(), Nd4j.ones(DataType.FLOAT, 2, 3).castTo(DataType.BOOL))),
                argument(
                        "SumNorm \"norm\" (layer index 3): axis 2 is out of range for rank 2 (shape [2, 3])",
                        forward(sum().axes(2), Nd4j.rand(DataType.FLOAT, 2, 3))),
                config(
                        "InstanceNorm \"norm\" (layer index 3): feed-forward activations, of shape [2, 3], have one value per example"
                                + " and channel; there is nothing to normalize over",
                        forward(instance(), Nd4j.rand(DataType.FLOAT, 2, 3))),
                argument(
                        "GroupNorm \"norm\" (layer index 3): expected a number of groups that divides the 3 channels on"
                                + " axis 1, got 2 (shape [2, 3])",
                        () -> {
                            GroupNorm layer =
                                    group().groups(2).lockGammaBeta(true).build();
                            new SingleLayer(layer, 0, DataType.FLOAT).forward(Nd4j.rand(DataType.FLOAT, 2, 3), true);
                        }),
                argument("BatchNorm \"norm\" (layer index 3): expected eps > 0, got 0.0", () -> {
                    SingleLayer layer = new SingleLayer(batch().eps(0).build(), 3, DataType.FLOAT);
                    layer.forward(Nd4j.rand(DataType.FLOAT, 2, 3), true);
                }),
                new Mistake(
                        ArithmeticException.class,
                        "SumNorm \"norm\" (layer index 3): the sum over axes [1] is zero at index [1] of axes [0];"
                                + " x/Σx is undefined there (a positive eps avoids it for x ≥ 0)",
                        forward(sum(), Nd4j.createFromArray(new float[][] {{1, 2, 3}, {1, -1, 0}}))),
                input(
                        "BatchNorm \"norm\" (layer index 3): expected a gradient of the shape of the activations,"
                                + " [2, 3], got [2, 4]",
                        () -> {
                            SingleLayer layer = new SingleLayer(batch().build(), 3, DataType.FLOAT);
                            layer.forward(nan, true);
                            layer.backward(Nd4j.rand(DataType.FLOAT, 2, 4));
                        }),
                input(
                        "LayerNorm \"norm\" (layer index 3): expected sizes [4, 5] on axes [2, 3], those of gamma,"
                                + " got shape [2, 3, 4, 6]",
                        () -> {
                            LayerNorm layer = layer().axes(2, 3).build();
                            layer.setNIn(IMAGES, true);
                            new SingleLayer(layer, 3, DataType.FLOAT)
                                    .forward(Nd4j.rand(DataType.FLOAT, 2, 3, 4, 6), true);
                        }),
                input(
                        "LayerNorm \"norm\" (layer index 3): expected sizes [4, 5] on axes [2, 3], those of gamma,"
                                + " got shape [2, 3, 5, 4]",
                        () -> {
                            LayerNorm layer = layer().axes(2, 3).build();
                            layer.setNIn(IMAGES, true);
                            new SingleLayer(layer, 3, DataType.FLOAT)
                                    .forward(Nd4j.rand(DataType.FLOAT, 2, 3, 5, 4), true);
                        }),
                input(
                        "BatchNorm \"norm\" (layer index 3): expected sizes [5] on axes [3], those of gamma, got"
                                + " shape [2, 3, 4, 6]",
                        () -> onLastAxis().forward(Nd4j.rand(DataType.FLOAT, 2, 3, 4, 6), true)),
                input(
                        "BatchNorm \"norm\" (layer index 3): cannot keep statistics per index of axis 3 with a mask, of"
                                + " shape [2, 1]; its channels are on axis 1",
                        () -> onLastAxis()
                                .mask(Nd4j.ones(DataType.FLOAT, 2, 1))
                                .forward(Nd4j.rand(DataType.FLOAT, 2, 3, 4, 5), true)),
                argument("BatchNorm \"norm\" (layer index 3): mean is missing", () -> {
                    SingleLayer layer = new SingleLayer(batch().build(), 3, DataType.FLOAT);
                    layer.layer.paramTable().remove("mean");
                    layer.forward(Nd4j.rand(DataType.FLOAT, 2, 3), false);
                }));
    }

    private static SingleLayer onLastAxis() {
        BatchNorm layer = batch().axis(-1).build();
        layer.setNIn(IMAGES, true);
        return new SingleLayer(layer, 3, DataType.FLOAT);
    }

    private static Executable forward(NormLayer.Builder<?> builder, INDArray x) {
        return () -> {
            FeedForwardLayer layer = builder.build();
            new SingleLayer(layer, 3, DataType.FLOAT).forward(x, true);
        };
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(whenBuilt(), whenTheInputTypeIsKnown(), whenActivationsArrive())
                .flatMap(s -> s)
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isNamed(Mistake mistake) {
        Exception thrown = assertThrows(mistake.type, mistake.action);
        assertEquals(mistake.message, thrown.getMessage());
        assertEquals(mistake.type, thrown.getClass());
    }

    @Test
    void changesNothing() {
        SingleLayer layer = new SingleLayer(batch().build(), 3, DataType.FLOAT);
        INDArray x = Nd4j.rand(DataType.FLOAT, 4, 3);
        layer.forward(x, true);
        layer.backward(x);
        INDArray params = layer.layer.params().dup();
        INDArray gradients = layer.layer.getGradientsViewArray().dup();
        assertThrows(DL4JInvalidInputException.class, () -> layer.backward(Nd4j.rand(DataType.FLOAT, 4, 2)));
        assertThrows(DL4JInvalidInputException.class, () -> layer.forward(Nd4j.rand(DataType.FLOAT, 4, 2), true));
        Expect.same(params, layer.layer.params());
        Expect.same(gradients, layer.layer.getGradientsViewArray());
    }
}
