package io.github.dl4jnorm.gradcheck;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;

/** What {@link GradientDoctor} found out about the gradient of one input. */
public final class Finding {
    /** What is known. */
    public enum Verdict {
        /** Nothing is wrong. */
        RIGHT,
        /** It is wrong, and one explanation accounts for it. */
        EXPLAINED,
        /** It is wrong, and several explanations account for it equally well on these data. */
        AMBIGUOUS,
        /** It is wrong, and nothing that is known here accounts for it. */
        UNEXPLAINED,
        /** Nobody can tell: the differences of the forward pass are not good enough to compare it with. */
        UNDECIDED
    }

    private final String input;
    private final Verdict verdict;
    private final List<Cause> observed;
    private final List<Explanation> explanations;
    private final Discrepancy discrepancy;
    private final Shapes shapes;
    private final String text;

    /** What the axes of a picture are: shapes of input and output. */
    record Shapes(long[] outputShape, long[] inputShape) {}

    Finding(
            String input,
            Verdict verdict,
            List<Cause> observed,
            List<Explanation> explanations,
            Discrepancy discrepancy,
            Shapes shapes,
            String text) {
        this.input = input;
        this.verdict = verdict;
        this.observed = List.copyOf(observed);
        this.explanations = List.copyOf(explanations);
        this.discrepancy = discrepancy;
        this.shapes = shapes;
        this.text = text;
    }

    /**
     * Whose gradient this is about.
     *
     * @return x, gamma, beta, or the number of another input
     */
    public String input() {
        return input;
    }

    /**
     * What is known.
     *
     * @return the verdict
     */
    public Verdict verdict() {
        return verdict;
    }

    /**
     * What is wrong, according to what was seen and the best explanation.
     *
     * @return the causes; empty if the gradient is right or nothing is known
     */
    public List<Cause> causes() {
        Set<Cause> causes = new LinkedHashSet<>(observed);
        if (!explanations.isEmpty()) {
            causes.addAll(explanations.get(0).causes());
        }
        return List.copyOf(causes);
    }

    /**
     * The explanations that account for what is wrong, equally good ones if there are several.
     *
     * @return the explanations; empty if the gradient is right or nothing is known
     */
    public List<Explanation> explanations() {
        return explanations;
    }

    /**
     * The size of the error; where something about its form is wrong, of what is left when that is put right.
     *
     * @return ‖yours − true‖/‖true‖, in the Frobenius norm; ‖yours‖ where the truth is zero; NaN if the shape is wrong or
     *     the truth is not known
     */
    public double relativeError() {
        return verdict == Verdict.UNDECIDED ? Double.NaN : discrepancy.relativeError();
    }

    /**
     * The true Jacobian, yours, and their difference side by side.
     *
     * @return a picture, 1260 pixels wide; of gradients, if no whole Jacobian is known
     */
    public BufferedImage picture() {
        return new HeatMap("Gradient of " + input + ": " + headline(), discrepancy, shapes).draw();
    }

    /**
     * Writes {@link #picture()} as a PNG.
     *
     * @param file where to
     * @throws IOException if it cannot be written
     */
    public void writePicture(Path file) throws IOException {
        ImageIO.write(picture(), "png", file.toFile());
    }

    private String headline() {
        return switch (verdict) {
            case RIGHT -> "right";
            case UNDECIDED -> "cannot be judged here";
            case UNEXPLAINED ->
                observed.isEmpty() ? "wrong, cause unknown" : observed.get(0).title();
            default ->
                causes().stream()
                        .map(Cause::title)
                        .reduce((a, b) -> a + "; " + b)
                        .orElseThrow();
        };
    }

    /** A right gradient, with the data that it was right on. */
    Finding on(String data) {
        if (verdict != Verdict.RIGHT) {
            return this;
        }
        String[] parts = text.split("\\R", 2);
        String rest = parts.length == 1 ? "" : System.lineSeparator() + parts[1];
        return new Finding(
                input, verdict, observed, explanations, discrepancy, shapes, parts[0] + ", on " + data + rest);
    }

    /** A few lines for a person: the cause, what it accounts for, the right formula, and numbers. */
    @Override
    public String toString() {
        return text;
    }
}
