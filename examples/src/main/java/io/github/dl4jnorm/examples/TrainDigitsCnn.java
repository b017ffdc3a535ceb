package io.github.dl4jnorm.examples;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a convolutional network to read digits, with the normalization of your choice. */
@Command(
        name = "TrainDigitsCnn",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Trains a convolutional network to read digits, with the normalization of your choice.")
public final class TrainDigitsCnn implements Callable<Integer> {
    @Option(
            names = "--norm",
            defaultValue = "batch",
            paramLabel = "NORM",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Norm norm;

    @Mixin
    private TrainingOptions options;

    private TrainDigitsCnn() {}

    /**
     * Runs the program.
     *
     * @param args options; see --help
     */
    public static void main(String[] args) {
        Cli.main(new TrainDigitsCnn(), args);
    }

    @Override
    public Integer call() throws IOException {
        DigitData data = options.loadData();
        MultiLayerNetwork net =
                new MultiLayerNetwork(DigitsCnn.configuration(norm, options.learningRate, options.seed));
        net.init();
        System.out.printf("Network    %d layers, %d parameters, norm: %s%n", net.getnLayers(), net.numParams(), norm);

        options.train(new NetworkClassifier(net), data, norm + ".zip", "A CNN learns to read digits, norm: " + norm);
        return 0;
    }
}
