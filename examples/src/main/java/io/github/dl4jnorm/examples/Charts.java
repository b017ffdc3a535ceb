package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.digits.Norm;
import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The charts of the programs. The colours are told apart by colour-blind people, too (Okabe and Ito). */
final class Charts {
    private static final Color BLUE = new Color(0x00, 0x72, 0xB2);
    private static final Color ORANGE = new Color(0xE6, 0x9F, 0x00);
    private static final Color GREEN = new Color(0x00, 0x9E, 0x73);
    private static final Color RED = new Color(0xD5, 0x5E, 0x00);
    private static final Color GRAY = new Color(0x8A, 0x8F, 0x98);

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
        List<Double> losses = history.losses();
        int epochs = history.size();
        return new TrainingChart(
                title,
                subtitle,
                new ChartPanel(
                        "Training loss",
                        List.of(
                                Curve.ofSteps("every step", losses, epochs, BLUE),
                                Curve.ofSmoothedSteps("moving average", losses, epochs, BLUE, Curve.SOLID))),
                new ChartPanel(
                        "Accuracy",
                        List.of(
                                Curve.ofEpochs("training images", history.trainAccuracies(), BLUE, Curve.DASHED),
                                Curve.ofEpochs("test images", history.testAccuracies(), RED, Curve.SOLID))));
    }

    /**
     * Many trainings: the loss and the accuracy on the test images of each.
     *
     * @param title headline
     * @param subtitle what was trained, and how
     * @param histories the training with each normalization
     * @return the chart
     */
    static TrainingChart compare(String title, String subtitle, Map<Norm, TrainingHistory> histories) {
        List<Curve> loss = new ArrayList<>();
        List<Curve> accuracy = new ArrayList<>();
        histories.forEach((norm, history) -> {
            String name = norm.toString();
            loss.add(Curve.ofSmoothedSteps(name, history.losses(), history.size(), color(norm), stroke(norm)));
            accuracy.add(Curve.ofEpochs(name, history.testAccuracies(), color(norm), stroke(norm)));
        });
        return new TrainingChart(
                title,
                subtitle,
                new ChartPanel("Training loss, moving average", loss),
                new ChartPanel("Accuracy on test images", accuracy));
    }

    private static Color color(Norm norm) {
        return switch (norm) {
            case BATCH -> BLUE;
            case LAYER -> ORANGE;
            case SUM -> GREEN;
            case BUILTIN -> RED;
            case NONE -> GRAY;
        };
    }

    /** The curve of the built-in BatchNormalization lies on that of this library's BatchNorm, which must show. */
    private static BasicStroke stroke(Norm norm) {
        return norm == Norm.BATCH ? Curve.WIDE : Curve.SOLID;
    }
}
