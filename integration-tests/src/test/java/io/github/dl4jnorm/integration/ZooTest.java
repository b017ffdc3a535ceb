package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.rewrite.Change;
import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.RewriteReport;
import io.github.dl4jnorm.rewrite.Rewritten;
import io.github.dl4jnorm.testing.Sensitivity;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.zoo.ZooModel;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SimpleCNN;
import org.deeplearning4j.zoo.model.TinyYOLO;
import org.deeplearning4j.zoo.model.Xception;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The networks of DL4J's model zoo that have batch normalization, with their own updaters and initial weights, for
 * small images: replaced, restored and folded, they compute the same, in double. Two are left out: NASNet, which DL4J
 * cannot build (it asks for the types of activations before it has inputs), and YOLO2, which is Darknet19's layers again.
 */
class ZooTest {
    private static final int CLASSES = 3;

    private enum Zoo {
        /** Ends in an activation, so that DL4J cannot train it. */
        SIMPLE_CNN(48, true, SimpleCNN.builder().numClasses(CLASSES).build()),
        DARKNET19(64, true, Darknet19.builder().numClasses(CLASSES).build()),
        TINY_YOLO(64, true, TinyYOLO.builder().numClasses(CLASSES).build()),
        RESNET50(96, true, ResNet50.builder().numClasses(CLASSES).build()),
        /** Its convolutions have activations, which DL4J put there, between them and the batch normalizations. */
        XCEPTION(72, false, Xception.builder().numClasses(CLASSES).build()),
        /** The same. */
        INCEPTION_RESNET(
                96, false, InceptionResNetV1.builder().numClasses(CLASSES).build()),
        FACENET(96, true, FaceNetNN4Small2.builder().numClasses(CLASSES).build());

        private final int size;
        private final boolean folds;
        private final ZooModel<?> model;

        Zoo(int size, boolean folds, ZooModel<?> model) {
            this.size = size;
            this.folds = folds;
            this.model = model;
        }

        Model original() {
            model.setInputShape(new int[][] {{3, size, size}});
            Model made = model.init();
            return made instanceof ComputationGraph graph
                    ? graph.convertDataType(DataType.DOUBLE)
                    : ((MultiLayerNetwork) made).convertDataType(DataType.DOUBLE);
        }

        boolean trains() {
            return this != SIMPLE_CNN;
        }

        INDArray images(int seed) {
            Nd4j.getRandom().setSeed(seed);
            return Nd4j.rand(DataType.DOUBLE, 2, 3, size, size);
        }
    }

    /** One class per example; for TinyYOLO, whose labels are boxes, no objects in the images. */
    private static DataSet data(Zoo zoo, Model model, int seed) {
        INDArray x = zoo.images(seed);
        long[] shape = Networks.output(model, x).shape();
        if (shape.length == 4) {
            return new DataSet(x, Nd4j.zeros(DataType.DOUBLE, 2, 4 + CLASSES, shape[2], shape[3]));
        }
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, shape);
        for (int i = 0; i < shape[0]; i++) {
            labels.putScalar(i, (i + seed) % shape[1], 1);
        }
        return new DataSet(x, labels);
    }

    /** Gives the batch normalizations parameters and statistics as training might. */
    private static void moveNorms(Model model) {
        Nd4j.getRandom().setSeed(1);
        model.paramTable().forEach((key, parameter) -> {
            if (key.matches(".*_(gamma|beta|mean|log10stdev)")) {
                parameter.addi(Nd4j.randn(DataType.DOUBLE, parameter.shape()).muli(0.1));
            }
        });
    }

    private static long count(Model model, Class<?> kind) {
        return Arrays.stream(Models.layers(model))
                .filter(layer -> kind.isInstance(layer.conf().getLayer()))
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void computesTheSame(Zoo zoo) {
        Model original = zoo.original();
        if (zoo.trains()) {
            for (int step = 0; step < 2; step++) {
                Models.fit(original, data(zoo, original, 1 + step));
            }
        } else {
            moveNorms(original);
        }
        INDArray x = zoo.images(9);
        long sum = Math.max(Sensitivity.longestSum(original.paramTable().values()), x.length() / x.size(1));
        Sensitivity layers = Sensitivity.of(
                DataType.DOUBLE,
                sum,
                rounding -> Models.withRoundedState(original, rounding, () -> activations(original, rounding.of(x))));
        long norms = count(original, BatchNormalization.class);
        assertTrue(norms > 0);

        Rewritten<? extends Model> replaced = Models.replace(original);
        assertAll(replaced.report(), norms);
        assertEquals(norms, count(replaced.network(), BatchNorm.class));
        layers.assertClose(activations(replaced.network(), x));

        Rewritten<? extends Model> folded = Models.fold(replaced.network());
        long kept = folded.report().kept().size();
        assertEquals(kept, count(folded.network(), BatchNorm.class));
        assertEquals(zoo.folds, kept < norms, folded.report()::toString);
        layers.assertClose(merged(folded.report()), activations(folded.network(), x));

        Rewritten<? extends Model> restored = Models.restore(replaced.network());
        assertAll(restored.report(), norms);
        layers.assertClose(activations(restored.network(), x));

        for (Mistake mistake : Mistake.IN_INFERENCE) {
            Model wrong = mistake.in(Models.replace(original).network());
            Map<String, INDArray> activations = activations(wrong, x);
            assertThrows(AssertionError.class, () -> layers.assertClose(activations), mistake::toString);
        }
        if (zoo.trains()) {
            DataSet data = data(zoo, original, 7);
            Sensitivity step = Sensitivity.of(
                    DataType.DOUBLE,
                    sum,
                    rounding -> Models.withRoundedState(
                            original, rounding, () -> step(original, Networks.rounded(data, rounding))));
            Model wrong = Mistake.DECAY.in(Models.replace(original).network());
            Map<String, INDArray> trained = step(replaced.network(), data);
            if (replaced.report().toString().contains("no longer changes its running statistics")) {
                // DL4J's layer passes its statistics off as gradients, and such networks rescale these.
                step.assertClose(Map.of(), Map.of("score", trained.get("score")));
            } else {
                step.assertClose(trained);
                Map<String, INDArray> forgetful = step(wrong, data);
                assertThrows(AssertionError.class, () -> step.assertClose(forgetful), Mistake.DECAY::toString);
            }
        }
    }

    /** What must not pass for rounding. */
    private enum Mistake {
        /** By a tenth, so that an output changes by less than float shows. */
        EPS {
            @Override
            void makeIn(List<Layer> norms) {
                norms.forEach(norm ->
                        configuration(norm).setEps(1.1 * configuration(norm).getEps()));
            }
        },
        GAMMA_OF_CHANNELS {
            @Override
            void makeIn(List<Layer> norms) {
                INDArray gamma = norms.get(norms.size() / 2).getParam("gamma");
                swap(gamma, 0, gamma, 1);
            }
        },
        GAMMA_OF_LAYERS {
            @Override
            void makeIn(List<Layer> norms) {
                INDArray gamma = norms.get(0).getParam("gamma");
                INDArray other = norms.get(1).getParam("gamma");
                for (int channel = 0; channel < Math.min(gamma.length(), other.length()); channel++) {
                    swap(gamma, channel, other, channel);
                }
            }
        },
        DECAY {
            @Override
            void makeIn(List<Layer> norms) {
                norms.forEach(
                        norm -> configuration(norm).setDecay(configuration(norm).getDecay() - 1e-3));
            }
        };

        private static final List<Mistake> IN_INFERENCE = List.of(EPS, GAMMA_OF_CHANNELS, GAMMA_OF_LAYERS);

        abstract void makeIn(List<Layer> norms);

        Model in(Model replaced) {
            makeIn(Arrays.stream(Models.layers(replaced))
                    .filter(layer -> layer.conf().getLayer() instanceof BatchNorm)
                    .toList());
            return replaced;
        }

        private static BatchNorm configuration(Layer norm) {
            return (BatchNorm) norm.conf().getLayer();
        }

        private static void swap(INDArray a, int i, INDArray b, int j) {
            double value = a.getDouble(i);
            a.putScalar(i, b.getDouble(j));
            b.putScalar(j, value);
        }
    }

    /** One training step: the score before it, and all parameters behind it. */
    private static Map<String, INDArray> step(Model model, DataSet data) {
        Models.fit(model, data);
        Map<String, INDArray> results = new HashMap<>();
        results.put("score", Nd4j.scalar(DataType.DOUBLE, model.score()));
        model.paramTable().forEach((key, parameter) -> {
            if (key.endsWith("_log10stdev")) {
                results.put(
                        key.replace("log10stdev", "var"),
                        Transforms.pow(Nd4j.valueArrayOf(parameter.shape(), 10.0, DataType.DOUBLE), parameter.mul(2)));
            } else {
                results.put(key, parameter.dup());
            }
        });
        return results;
    }

    /** The outputs of all layers, for the last may be a softmax that is 0 or 1 whatever it is given. */
    private static Map<String, INDArray> activations(Model model, INDArray x) {
        Map<String, INDArray> activations = new HashMap<>();
        if (model instanceof ComputationGraph graph) {
            graph.feedForward(x, false).forEach((name, array) -> activations.put(name, array.dup()));
            return activations;
        }
        MultiLayerNetwork network = (MultiLayerNetwork) model;
        List<INDArray> outputs = network.feedForward(x, false);
        for (int i = 0; i < network.getnLayers(); i++) {
            String name = network.getLayer(i).conf().getLayer().getLayerName();
            activations.put(name, outputs.get(i + 1).dup());
        }
        return activations;
    }

    /** Whose output the layers of a folded network have: that of the batch normalization in them. */
    private static Map<String, String> merged(RewriteReport report) {
        Map<String, String> merged = new HashMap<>();
        for (Change change : report.done()) {
            merged.put(change.detail().substring("into ".length()), change.layer());
        }
        return merged;
    }

    private static void assertAll(RewriteReport report, long norms) {
        assertEquals(norms, report.done().size(), report::toString);
        assertEquals(0, report.kept().size(), report::toString);
    }
}
