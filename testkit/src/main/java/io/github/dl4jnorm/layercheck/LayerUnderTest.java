package io.github.dl4jnorm.layercheck;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The layer under examination: networks of it, their parameters and data, all drawn from one seed. */
final class LayerUnderTest {
    static final int STEPS = 5;
    private static final double PARAMETER_NOISE = 0.1;

    private final Layer layer;
    private final InputType inputType;
    private final int batch;
    private final long seed;
    private final double low;
    private final double high;

    LayerUnderTest(Layer layer, InputType inputType, int batch, long seed, double low, double high) {
        this.layer = layer;
        this.inputType = withLength(inputType);
        this.batch = batch;
        this.seed = seed;
        this.low = low;
        this.high = high;
    }

    private static InputType withLength(InputType inputType) {
        return inputType instanceof InputTypeRecurrent r && r.getTimeSeriesLength() <= 0
                ? InputType.recurrent(r.getSize(), STEPS, r.getFormat())
                : inputType;
    }

    int batch() {
        return batch;
    }

    long seed() {
        return seed;
    }

    /** The type of a network's input. */
    InputType inputType() {
        return inputType;
    }

    /** The configuration as it was given; not for networks, which would write into it. */
    Layer original() {
        return layer;
    }

    /** A clone of the configuration: DL4J writes into those it is given. */
    Layer layer() {
        return layer.clone();
    }

    /** What all networks have in common. */
    NeuralNetConfiguration.Builder base(DataType type) {
        return new NeuralNetConfiguration.Builder().seed(seed).dataType(type).updater(new Sgd(0.01));
    }

    /** The configuration of a network of this layer alone. */
    MultiLayerConfiguration configuration(NeuralNetConfiguration.Builder base) {
        return base.list().layer(layer()).setInputType(inputType).build();
    }

    /** A network of this layer alone. */
    MultiLayerNetwork network(DataType type) {
        return network(configuration(base(type)));
    }

    /**
     * A network of this layer, and behind it, if it has no parameters, one that has some: DL4J neither clones nor
     * saves a network without parameters.
     */
    MultiLayerNetwork cloneableNetwork() {
        MultiLayerNetwork alone = network(DataType.DOUBLE);
        if (alone.numParams() > 0) {
            return alone;
        }
        long[] shape =
                new LayerHarness(alone, seed).forward(input(batch, 0), false).shape();
        Flattening flattening = new Flattening(shape);
        DenseLayer dense =
                new DenseLayer.Builder().nIn(flattening.size()).nOut(1).build();
        return network(base(DataType.DOUBLE)
                .list()
                .layer(layer())
                .layer(dense)
                .inputPreProcessor(1, flattening)
                .setInputType(inputType)
                .build());
    }

    /** The network of a configuration, its parameters moved away from their initial values. */
    MultiLayerNetwork network(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        disturb(network.params());
        return network;
    }

    /** The layer of a network of it alone. */
    LayerHarness bench(DataType type) {
        return new LayerHarness(network(type), seed);
    }

    /** Moves the parameters away from the initial values: the same ones for each network, in float as in double. */
    void disturb(INDArray parameters) {
        if (parameters == null || parameters.isEmpty()) {
            return;
        }
        double[] values = Comparisons.of(parameters);
        double[] noise = draw(seed, values.length, Random::nextGaussian);
        Arrays.setAll(values, i -> (float) ((float) values[i] + PARAMETER_NOISE * noise[i]));
        parameters.assign(Comparisons.array(values, parameters.dataType(), parameters.shape()));
    }

    /** The type of what arrives at the layer, behind the preprocessor that DL4J puts before it. */
    InputType arrivingType() {
        InputPreProcessor preProcessor = configuration(base(DataType.DOUBLE)).getInputPreProcess(0);
        return preProcessor == null ? inputType : preProcessor.getOutputType(inputType);
    }

    /** The type of the output, as the layer announces it. */
    InputType outputType() {
        return configuration(base(DataType.DOUBLE)).getConf(0).getLayer().getOutputType(0, arrivingType());
    }

    /** A network's input: different values for each draw, exact in float. */
    INDArray features(int examples, int draw) {
        return uniform(shape(inputType, examples), draw);
    }

    /** What arrives at the layer. */
    INDArray input(int examples, int draw) {
        return uniform(shape(arrivingType(), examples), draw);
    }

    static long[] shape(InputType type, int examples) {
        long[] shape = type.getShape(true).clone();
        shape[0] = examples;
        return shape;
    }

    private INDArray uniform(long[] shape, int draw) {
        double[] values =
                draw(31 * seed + draw, Comparisons.length(shape), random -> low + (high - low) * random.nextDouble());
        return Comparisons.array(values, DataType.DOUBLE, shape);
    }

    /** Random values that float represents exactly. */
    private static double[] draw(long seed, int count, ToDoubleFunction<Random> value) {
        Random random = new Random(seed);
        double[] values = new double[count];
        Arrays.setAll(values, i -> (float) value.applyAsDouble(random));
        return values;
    }

    /** Weights of the elements of an output in the loss, which are the gradient that arrives: normally distributed. */
    INDArray epsilon(long[] shape) {
        double[] values = draw(~seed, Comparisons.length(shape), Random::nextGaussian);
        return Comparisons.array(values, DataType.DOUBLE, shape);
    }

    /** Whether training uses random numbers. */
    boolean isRandom() {
        LayerHarness bench = bench(DataType.DOUBLE);
        INDArray x = input(batch, 0);
        INDArray first = bench.forward(x.dup(), true);
        INDArray second = new LayerHarness(network(DataType.DOUBLE), seed + 1).forward(x.dup(), true);
        return !Arrays.equals(Comparisons.of(first), Comparisons.of(second));
    }

    /** Whether this is an output layer, which knows no gradient from above. */
    boolean isOutput() {
        return bench(DataType.DOUBLE).isOutput();
    }

    /** Skips what needs a gradient from the layer above. */
    void requireBackprop() {
        if (isOutput()) {
            throw new Inapplicable("the gradient of an output layer comes from its labels");
        }
    }

    /** Whether its parameters get no gradient. */
    boolean isFrozen() {
        return layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop;
    }

    @Override
    public String toString() {
        String name = layer.getLayerName() == null ? "" : " \"" + layer.getLayerName() + "\"";
        return layer.getClass().getSimpleName() + name + " on " + inputType + ", batch " + batch + ", seed " + seed;
    }

    /** Sets the seed of ND4J's generator, so that random layers repeat themselves. */
    static void reseed(long seed) {
        Nd4j.getRandom().setSeed(seed);
    }
}
