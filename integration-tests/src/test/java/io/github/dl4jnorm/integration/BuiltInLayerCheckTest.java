package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.dl4jnorm.layer.check.Check;
import io.github.dl4jnorm.layer.check.LayerCheck;
import io.github.dl4jnorm.layer.check.LayerCheckReport;
import io.github.dl4jnorm.layer.check.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** What {@link LayerCheck} says of layers of DL4J 1.0.0-M2.1: the documentation quotes it. */
class BuiltInLayerCheckTest {
    private static final InputType FEED_FORWARD = InputType.feedForward(3);
    private static final Logger INPUT_TYPES = (Logger) LoggerFactory.getLogger(InputType.class);
    private static final InputType SEQUENCES = InputType.recurrent(3, 4);
    private static final InputType IMAGES = InputType.convolutional(5, 4, 2);

    @BeforeAll
    static void expectWarnings() {
        INPUT_TYPES.setLevel(Level.ERROR); // of a size of zero, which DL4J's own code gives
    }

    @AfterAll
    static void expectNoMoreWarnings() {
        INPUT_TYPES.setLevel(null);
    }

    static Stream<Arguments> sound() {
        return Stream.of(
                Arguments.of(dense().build(), FEED_FORWARD),
                Arguments.of(dense().build(), SEQUENCES),
                Arguments.of(
                        new ConvolutionLayer.Builder(2, 2)
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        IMAGES),
                Arguments.of(new SubsamplingLayer.Builder(2, 2).build(), IMAGES),
                Arguments.of(new LSTM.Builder().nOut(4).build(), SEQUENCES),
                Arguments.of(new FrozenLayerWithBackprop(dense().build()), FEED_FORWARD));
    }

    private static DenseLayer.Builder dense() {
        return new DenseLayer.Builder().nOut(4).activation(Activation.TANH);
    }

    @ParameterizedTest
    @MethodSource("sound")
    void soundLayersPass(Layer layer, InputType inputType) {
        LayerCheck.of(layer, inputType).run().assertPassed();
    }

    @Test
    void outputLayersKeepTheChecksThatNeedNoLabels() {
        OutputLayer layer = new OutputLayer.Builder(LossFunction.MSE)
                .nOut(4)
                .activation(Activation.IDENTITY)
                .build();
        LayerCheckReport report = LayerCheck.of(layer, FEED_FORWARD).run().assertPassed();
        assertEquals(
                "the gradient of an output layer comes from its labels",
                report.result(Check.INPUT_GRADIENT).detail());
        assertTrue(report.passed().containsAll(Set.of(Check.INPUT_LAYOUT, Check.FLOAT, Check.JSON, Check.THREADS)));
    }

    @Test
    void dropoutIsRepeatedInTrainingAndAppliedInTheBackwardPassOfInference() {
        LayerCheckReport report =
                LayerCheck.of(dense().dropOut(0.5).build(), FEED_FORWARD).run();
        assertEquals(
                "random in training, and repeatable",
                report.result(Check.DETERMINISM).detail());
        assertTrue(report.passed().containsAll(Set.of(Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)));
        assertEquals(
                EnumSet.of(Check.INFERENCE_PARAMETER_GRADIENT, Check.INFERENCE_INPUT_GRADIENT),
                report.failed(),
                report::toString);
    }

    /** The half that reads backwards sees what is behind the mask. */
    @Test
    void bidirectionalReadsBehindTheMask() {
        Layer layer = new Bidirectional(new LSTM.Builder().nOut(2).build());
        LayerCheckReport report = LayerCheck.of(layer, SEQUENCES).run();
        assertEquals(EnumSet.of(Check.MASK, Check.MEMORY_REPORT), report.failed(), report::toString);
    }

    static Stream<Arguments> batchNormalization() {
        Set<Check> always = EnumSet.of(Check.INFERENCE_INPUT_GRADIENT, Check.STATISTICS, Check.MASK);
        return Stream.of(
                Arguments.of("images", batchNorm(), IMAGES, always),
                Arguments.of("feed-forward", batchNorm(), FEED_FORWARD, with(always, Check.INFERENCE_WORKSPACES)),
                Arguments.of("variance itself", batchNorm().useLogStd(false), IMAGES, with(always, Check.JSON)));
    }

    private static BatchNormalization.Builder batchNorm() {
        return new BatchNormalization.Builder();
    }

    private static Set<Check> with(Set<Check> checks, Check... more) {
        Set<Check> union = EnumSet.copyOf(checks);
        union.addAll(Set.of(more));
        return union;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void batchNormalization(String name, BatchNormalization.Builder layer, InputType inputType, Set<Check> failed) {
        LayerCheckReport report = LayerCheck.of(layer.build(), inputType).run();
        assertEquals(failed, report.failed(), report::toString);
    }

    /** But for the details, in which the last digits depend on the machine. */
    @Test
    void theReadmeShowsTheReportOfBatchNormalization() throws IOException {
        LayerCheckReport report =
                LayerCheck.of(new BatchNormalization(), FEED_FORWARD).run();
        Iterator<String> lines = Files.readAllLines(Path.of("..", "README.md")).stream()
                .dropWhile(line -> !line.equals(report.subject()))
                .skip(1)
                .iterator();
        for (Result result : report.results()) {
            String start = String.format(Locale.ROOT, "%-7s  %s", result.status(), result.check());
            String line = lines.next();
            assertTrue(line.startsWith(start), line);
        }
        String text = report.toString();
        assertEquals(text.substring(text.lastIndexOf('\n') + 1), lines.next());
    }

    @Test
    void batchNormalizationWithFixedGamma() {
        LayerCheckReport report = LayerCheck.of(
                        batchNorm().lockGammaBeta(true).gamma(2).beta(0).build(), FEED_FORWARD)
                .only(Check.INPUT_GRADIENT)
                .run();
        assertEquals(EnumSet.of(Check.INPUT_GRADIENT), report.failed());
    }

    @Test
    void batchNormalizationOfSequences() {
        LayerCheckReport report = LayerCheck.of(batchNorm().build(), SEQUENCES).run();
        assertTrue(report.failed().containsAll(Set.of(Check.OUTPUT_TYPE, Check.DETERMINISM)), report::toString);
        assertTrue(report.result(Check.OUTPUT_TYPE).detail().startsWith("threw IllegalArgumentException: "));
    }
}
