package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.examples.TrainingHistory.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingHistoryTest {
    @Test
    void collectsEpochs() {
        TrainingHistory history = new TrainingHistory();
        history.add(new TrainingHistory.Epoch(List.of(new Step(4, 90_000_000), new Step(2, 2_000_000)), 0.5, 0.25));
        history.add(new TrainingHistory.Epoch(List.of(new Step(1, 3_000_000)), 0.75, 0.5));
        assertEquals(2, history.size());
        assertEquals(List.of(4.0, 2.0, 1.0), history.losses());
        assertEquals(List.of(0.5, 0.75), history.trainAccuracies());
        assertEquals(List.of(0.25, 0.5), history.testAccuracies());
        assertEquals(3.0, history.millisPerStep(), "the slow first step does not count");
        assertEquals(1, history.last().meanLoss());
    }
}
