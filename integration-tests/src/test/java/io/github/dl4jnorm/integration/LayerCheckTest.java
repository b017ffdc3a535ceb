package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.layercheck.Check;
import io.github.dl4jnorm.layercheck.LayerCheck;
import io.github.dl4jnorm.layercheck.LayerCheckReport;
import io.github.dl4jnorm.layercheck.Result.Status;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.enums.DebugMode;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

/** {@link LayerCheck} on our layers, and on layers with one flaw each. */
class LayerCheckTest {
    private static final InputType FEED_FORWARD = InputType.feedForward(3);
    private static final Logger LAYERS = (Logger) LoggerFactory.getLogger(BatchNorm.class.getPackageName());

    @BeforeAll
    static void expectWarnings() {
        LAYERS.setLevel(Level.ERROR); // of one value per channel, in a batch of one
    }

    @AfterAll
    static void expectNoMoreWarnings() {
        LAYERS.setLevel(null);
    }

    /** The layers as they are by default on every kind, and with every option on one kind of each rank. */
    static Stream<Arguments> everyLayer() {
        Set<Kind> ofEachRank = EnumSet.of(Kind.FEED_FORWARD, Kind.RNN_NWC, Kind.CNN_NCHW, Kind.CNN_3D_NDHWC);
        return Arrays.stream(Norm.values()).flatMap(norm -> Arrays.stream(Kind.values())
                .filter(norm::suits)
                .filter(kind -> Norm.DEFAULTS.contains(norm) || ofEachRank.contains(kind))
                .map(kind -> Arguments.of(norm, kind)));
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("everyLayer")
    void ourLayersPass(Norm norm, Kind kind) {
        LayerCheckReport report = LayerCheck.of(norm.on(kind), kind.inputType())
                .values(0.5, 1.5) // no sum near zero
                .run()
                .assertPassed();
        assertEquals(skippedFor(norm, kind), report.skipped(), report::toString);
    }

    private static Set<Check> skippedFor(Norm norm, Kind kind) {
        Set<Check> skipped = EnumSet.noneOf(Check.class);
        boolean withoutParameters = norm.name().startsWith("SUM") || norm.name().startsWith("UNIT");
        if (withoutParameters) {
            skipped.add(Check.REGULARIZATION);
        }
        if (withoutParameters || norm == Norm.BATCH_LOCKED) {
            skipped.addAll(Set.of(Check.PARAMETER_GRADIENT, Check.INFERENCE_PARAMETER_GRADIENT));
        }
        if (!norm.name().startsWith("BATCH") || norm == Norm.BATCH_WITHOUT_RUNNING_STATISTICS) {
            skipped.add(Check.STATISTICS);
        }
        if (norm.averagesOverSteps() && kind.isRecurrent()) { // refuses masks along the steps
            skipped.addAll(Set.of(Check.MASK, Check.MASK_GRADIENT));
        }
        return skipped;
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void findsEachFlawAndNothingElse(Flaw flaw) {
        LayerCheckReport report =
                LayerCheck.of(FlawedLayer.with(flaw), FEED_FORWARD).run();
        assertEquals(flaw.found == null ? Set.of() : Set.of(flaw.found), report.failed(), report::toString);
        for (Check skipped : report.skipped()) {
            assertEquals(
                    "says nothing when '" + flaw.found + "' fails",
                    report.result(skipped).detail());
        }
        if (flaw.found != null) {
            String detail = report.result(flaw.found).detail();
            assertTrue(detail.startsWith(flaw.message), detail);
        }
    }

    @Test
    void thereIsAFlawForEveryCheckThatDoesNotFollowFromAnother() {
        Set<Check> unseen = EnumSet.allOf(Check.class);
        Arrays.stream(Flaw.values()).map(flaw -> flaw.found).forEach(unseen::remove);
        // The same fields are lost in YAML and zip as in JSON.
        assertEquals(EnumSet.of(Check.YAML, Check.ZIP), unseen);
    }

    @Test
    void aFailedReportThrowsItsText() {
        LayerCheckReport report = LayerCheck.of(FlawedLayer.with(Flaw.NO_MEMORY_REPORT), FEED_FORWARD)
                .batch(3)
                .seed(5)
                .only(Check.OUTPUT_TYPE, Check.MEMORY_REPORT)
                .run();
        assertEquals(
                """
                FlawedLayer on InputTypeFeedForward(3), batch 3, seed 5
                passed   output type                     [3, 3]
                FAILED   memory report                   threw UnsupportedOperationException: not implemented
                1 passed, 1 failed, 0 skipped""", assertThrows(AssertionError.class, report::assertPassed).getMessage());
    }

    @Test
    void checksCanBeLeftOut() {
        LayerCheckReport report = LayerCheck.of(FlawedLayer.with(Flaw.NO_MEMORY_REPORT), FEED_FORWARD)
                .without(Check.MEMORY_REPORT)
                .run()
                .assertPassed();
        assertEquals(Check.values().length - 1, report.results().size());
        assertEquals(Status.PASSED, report.result(Check.JSON).status());
        assertThrows(IllegalArgumentException.class, () -> report.result(Check.MEMORY_REPORT));
    }

    @Test
    void leavesItsArgumentAndTheSettingsOfNd4jAlone() {
        BatchNorm layer = new BatchNorm.Builder().build();
        LayerCheck.of(layer, FEED_FORWARD).run();
        assertEquals(new BatchNorm.Builder().build(), layer);
        assertEquals(DataType.FLOAT, Nd4j.dataType());
        assertEquals(DataType.FLOAT, Nd4j.defaultFloatingPointType());
        assertEquals(DebugMode.DISABLED, Nd4j.getWorkspaceManager().getDebugMode());
    }

    @Test
    void refusesWhatItCannotCheckWith() {
        LayerCheck check = LayerCheck.of(FlawedLayer.with(Flaw.NONE), FEED_FORWARD);
        assertEquals(
                "expected a batch of two examples or more, got 1",
                assertThrows(IllegalArgumentException.class, () -> check.batch(1))
                        .getMessage());
        assertEquals(
                "expected low < high, got 1.0 and 1.0",
                assertThrows(IllegalArgumentException.class, () -> check.values(1, 1))
                        .getMessage());
        assertThrows(NullPointerException.class, () -> LayerCheck.of(null, FEED_FORWARD));
    }
}
