package io.github.dl4jnorm.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.Statistic.Measure;
import io.github.dl4jnorm.spec.Statistic.Scale;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table's formulas with numbers; whether its rows are right, tests of engines say. */
class StatisticTest {
    @Test
    void measures() {
        assertEquals(12, Measure.SUM_OF_VALUES.of(12, 4));
        assertEquals(12, Measure.SUM_OF_SQUARES.of(12, 4));
        assertEquals(3, Measure.MEAN_OF_SQUARES.of(12, 4));
        assertEquals(
                "a given variance is not computed",
                assertThrows(IllegalStateException.class, () -> Measure.GIVEN_VARIANCE.of(12, 4))
                        .getMessage());
    }

    @Test
    void scales() {
        assertEquals(0.125, Scale.INVERSE.of(7, 1));
        assertEquals(-0.5, Scale.INVERSE.of(-2.5, 0.5));
        assertEquals(Double.POSITIVE_INFINITY, Scale.INVERSE.of(0, 0));
        assertEquals(0.25, Scale.INVERSE_ROOT.of(15, 1));
        assertEquals(Double.NaN, Scale.INVERSE_ROOT.of(-2, 1));
        assertEquals(0.25, Scale.INVERSE_FLOORED_ROOT.of(16, 1));
        assertEquals(0.25, Scale.INVERSE_FLOORED_ROOT.of(3, 16));
        assertEquals(0, Scale.INVERSE_FLOORED_ROOT.of(Double.POSITIVE_INFINITY, 16));
        assertEquals(Double.NaN, Scale.INVERSE_FLOORED_ROOT.of(Double.NaN, 16));
    }

    /** On equality the gradient goes to q; NaN is no constant. */
    @Test
    void constantScales() {
        assertTrue(Scale.INVERSE_FLOORED_ROOT.isConstant(3, 16));
        assertFalse(Scale.INVERSE_FLOORED_ROOT.isConstant(16, 16));
        assertFalse(Scale.INVERSE_FLOORED_ROOT.isConstant(Double.NaN, 16));
        assertFalse(Scale.INVERSE_ROOT.isConstant(3, 16));
        assertFalse(Scale.INVERSE.isConstant(3, 16));
    }

    @Test
    void terms() {
        assertEquals(0, Term.ZERO.of(Double.NaN, Double.POSITIVE_INFINITY, 4));
        assertEquals(3, Term.MEAN_OF_G.of(12, 20, 4));
        assertEquals(5, Term.MEAN_OF_G_X_HAT.of(12, 20, 4));
        assertEquals(20, Term.SUM_OF_G_X_HAT.of(12, 20, 4));
    }

    @Test
    void rows() {
        assertEquals(
                EnumSet.of(Statistic.MEAN_VARIANCE, Statistic.GIVEN),
                Arrays.stream(Statistic.values())
                        .filter(Statistic::isCentered)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Statistic.class))));
        for (Statistic statistic : Statistic.values()) {
            assertEquals(statistic == Statistic.GIVEN, statistic.isGiven(), statistic.name());
            boolean mayBeZero = Set.of(Statistic.SUM, Statistic.GIVEN).contains(statistic);
            assertEquals(!mayBeZero, statistic.needsPositiveEps(), statistic.name());
        }
    }
}
