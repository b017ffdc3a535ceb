package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What a {@link GradCheck} found. */
public final class GradCheckReport {
    private static final int SHOWN = 10;

    private final List<String> inputNames;
    private final List<String> problems = new ArrayList<>();
    private final List<Mismatch> mismatches = new ArrayList<>();
    private final List<String> undecided = new ArrayList<>();
    private long compared;

    GradCheckReport(List<String> inputNames) {
        this.inputNames = List.copyOf(inputNames);
    }

    /**
     * A derivative that is not as the differences say.
     *
     * @param output number of the output
     * @param outputIndex index of the element of the output, or the number of a projection
     * @param input name of the input
     * @param inputIndex index of the element of the input, or the number of a projection
     * @param numerical what differences say
     * @param analytical what the backward pass says
     */
    public record Mismatch(
            int output, String outputIndex, String input, String inputIndex, double numerical, double analytical) {
        /**
         * How far they are apart.
         *
         * @return |analytical − numerical|; infinite if one is no number
         */
        public double error() {
            double error = Math.abs(analytical - numerical);
            return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "output %d %s by %s %s: yours %.8g, differences %.8g, off by %.3g",
                    output,
                    outputIndex,
                    input,
                    inputIndex,
                    analytical,
                    numerical,
                    error());
        }
    }

    void problem(String text) {
        problems.add(text);
    }

    void undecided(String text) {
        undecided.add(text);
    }

    void mismatch(Mismatch mismatch) {
        mismatches.add(mismatch);
    }

    void compared(long count) {
        compared += count;
    }

    /**
     * Whether everything is right.
     *
     * @return whether there are neither problems nor mismatches, and every derivative could be judged
     */
    public boolean passes() {
        return problems.isEmpty() && mismatches.isEmpty() && undecided.isEmpty();
    }

    /**
     * Derivatives that differences say too little about: they may be right or wrong.
     *
     * @return one line per output and input with such derivatives, with the reason; empty if there are none
     */
    public List<String> undecided() {
        return List.copyOf(undecided);
    }

    /**
     * What is wrong apart from the numbers: something modified in place, another result in a second run, a wrong shape.
     *
     * @return one line each; empty if nothing is
     */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    /**
     * The wrong derivatives.
     *
     * @return all of them, the largest error first
     */
    public List<Mismatch> mismatches() {
        return mismatches.stream()
                .sorted(Comparator.comparingDouble(Mismatch::error).reversed())
                .toList();
    }

    /**
     * Throws if something is wrong.
     *
     * @throws AssertionError with this report as its message, unless {@link #passes()}
     */
    public void assertPasses() {
        if (!passes()) {
            throw new AssertionError(toString());
        }
    }

    /** The report as text: problems, what could not be judged, then the ten largest errors. */
    @Override
    public String toString() {
        String what = "gradients of " + String.join(", ", inputNames);
        if (passes()) {
            return what + ": right, " + compared + " derivatives compared";
        }
        List<String> lines = new ArrayList<>();
        lines.add(what + (problems.isEmpty() && mismatches.isEmpty() ? ": CANNOT BE JUDGED here" : ": WRONG"));
        lines.addAll(problems);
        lines.addAll(undecided);
        if (!mismatches.isEmpty()) {
            lines.add(mismatches.size() + " of " + compared + " derivatives differ; the largest errors first:");
            mismatches().stream().limit(SHOWN).map(Mismatch::toString).forEach(lines::add);
        }
        return String.join(System.lineSeparator() + "  ", lines);
    }
}
