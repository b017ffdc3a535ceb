package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.cli.Program;
import io.github.dl4jnorm.digits.DigitData;
import io.github.dl4jnorm.digits.DigitsCnn;
import io.github.dl4jnorm.digits.NetworkClassifier;
import io.github.dl4jnorm.digits.Norm;
import io.github.dl4jnorm.digits.TrainingOptions;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a convolutional network to read digits, with the normalization of your choice. */
@Command(
        name = "TrainDigitsCnn",
        description = "Trains a convolutional network to read digits, with the normalization of your choice.")
public final class TrainDigitsCnn extends Program {
    @Option(names = "--norm", paramLabel = "NORM", description = "${COMPLETION-CANDIDATES}" + DEFAULT)
    private Norm norm = Norm.BATCH;

    @Mixin
    private final TrainingOptions options = new TrainingOptions();

    TrainDigitsCnn() {}

    /**
     * Runs the program.
     *
     * @param args options; see --help
     */
    public static void main(String[] args) {
        Cli.main(new TrainDigitsCnn(), args);
    }

    @Override
    protected void run() throws IOException {
        DigitData data = options.loadData();
        NetworkClassifier classifier = DigitsCnn.create(norm, options.learningRate(), options.seed());
        System.out.printf(
                Locale.ROOT,
                "Network    %d layers, %d parameters, norm: %s%n",
                classifier.net().getnLayers(),
                classifier.net().numParams(),
                norm);
        Training.run(options, classifier, data, norm + ".zip", "A CNN learns to read digits, norm: " + norm);
    }
}
