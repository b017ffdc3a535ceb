package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.cli.Program;
import io.github.dl4jnorm.digits.DigitData;
import io.github.dl4jnorm.digits.TrainingOptions;
import java.io.IOException;
import java.util.Locale;
import org.nd4j.autodiff.samediff.SameDiff;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Trains a SameDiff graph with {@link io.github.dl4jnorm.SDNorm} operations to read digits. */
@Command(
        name = "TrainDigitsSameDiff",
        description = "Trains a SameDiff graph with BatchNorm and LayerNorm operations to read digits.")
public final class TrainDigitsSameDiff extends Program {
    @Mixin
    private final TrainingOptions options = new TrainingOptions();

    TrainDigitsSameDiff() {}

    /**
     * Runs the program.
     *
     * @param args options; see --help
     */
    public static void main(String[] args) {
        Cli.main(new TrainDigitsSameDiff(), args);
    }

    @Override
    protected void run() throws IOException {
        DigitData data = options.loadData();
        SameDiff sd = DigitsGraph.create(options.learningRate(), options.seed());
        System.out.printf(
                Locale.ROOT,
                "Graph      %d operations, %d variables%n",
                sd.ops().length,
                sd.variables().size());
        Training.run(options, new GraphClassifier(sd), data, "samediff.fb", "A SameDiff graph learns to read digits");
    }
}
