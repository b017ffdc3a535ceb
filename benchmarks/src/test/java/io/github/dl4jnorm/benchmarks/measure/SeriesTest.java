package io.github.dl4jnorm.benchmarks.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SeriesTest {
    private static Series series(double... nanosOrNaN) {
        Series series = new Series();
        for (int round = 0; round < nanosOrNaN.length; round++) {
            if (!Double.isNaN(nanosOrNaN[round])) {
                series.add(round, new Sample(nanosOrNaN[round], 0));
            }
        }
        return series;
    }

    @Test
    void ratiosAreOfRoundsThatBothTookPartIn() {
        Spread ratio = series(10, 40, 90).ratioTo(series(10, Double.NaN, 30));
        assertEquals(2, ratio.count());
        assertEquals(2, ratio.median());
    }

    @Test
    void appendedRoundsStayApart() {
        Series first = series(10, 10);
        first.append(series(30));
        Series other = series(10, 10);
        other.append(series(10));
        assertEquals(3, first.ratioTo(other).count());
        assertEquals(1, first.ratioTo(other).median());
    }
}
