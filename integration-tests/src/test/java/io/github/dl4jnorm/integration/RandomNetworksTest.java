package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.rewrite.Rewritten;
import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/** Replacing, restoring and folding in networks that nobody thought of, in double. */
class RandomNetworksTest {
    private static final int TRIES = 40;
    private static final int EXAMPLES = 6;
    private static final int CLASSES = 3;
    private static final String OUTPUT = "output";
    private static final String TRAINED = "output after training";

    /** A network, and how many batch normalizations it has. */
    private static final class Draw {
        private final Random random;
        private final boolean nhwc;
        private final int size;
        private final List<Layer> layers = new ArrayList<>();
        private int norms;

        Draw(long seed) {
            random = new Random(seed);
            nhwc = random.nextBoolean();
            size = 5 + random.nextInt(4);
            int convolutions = random.nextInt(3);
            for (int i = 0; i < convolutions; i++) {
                layers.add(convolution());
                norms();
                if (random.nextInt(4) == 0) {
                    layers.add(new SubsamplingLayer.Builder()
                            .kernelSize(2, 2)
                            .stride(1, 1)
                            .dataFormat(format())
                            .build());
                }
            }
            int dense = 1 + random.nextInt(2);
            for (int i = 0; i < dense; i++) {
                layers.add(new DenseLayer.Builder()
                        .nOut(2 + random.nextInt(5))
                        .hasBias(random.nextBoolean())
                        .activation(activation())
                        .build());
                norms();
            }
            layers.add(new OutputLayer.Builder()
                    .nOut(CLASSES)
                    .activation(Activation.SOFTMAX)
                    .build());
        }

        private CNN2DFormat format() {
            return nhwc ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
        }

        private Activation activation() {
            return random.nextBoolean() ? Activation.IDENTITY : Activation.TANH;
        }

        private Layer convolution() {
            int channels = 2 + random.nextInt(4);
            boolean bias = random.nextBoolean();
            if (random.nextInt(4) == 0) {
                return new SeparableConvolution2D.Builder(2, 2)
                        .nOut(channels)
                        .hasBias(bias)
                        .activation(activation())
                        .dataFormat(format())
                        .build();
            }
            return new ConvolutionLayer.Builder(2, 2)
                    .nOut(channels)
                    .hasBias(bias)
                    .activation(activation())
                    .dataFormat(format())
                    .build();
        }

        /** None, one or two, each perhaps with a layer behind. */
        private void norms() {
            int count = random.nextInt(3);
            for (int i = 0; i < count; i++) {
                layers.add(norm());
                norms++;
                if (random.nextInt(3) == 0) {
                    layers.add(new ActivationLayer(Activation.SOFTSIGN));
                } else if (random.nextInt(5) == 0) {
                    layers.add(new DropoutLayer(1.0));
                }
            }
        }

        private Layer norm() {
            BatchNormalization.Builder builder = new BatchNormalization.Builder()
                    .useLogStd(random.nextBoolean())
                    .eps(Math.pow(10, -1 - random.nextInt(5)))
                    .decay(random.nextDouble());
            // DL4J's layer cannot train with fixed gamma and beta on NHWC images.
            if (!nhwc && random.nextInt(3) == 0) {
                builder.lockGammaBeta(true).gamma(0.5 + random.nextDouble()).beta(random.nextGaussian());
            }
            if (random.nextInt(3) == 0) {
                builder.updater(updater());
            }
            return builder.build();
        }

        private IUpdater updater() {
            return switch (random.nextInt(4)) {
                case 0 -> new Sgd(0.05);
                case 1 -> new Nesterovs(0.05, 0.9);
                case 2 -> new RmsProp(0.01);
                default -> new Adam(0.01);
            };
        }

        private NeuralNetConfiguration.Builder base() {
            NeuralNetConfiguration.Builder base = new NeuralNetConfiguration.Builder()
                    .seed(random.nextInt())
                    .dataType(DataType.DOUBLE)
                    .updater(updater());
            if (random.nextBoolean()) {
                base.biasUpdater(updater());
            }
            return random.nextBoolean() ? base.l2(1e-3).l2Bias(1e-3) : base;
        }

        private InputType input() {
            return InputType.convolutional(size, size, 2, format());
        }

        Model network(Type type) {
            return Networks.build(type, base(), input(), layers);
        }

        DataSet data(int seed) {
            Nd4j.getRandom().setSeed(1 + seed);
            INDArray x = nhwc
                    ? Nd4j.randn(DataType.DOUBLE, EXAMPLES, size, size, 2)
                    : Nd4j.randn(DataType.DOUBLE, EXAMPLES, 2, size, size);
            INDArray labels = Nd4j.zeros(DataType.DOUBLE, EXAMPLES, CLASSES);
            for (int i = 0; i < EXAMPLES; i++) {
                labels.putScalar(i, (i + seed) % CLASSES, 1);
            }
            return new DataSet(x, labels);
        }
    }

    /** What a network puts out, and what after more steps, rounded before each. */
    private static Sensitivity sensitivity(Draw draw, Model original) {
        long sum = Math.max(
                Sensitivity.longestSum(original.paramTable().values()), (long) EXAMPLES * draw.size * draw.size);
        return Sensitivity.of(
                DataType.DOUBLE,
                sum,
                rounding -> Models.withRoundedState(original, rounding, () -> results(draw, original, rounding)));
    }

    private static Map<String, INDArray> results(Draw draw, Model network, Rounding rounding) {
        INDArray x = rounding.in(draw.data(20).getFeatures());
        Map<String, INDArray> results = new HashMap<>();
        results.put(OUTPUT, Networks.output(network, x).dup());
        for (int step = 4; step < 8; step++) {
            rounding.in(network.params());
            Models.fit(network, Networks.rounded(draw.data(step), rounding));
        }
        results.put(TRAINED, Networks.output(network, x).dup());
        return results;
    }

    /** Of the folded networks too, which are not for training. */
    private static void assertSame(
            Draw draw, Model original, List<? extends Model> trainable, List<? extends Model> folded) {
        Sensitivity sensitivity = sensitivity(draw, original);
        for (Model network : trainable) {
            sensitivity.assertClose(results(draw, network, Rounding.NONE));
        }
        INDArray x = draw.data(20).getFeatures();
        for (Model network : folded) {
            sensitivity.assertClose(Map.of(), Map.of(OUTPUT, Networks.output(network, x)));
        }
    }

    @Property(tries = TRIES)
    void chains(@ForAll long seed) {
        assertRewritten(new Draw(seed), Type.MULTI_LAYER);
    }

    @Property(tries = TRIES)
    void graphs(@ForAll long seed) {
        assertRewritten(new Draw(seed), Type.GRAPH);
    }

    private static void assertRewritten(Draw draw, Type type) {
        Model original = draw.network(type);
        for (int step = 0; step < 4; step++) {
            Models.fit(original, draw.data(step));
        }
        Rewritten<? extends Model> replaced = Models.replace(original);
        assertEquals(draw.norms, replaced.report().done().size());
        Rewritten<? extends Model> restored = Models.restore(replaced.network());
        assertEquals(draw.norms, restored.report().done().size());
        assertEquals(Models.json(original), Models.json(restored.network()));
        Rewritten<? extends Model> folded = Models.fold(original);
        Rewritten<? extends Model> foldedOurs = Models.fold(replaced.network());
        assertEquals(folded.report().done(), foldedOurs.report().done());
        assertEquals(
                Models.layers(original).length - folded.report().done().size(), Models.layers(folded.network()).length);
        assertSame(
                draw,
                original,
                List.of(replaced.network(), restored.network()),
                List.of(folded.network(), foldedOurs.network()));
    }
}
