package io.github.dl4jnorm.rewrite.command;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.cli.Program;
import io.github.dl4jnorm.cli.UsageError;
import io.github.dl4jnorm.cli.UserError;
import io.github.dl4jnorm.cli.ValueConverter;
import io.github.dl4jnorm.rewrite.Rewritten;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Replaces the batch normalizations of a saved model by ours, or back, or folds them. Exit code 0 if a new file was
 * written, 1 if there was nothing to change or something failed, 2 for options that are wrong for any model.
 */
@Command(
        name = "ReplaceBatchNorm",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:a new file was written",
            "1:there was nothing to change, or something failed",
            "2:options that are wrong for any model"
        },
        description =
                "Replaces DL4J's BatchNormalization in a saved model by BatchNorm, compares the outputs, writes a "
                        + "new file, and measures both models on random input. The file that is read is never changed, unless "
                        + "--output names it and --overwrite is given.")
public final class ReplaceBatchNorm extends Program {
    @Parameters(paramLabel = "MODEL", description = "A zip file of DL4J's ModelSerializer")
    private Path file;

    @Option(names = "--restore", description = "Replace BatchNorm by DL4J's BatchNormalization instead")
    private boolean restore;

    @Option(names = "--fold", description = "Merge batch normalizations into the layers below instead, for inference")
    private boolean fold;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "The file to write (default: MODEL-replaced.zip, -restored or -folded)")
    private @Nullable Path output;

    @Option(names = "--overwrite", description = "Allow the file to exist; otherwise that is an error")
    private boolean overwrite;

    @Option(
            names = "--shape",
            paramLabel = "SIZES",
            converter = Sizes.class,
            description = "Shape of one example, such as 3,224,224; once per input. Models of images do not know it")
    private @Nullable List<long[]> shapes;

    @Option(names = "--batch", paramLabel = "N", description = "Random examples to compare and measure with" + DEFAULT)
    private int batch = 16;

    @Option(names = "--no-timing", description = "Do not measure")
    private boolean noTiming;

    ReplaceBatchNorm() {}

    /**
     * Runs the program.
     *
     * @param args options; see --help
     */
    public static void main(String[] args) {
        Cli.main(new ReplaceBatchNorm(), args);
    }

    @Override
    protected void run() throws IOException {
        Operation operation = operation();
        Path target = output == null ? defaultOutput(operation) : output;
        ModelFile.checkPaths(file, target, overwrite);
        ModelFile original = ModelFile.read(file);
        print("Model", describe(original));
        Rewritten<? extends Model> rewritten = operation.apply(original.model());
        System.out.println(rewritten.report());
        if (rewritten.report().done().isEmpty()) {
            throw new UserError(file + ": nothing to be " + operation.done() + ", so nothing is written");
        }
        Trial trial = trial(original.model());
        if (trial != null) {
            double difference = trial.difference(rewritten.network());
            print(
                    "Outputs",
                    String.format(Locale.ROOT, "differ by %.1e at most, on %d random examples", difference, batch));
        }
        boolean updater = original.hasUpdater() && operation.trains();
        original.writeChanged(target, rewritten.network(), updater, overwrite);
        print("Written", target.toString());
        if (trial != null && !noTiming) {
            measure(trial, original.model(), rewritten.network(), operation.trains());
        }
    }

    private Operation operation() {
        if (restore && fold) {
            throw new UsageError("--restore and --fold exclude each other");
        }
        if (restore) {
            return Operation.RESTORE;
        }
        return fold ? Operation.FOLD : Operation.REPLACE;
    }

    private static void print(String label, String text) {
        System.out.printf(Locale.ROOT, "%-8s  %s%n", label, text);
    }

    private String describe(ModelFile original) {
        Model model = original.model();
        int layers = model instanceof ComputationGraph graph
                ? graph.getNumLayers()
                : ((MultiLayerNetwork) model).getnLayers();
        return String.format(
                Locale.ROOT,
                "%s: %s, %d layers, %d parameters, %s updater state",
                file,
                model.getClass().getSimpleName(),
                layers,
                model.numParams(),
                original.hasUpdater() ? "with" : "without");
    }

    private Path defaultOutput(Operation operation) {
        String name = String.valueOf(file.getFileName());
        String bare = name.endsWith(".zip") ? name.substring(0, name.length() - ".zip".length()) : name;
        return file.resolveSibling(bare + "-" + operation.done() + ".zip");
    }

    /** Random examples that fit the model, or null if nobody knows their shape. */
    private @Nullable Trial trial(Model model) {
        List<long[]> known = shapes == null ? Shapes.of(model) : shapes;
        if (known == null) {
            print("Outputs", "not compared and not measured: give the shape of one example, such as --shape 3,224,224");
            return null;
        }
        int inputs = model instanceof ComputationGraph graph ? graph.getNumInputArrays() : 1;
        if (known.size() != inputs) {
            throw new UserError("--shape: expected one per input, " + inputs + ", got " + known.size());
        }
        DataType type = model.params().dataType();
        try {
            return new Trial(known, batch, type, model);
        } catch (RuntimeException e) {
            String given = String.join(" ", known.stream().map(Arrays::toString).toList());
            throw new UserError("the model does not take examples of shape " + given + ": " + e.getMessage());
        }
    }

    private static void measure(Trial trial, Model before, Model after, boolean training) {
        System.out.printf(Locale.ROOT, "%-14s  %9s  %9s%n", "ms", "before", "after");
        measure("inference", trial::inference, before, after);
        if (training) {
            measure("training step", trial::training, before, after);
        }
    }

    private static void measure(String what, ToDoubleFunction<Model> time, Model before, Model after) {
        try {
            double first = time.applyAsDouble(before);
            double second = time.applyAsDouble(after);
            System.out.printf(
                    Locale.ROOT, "%-14s  %9.2f  %9.2f  %.1f times as fast%n", what, first, second, first / second);
        } catch (RuntimeException e) {
            System.out.printf(Locale.ROOT, "%-14s  not measured: %s%n", what, e.getMessage());
        }
    }

    /** Sizes with commas between them. */
    static final class Sizes extends ValueConverter<long[]> {
        Sizes() {
            super(Sizes::parsed, Sizes::positive, "a list of sizes such as 3,224,224");
        }

        private static long[] parsed(String text) {
            return Arrays.stream(text.split(",", -1))
                    .mapToLong(size -> Long.parseLong(size.strip()))
                    .toArray();
        }

        private static boolean positive(long[] sizes) {
            return Arrays.stream(sizes).allMatch(size -> size > 0);
        }
    }
}
