package io.github.dl4jnorm.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Normalizations as values, and the numbers by which saved graphs know them. */
class NormSpecTest {
    private static final List<NormAxes> AXES = List.of(
            NormAxes.perChannel(1),
            NormAxes.perChannel(-1),
            NormAxes.over(1),
            NormAxes.over(3, -2, 1),
            NormAxes.perExampleAndChannel(-3),
            NormAxes.perExampleAndGroup(32, 1),
            NormAxes.perExampleAndGroup(1, -1));

    private static List<NormSpec> all() {
        List<NormSpec> all = new ArrayList<>();
        for (Statistic statistic : Statistic.values()) {
            for (NormAxes axes : AXES) {
                for (FusedActivation activation : FusedActivation.values()) {
                    for (boolean unitOffset : new boolean[] {false, true}) {
                        all.add(new NormSpec(statistic, axes, 1e-5, unitOffset, activation));
                    }
                }
            }
        }
        return all;
    }

    @Test
    void encodingsAreReadBack() {
        Set<List<Long>> codes = new HashSet<>();
        for (NormSpec spec : all()) {
            assertEquals(spec, NormSpec.decode(spec.encode(), 1e-5));
            codes.add(LongStream.of(spec.encode()).boxed().toList());
        }
        assertEquals(5 * 7 * 2 * 2, codes.size(), "different normalizations have different encodings");
        assertEquals(
                Set.of(NormAxes.Kind.values()),
                AXES.stream().map(NormAxes::kind).collect(Collectors.toSet()));
        assertEquals(
                1e-3, NormSpec.decode(NormSpec.batchNorm(0, 1).encode(), 1e-3).eps());
    }

    /** These numbers are in files: they may be added to, never changed. */
    @Test
    void encodingsStayWhatTheyAre() {
        assertCode(NormSpec.batchNorm(1e-5, 1), 1, 1, 0, 0, 1, 0, 1);
        assertCode(NormSpec.batchNormInference(1e-5, -1), 1, 5, 0, 0, 1, 0, -1);
        assertCode(NormSpec.layerNorm(1e-5, 3, 1), 1, 1, 0, 0, 2, 0, 3, 1);
        assertCode(NormSpec.rmsNorm(1e-5, -1).withUnitOffset(true), 1, 2, 0, 1, 2, 0, -1);
        assertCode(NormSpec.sumNorm(0, 1, 2), 1, 3, 0, 0, 2, 0, 1, 2);
        assertCode(NormSpec.unitNorm(1e-5, 2), 1, 4, 0, 0, 2, 0, 2);
        assertCode(NormSpec.instanceNorm(1e-5, 1), 1, 1, 0, 0, 3, 0, 1);
        assertCode(NormSpec.groupNorm(32, 1e-5, 1).with(FusedActivation.RELU), 1, 1, 1, 0, 4, 32, 1);
    }

    private static void assertCode(NormSpec spec, long... code) {
        assertArrayEquals(code, spec.encode(), spec.toString());
        assertEquals(spec, NormSpec.decode(code, spec.eps()));
    }

    @Test
    void refusesOtherFormats() {
        assertMessage(
                "expected a normalization in format 1, got [2, 1, 0, 0, 1, 0, 1]; it may be of a later version",
                () -> NormSpec.decode(new long[] {2, 1, 0, 0, 1, 0, 1}, 1));
        assertMessage(
                "expected a normalization in format 1, got [1, 1, 0, 0, 1]; it may be of a later version",
                () -> NormSpec.decode(new long[] {1, 1, 0, 0, 1}, 1));
        assertMessage(
                "expected a normalization in format 1, got []; it may be of a later version",
                () -> NormSpec.decode(new long[0], 1));
    }

    @Test
    void refusesUnknownCodes() {
        for (long unknown : new long[] {-1, 99, 1L << 32 | 1}) {
            assertMessage(
                    "expected the code of a statistic, got " + unknown,
                    () -> NormSpec.decode(new long[] {1, unknown, 0, 0, 1, 0, 1}, 1));
            assertMessage(
                    "expected the code of an activation, got " + unknown,
                    () -> NormSpec.decode(new long[] {1, 1, unknown, 0, 1, 0, 1}, 1));
            assertMessage(
                    "expected the code of a kind of axes, got " + unknown,
                    () -> NormSpec.decode(new long[] {1, 1, 0, 0, unknown, 0, 1}, 1));
        }
    }

    @Test
    void namesAreRowsOfTheTable() {
        assertEquals(new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.perChannel(1), 2), NormSpec.batchNorm(2, 1));
        assertEquals(new NormSpec(Statistic.GIVEN, NormAxes.perChannel(1), 2), NormSpec.batchNormInference(2, 1));
        assertEquals(new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.over(1, 2), 3), NormSpec.layerNorm(3, 1, 2));
        assertEquals(
                new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.perExampleAndGroup(4, 1), 3),
                NormSpec.groupNorm(4, 3, 1));
        assertEquals(
                new NormSpec(Statistic.MEAN_VARIANCE, NormAxes.perExampleAndChannel(1), 3),
                NormSpec.instanceNorm(3, 1));
        assertEquals(new NormSpec(Statistic.ROOT_MEAN_SQUARE, NormAxes.over(1), 3), NormSpec.rmsNorm(3, 1));
        assertEquals(new NormSpec(Statistic.SUM, NormAxes.over(1), 3), NormSpec.sumNorm(3, 1));
        assertEquals(new NormSpec(Statistic.L2, NormAxes.over(1), 3), NormSpec.unitNorm(3, 1));
    }

    @Test
    void changesMakeOtherValues() {
        NormSpec plain = NormSpec.rmsNorm(1, 1);
        assertEquals(FusedActivation.RELU, plain.with(FusedActivation.RELU).activation());
        assertTrue(plain.withUnitOffset(true).unitOffset());
        assertEquals(plain, plain.with(FusedActivation.RELU).with(FusedActivation.IDENTITY));
        assertEquals(plain, plain.withUnitOffset(true).withUnitOffset(false));
        assertEquals(FusedActivation.IDENTITY, plain.activation());
    }

    @Test
    void refusesWhatIsMissing() {
        NormAxes axes = NormAxes.over(1);
        assertMissing("statistic", () -> new NormSpec(null, axes, 1));
        assertMissing("axes", () -> new NormSpec(Statistic.SUM, null, 1));
        assertMissing("activation", () -> NormSpec.sumNorm(1, 1).with(null));
    }

    private static void assertMissing(String name, Executable executable) {
        assertEquals(name, assertThrows(NullPointerException.class, executable).getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void epsOfARootOfTheDataIsPositive(Statistic statistic) {
        boolean positive = statistic != Statistic.SUM && statistic != Statistic.GIVEN;
        NormSpec zero = new NormSpec(statistic, NormAxes.over(1), 0);
        if (positive) {
            assertMessage("op: expected eps > 0, got 0.0", () -> zero.checkEps("op"));
        } else {
            assertSame(zero, zero.checkEps("op"));
        }
        assertDoesNotThrow(() -> new NormSpec(statistic, NormAxes.over(1), Double.MIN_VALUE).checkEps("op"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-5, Double.NaN, Double.NEGATIVE_INFINITY})
    void epsIsNotNegative(double eps) {
        for (Statistic statistic : Statistic.values()) {
            String wanted = statistic == Statistic.SUM || statistic == Statistic.GIVEN ? ">= 0" : "> 0";
            assertMessage(
                    "op: expected eps " + wanted + ", got " + eps,
                    () -> new NormSpec(statistic, NormAxes.over(1), eps).checkEps("op"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void epsIsFinite(Statistic statistic) {
        assertMessage(
                "op: expected a finite eps, got Infinity",
                () -> new NormSpec(statistic, NormAxes.over(1), Double.POSITIVE_INFINITY).checkEps("op"));
    }

    private static void assertMessage(String message, Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }
}
