package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * The same numbers as DL4J's own {@code BatchNormalization} where that is right: on feed-forward and image activations,
 * not frozen, with gamma and beta trained, without clipping.
 */
class BuiltInParityTest {
    private static final double DECAY = 0.8;
    private static final int EXAMPLES = 8;

    /** What is to be the same. */
    private interface Computation {
        Map<String, INDArray> results(Model model, Rounding rounding);
    }

    record Case(Kind kind, Type type, DataType dataType) {
        /** Bounds of what DL4J's layer makes of rounded parameters and data. */
        Sensitivity sensitivity(Model theirs, Computation computation) {
            long values = data(1).getFeatures().length() / Kind.CHANNELS;
            long sum =
                    Math.max(values, Sensitivity.longestSum(theirs.paramTable().values()));
            return Sensitivity.of(
                    dataType,
                    sum,
                    rounding -> Models.withRoundedState(theirs, rounding, () -> computation.results(theirs, rounding)));
        }

        void assertSame(Computation computation) {
            sensitivity(theirs(), computation).assertClose(computation.results(ours(), Rounding.NONE));
        }

        DataSet data(int seed) {
            return kind.data(dataType, Layout.C, EXAMPLES, seed);
        }

        Model net(Layer norm) {
            Model net = Networks.build(
                    type,
                    Networks.configuration(dataType).updater(new Nesterovs(0.05, 0.9)),
                    kind.inputType(),
                    List.of(kind.hidden(), norm, kind.hidden(), kind.output()));
            Networks.perturbParameters(net);
            return net;
        }

        Model ours() {
            return net(new BatchNorm.Builder().decay(DECAY).build());
        }

        Model theirs() {
            return net(new BatchNormalization.Builder()
                    .decay(DECAY)
                    .useLogStd(false)
                    .build());
        }
    }

    static Stream<Case> cases() {
        return Stream.of(Kind.FEED_FORWARD, Kind.CNN_NCHW, Kind.CNN_NHWC)
                .flatMap(kind -> Arrays.stream(Type.values()).flatMap(type -> Stream.of(DataType.FLOAT, DataType.DOUBLE)
                        .map(dataType -> new Case(kind, type, dataType))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forwardPasses(Case c) {
        NDArrays.assertIdentical(c.theirs().params(), c.ours().params());
        c.assertSame((model, rounding) -> {
            INDArray features = rounding.in(c.data(1).getFeatures());
            Map<String, INDArray> results = new HashMap<>();
            for (boolean training : new boolean[] {true, false}) {
                for (int layer = 0; layer < 4; layer++) {
                    INDArray activations = Networks.activations(model, features, layer, training);
                    results.put("output " + layer + (training ? " in training" : ""), activations.dup());
                }
            }
            return results;
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradients(Case c) {
        c.assertSame((model, rounding) -> {
            DataSet data = Networks.rounded(c.data(1), rounding);
            Networks.gradient(model, data);
            Map<String, INDArray> results = new HashMap<>();
            model.gradient().gradientForVariable().forEach((key, gradient) -> {
                // Their running statistics pose as gradients.
                if (!key.endsWith("_mean") && !key.endsWith("_var")) {
                    results.put("gradient of " + key, gradient.dup());
                }
            });
            if (model instanceof MultiLayerNetwork network) {
                results.put(
                        "gradient of the input",
                        network.calculateGradients(data.getFeatures(), data.getLabels(), null, null)
                                .getSecond()
                                .dup());
            }
            return results;
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void trainingAndRunningStatistics(Case c) {
        c.assertSame((model, rounding) -> {
            for (int step = 0; step < 5; step++) {
                rounding.in(model.params());
                Models.fit(model, Networks.rounded(c.data(step), rounding));
            }
            Map<String, INDArray> results = new HashMap<>();
            model.paramTable().forEach((key, parameter) -> results.put(key, parameter.dup()));
            results.put(
                    "output",
                    Networks.output(model, rounding.in(c.data(9).getFeatures())).dup());
            return results;
        });
    }
}
