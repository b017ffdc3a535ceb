package io.github.dl4jnorm.examples;

import java.awt.Color;
import java.util.List;

/** The charts of the programs. */
final class Charts {
    private static final Color BLUE = new Color(0x00, 0x72, 0xB2);
    private static final Color ORANGE = new Color(0xD5, 0x5E, 0x00);

    private Charts() {}

    /**
     * One training: the loss of every step, the accuracy on training and test images.
     *
     * @param title headline
     * @param subtitle what was trained, and how
     * @param history the training
     * @return the chart
     */
    static TrainingChart of(String title, String subtitle, TrainingHistory history) {
        int epochs = history.size();
        return new TrainingChart(
                title,
                subtitle,
                List.of(
                        Curve.ofSteps("every step", history.losses(), epochs, BLUE),
                        Curve.ofSmoothedSteps("moving average", history.losses(), epochs, BLUE, Curve.SOLID)),
                List.of(
                        Curve.ofEpochs("training images", history.trainAccuracies(), BLUE, Curve.DASHED),
                        Curve.ofEpochs("test images", history.testAccuracies(), ORANGE, Curve.SOLID)));
    }
}
