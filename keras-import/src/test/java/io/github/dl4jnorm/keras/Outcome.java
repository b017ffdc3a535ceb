package io.github.dl4jnorm.keras;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * What came of a file.
 *
 * @param way network or graph
 * @param kind what happened
 * @param detail the error, or the message
 */
record Outcome(String way, Kind kind, String detail) {
    /** Of the largest element of an output. */
    private static final double TOLERANCE = 1e-5;

    /** What can happen, from good to bad. */
    enum Kind {
        /** Shape and numbers are Keras'. */
        EQUAL("equal"),
        /** The numbers are Keras', in another shape. */
        RESHAPED("reshaped"),
        /** Other numbers, without a word. */
        DIFFERENT("DIFFERENT"),
        /** Not imported, by a declared exception. */
        REFUSED("refused"),
        /** Not imported, by an exception that the importer does not declare. */
        UNDECLARED("undeclared"),
        /** Imported, and output() throws. */
        NOT_RUN("cannot be run"),
        /** The process ended, or had to be ended. */
        DIED("JVM died");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /** Imports and runs a network. */
    private interface Way {
        INDArray[] outputs(String file, INDArray[] inputs)
                throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;
    }

    /** Thrown by a network that was imported. */
    private static final class NotRun extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotRun(Throwable cause) {
            super(cause);
        }
    }

    static Outcome died() {
        return new Outcome("-", Kind.DIED, "");
    }

    /** The line of the table for a file. */
    String line(String name) {
        return String.join("\t", name, way, kind.text, detail.replaceAll("\\s+", " "));
    }

    /** Whether such a line says that the file was imported rightly or not at all. */
    static boolean isGood(String line) {
        String kind = line.split("\t", -1)[2];
        return kind.equals(Kind.EQUAL.text) || kind.equals(Kind.RESHAPED.text) || kind.equals(Kind.REFUSED.text);
    }

    static List<Outcome> of(Path file) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        if (isSequential(file)) {
            outcomes.add(of(file, "network", Outcome::network));
        }
        outcomes.add(of(file, "graph", Outcome::graph));
        return outcomes;
    }

    private static INDArray[] network(String file, INDArray[] inputs)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(file);
        try {
            return new INDArray[] {network.output(inputs[0])};
        } catch (Exception | LinkageError e) {
            throw new NotRun(e);
        }
    }

    private static INDArray[] graph(String file, INDArray[] inputs)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        ComputationGraph graph = KerasNormImport.importKerasModelAndWeights(file);
        try {
            return graph.output(inputs);
        } catch (Exception | LinkageError e) {
            throw new NotRun(e);
        }
    }

    private static Outcome of(Path file, String way, Way runner) {
        try {
            INDArray[] expected = expected(file, "output");
            INDArray[] actual = runner.outputs(file.toString(), expected(file, "input"));
            return compare(way, expected, actual);
        } catch (NotRun e) {
            return new Outcome(way, Kind.NOT_RUN, message(e.getCause()));
        } catch (InvalidKerasConfigurationException | UnsupportedKerasConfigurationException | IOException e) {
            return new Outcome(way, Kind.REFUSED, message(e));
        } catch (Exception | LinkageError e) {
            return new Outcome(way, Kind.UNDECLARED, message(e));
        }
    }

    private static String message(Throwable e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static Outcome compare(String way, INDArray[] expected, INDArray[] actual) {
        if (expected.length != actual.length) {
            return new Outcome(way, Kind.DIFFERENT, actual.length + " outputs of " + expected.length);
        }
        Kind worst = Kind.EQUAL;
        List<String> details = new ArrayList<>();
        for (int i = 0; i < expected.length; i++) {
            double[] theirs = Tensor.from(expected[i]).data();
            double[] ours = Tensor.from(actual[i]).data();
            double error = error(theirs, ours);
            String detail = Double.toString(error);
            Kind kind = error <= TOLERANCE ? Kind.EQUAL : Kind.DIFFERENT;
            if (!Arrays.equals(expected[i].shape(), actual[i].shape())) {
                kind = kind == Kind.EQUAL ? Kind.RESHAPED : kind;
                detail += " " + Arrays.toString(actual[i].shape()) + " of " + Arrays.toString(expected[i].shape());
            }
            if (kind == Kind.DIFFERENT && error(sorted(theirs), sorted(ours)) <= TOLERANCE) {
                detail += " in another order";
            }
            worst = kind.compareTo(worst) > 0 ? kind : worst;
            details.add(detail);
        }
        return new Outcome(way, worst, String.join(", ", details));
    }

    private static double[] sorted(double[] values) {
        return Arrays.stream(values).sorted().toArray();
    }

    /** The largest difference over the largest expected element; infinite if there are more elements or fewer. */
    private static double error(double[] expected, double[] actual) {
        if (expected.length != actual.length) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i])); // NaN stays
        }
        return difference == 0 ? 0 : difference / largest;
    }

    /** The arrays of that name: name alone, or name_0, name_1 and so on. */
    private static INDArray[] expected(Path file, String name) throws UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(file.toString())) {
            List<String> names = archive.getDataSets("expected");
            if (names.contains(name)) {
                return new INDArray[] {archive.readDataSet(name, "expected")};
            }
            List<INDArray> arrays = new ArrayList<>();
            for (int i = 0; names.contains(name + "_" + i); i++) {
                arrays.add(archive.readDataSet(name + "_" + i, "expected"));
            }
            return arrays.toArray(INDArray[]::new);
        }
    }

    private static boolean isSequential(Path file) throws IOException {
        try (Hdf5Archive archive = new Hdf5Archive(file.toString())) {
            Map<?, ?> model = new ObjectMapper().readValue(archive.readAttributeAsJson("model_config"), Map.class);
            return "Sequential".equals(model.get("class_name"));
        } catch (UnsupportedKerasConfigurationException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }
}
