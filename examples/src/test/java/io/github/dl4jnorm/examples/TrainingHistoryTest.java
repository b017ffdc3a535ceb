package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TrainingHistoryTest {
    @Test
    void collectsEpochs() {
        TrainingHistory history = new TrainingHistory();
        history.add(new TrainingHistory.Epoch(new double[] {4, 2}, new long[] {90_000_000, 2_000_000}, 0.5, 0.25));
        history.add(new TrainingHistory.Epoch(new double[] {1}, new long[] {3_000_000}, 0.75, 0.5));
        assertEquals(2, history.size());
        assertArrayEquals(new double[] {4, 2, 1}, history.losses());
        assertArrayEquals(new double[] {0.5, 0.75}, history.trainAccuracies());
        assertArrayEquals(new double[] {0.25, 0.5}, history.testAccuracies());
        assertEquals(3.0, history.millisPerStep(), "the slow first step does not count");
        assertEquals(1, history.last().meanLoss());
    }
}
