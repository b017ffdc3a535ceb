package io.github.dl4jnorm.benchmarks.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void quartilesOfAnOddCount() {
        Spread spread = Spread.of(DoubleStream.of(5, 1, 4, 2, 3));
        assertEquals(3, spread.median());
        assertEquals(2, spread.lower());
        assertEquals(4, spread.upper());
        assertEquals(5, spread.count());
    }

    @Test
    void medianOfAnEvenCountIsBetween() {
        assertEquals(2.5, Spread.of(DoubleStream.of(1, 2, 3, 4)).median());
    }

    @Test
    void nothingHasNoMedian() {
        assertTrue(Double.isNaN(Spread.of(DoubleStream.of()).median()));
    }

    @Test
    void confidenceIntervalOfAHundredNumbersIsTenRanksAround() {
        Spread spread = Spread.of(IntStream.range(0, 100).asDoubleStream());
        assertEquals(39, spread.lowerBound());
        assertEquals(60, spread.upperBound());
    }
}
