package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.cli.Program;
import io.github.dl4jnorm.cli.UsageError;
import io.github.dl4jnorm.examples.GradientQuestion.Attempt;
import io.github.dl4jnorm.gradcheck.Diagnosis;
import io.github.dl4jnorm.gradcheck.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Has the {@link io.github.dl4jnorm.gradcheck.GradientDoctor} answer five questions about hand-derived gradients. */
@Command(
        name = "ExplainGradient",
        description = "Says what is wrong in five hand-derived gradients of normalizations, and draws their Jacobians.")
public final class ExplainGradient extends Program {
    @Option(
            names = "--case",
            paramLabel = "N",
            description = "The question to answer, 1 to 5; repeatable (default: all)")
    private List<Integer> numbers = List.of();

    @Option(names = "--all", description = "Answer all five, which is the default, too")
    private boolean all;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Directory of the pictures; made if it is missing" + DEFAULT)
    private Path output = Path.of("target", "gradients");

    ExplainGradient() {}

    /**
     * Runs the program.
     *
     * @param args options; see --help
     */
    public static void main(String[] args) {
        Cli.main(new ExplainGradient(), args);
    }

    @Override
    protected void run() throws IOException {
        List<GradientQuestion> questions = GradientQuestions.all();
        for (int number : numbers) {
            if (number > questions.size()) {
                throw new UsageError("--case " + number + ": there are " + questions.size() + " cases");
            }
        }
        Files.createDirectories(output);
        boolean everyOne = all || numbers.isEmpty();
        for (int number = 1; number <= questions.size(); number++) {
            if (everyOne || numbers.contains(number)) {
                answer(number, questions.get(number - 1));
            }
        }
        if (!TrainingChart.canBeDrawn()) {
            System.out.println("Pictures   not drawn: Java finds no fonts; install fontconfig and fonts-dejavu");
        }
    }

    private void answer(int number, GradientQuestion question) throws IOException {
        System.out.printf(Locale.ROOT, "Case %d: %s%n\"%s\"%n%n", number, question.title(), question.question());
        for (int i = 0; i < question.attempts().size(); i++) {
            Attempt attempt = question.attempts().get(i);
            Diagnosis diagnosis = attempt.examination().get();
            System.out.printf(Locale.ROOT, "Code: %s%n%s%n", attempt.name(), diagnosis);
            if (TrainingChart.canBeDrawn()) {
                draw("case" + number + (char) ('a' + i), diagnosis);
            }
            System.out.println();
        }
    }

    /** A picture of each wrong gradient; of dx, if none is. */
    private void draw(String name, Diagnosis diagnosis) throws IOException {
        for (Finding finding : diagnosis.findings()) {
            boolean wrong = finding.verdict() != Finding.Verdict.RIGHT;
            if (wrong || diagnosis.causes().isEmpty() && finding.input().equals("x")) {
                Path file = output.resolve(name + "-" + finding.input() + ".png");
                finding.writePicture(file);
                System.out.printf(Locale.ROOT, "Picture: %s%n", file.toAbsolutePath());
            }
        }
    }
}
