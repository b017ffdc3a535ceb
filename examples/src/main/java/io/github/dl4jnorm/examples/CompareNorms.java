package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.cli.Program;
import io.github.dl4jnorm.cli.UserError;
import io.github.dl4jnorm.digits.Classifier;
import io.github.dl4jnorm.digits.DigitData;
import io.github.dl4jnorm.digits.DigitsCnn;
import io.github.dl4jnorm.digits.Norm;
import io.github.dl4jnorm.digits.TrainingOptions;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains the same network with every normalization, from the same weights on the same batches. */
@Command(
        name = "CompareNorms",
        description = "Trains the same network with every normalization, from the same weights on the same batches,"
                + " and draws all trainings into one chart.")
public final class CompareNorms extends Program {
    @Option(
            names = "--norms",
            split = ",",
            defaultValue = "batch,layer,sum,builtin,none",
            paramLabel = "NORM",
            description = "Which ones, separated by commas" + DEFAULT)
    private List<Norm> norms = List.of();

    @Mixin
    private final TrainingOptions options = new TrainingOptions();

    CompareNorms() {}

    /**
     * Runs the program.
     *
     * @param args options; see --help
     */
    public static void main(String[] args) {
        Cli.main(new CompareNorms(), args);
    }

    @Override
    protected void run() throws IOException {
        DigitData data = options.loadData();
        Map<Norm, TrainingHistory> histories = new EnumMap<>(Norm.class);
        for (Norm norm : EnumSet.copyOf(norms)) {
            System.out.printf(Locale.ROOT, "%nNorm       %s%n", norm);
            Classifier classifier = DigitsCnn.create(norm, options.learningRate(), options.seed());
            histories.put(norm, train(norm, classifier, data));
        }
        printTable(histories);
        System.out.println();
        Charts.compare("A CNN learns to read digits with different normalizations", options.summary(), histories)
                .write(options.out().resolve("compare.png"));
    }

    private TrainingHistory train(Norm norm, Classifier classifier, DigitData data) {
        try {
            return Training.of(options, data).run(classifier);
        } catch (UserError e) {
            throw new UserError("--norms " + norm + ": " + e.getMessage());
        }
    }

    private static void printTable(Map<Norm, TrainingHistory> histories) {
        System.out.printf(Locale.ROOT, "%n%-10s %10s %10s %10s %10s%n", "norm", "loss", "train", "test", "ms/step");
        histories.forEach((norm, history) -> System.out.printf(
                Locale.ROOT,
                "%-10s %10.4f %10.4f %10.4f %10.1f%n",
                norm,
                history.last().meanLoss(),
                history.last().trainAccuracy(),
                history.last().testAccuracy(),
                history.millisPerStep()));
    }
}
