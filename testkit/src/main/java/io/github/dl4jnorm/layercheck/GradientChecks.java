package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** GradientChecks of the parameters and of the input against finite differences. */
final class GradientChecks {
    private GradientChecks() {}

    static String ofParameters(LayerUnderTest subject) {
        return parameters(subject, true);
    }

    static String ofParametersInInference(LayerUnderTest subject) {
        return parameters(subject, false);
    }

    static String ofInput(LayerUnderTest subject) {
        return input(subject, true);
    }

    static String ofInputInInference(LayerUnderTest subject) {
        return input(subject, false);
    }

    private static String parameters(LayerUnderTest subject, boolean training) {
        subject.requireBackprop();
        if (subject.isFrozen()) {
            throw new Inapplicable("the layer is frozen");
        }
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        if (trained(subject, bench).isEmpty()) {
            throw new Inapplicable("there are no trained parameters");
        }
        FiniteDifferences differences = new FiniteDifferences();
        LayerResults pass =
                compareParameters(differences, subject, bench, subject.input(subject.batch(), 0), training, null);
        bench.requireInFlatArray(pass);
        return differences.summary();
    }

    private static String input(LayerUnderTest subject, boolean training) {
        subject.requireBackprop();
        FiniteDifferences differences = new FiniteDifferences();
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        compareInput(differences, subject, bench, subject.input(subject.batch(), 0), training, null);
        if (differences.isIdle()) {
            throw new Inapplicable("the layer passes no gradient to its input");
        }
        return differences.summary();
    }

    /** Views of the parameters that are trained, by name. */
    private static Map<String, INDArray> trained(LayerUnderTest subject, LayerHarness bench) {
        Map<String, INDArray> trained = new LinkedHashMap<>(bench.parameters());
        trained.keySet().removeIf(name -> subject.isFrozen() || bench.isStatistic(name));
        return trained;
    }

    /** Compares the gradients of all trained parameters; visible is 0 where the loss does not read the output. */
    static LayerResults compareParameters(
            FiniteDifferences differences,
            LayerUnderTest subject,
            LayerHarness bench,
            INDArray x,
            boolean training,
            @Nullable INDArray visible) {
        INDArray weights = weights(subject, bench, x, training, visible);
        Loss loss = new Loss(bench, x, training, weights);
        LayerResults pass = bench.pass(x, weights, training);
        trained(subject, bench).forEach((name, parameter) -> {
            INDArray gradient = pass.gradients().get(name);
            if (gradient == null) {
                throw new CheckFailure("no gradient of " + name);
            }
            differences.compare(name, gradient, parameter, loss, subject.seed());
        });
        return pass;
    }

    /** Compares the gradient of the input, if the layer gives one. */
    static void compareInput(
            FiniteDifferences differences,
            LayerUnderTest subject,
            LayerHarness bench,
            INDArray x,
            boolean training,
            @Nullable INDArray visible) {
        INDArray weights = weights(subject, bench, x, training, visible);
        LayerResults pass = bench.pass(x, weights, training);
        if (pass.dx() != null) {
            INDArray dx = pass.dx().dup();
            INDArray at = x.dup('c');
            differences.compare("input", dx, at, new Loss(bench, at, training, weights), subject.seed());
        }
    }

    private static INDArray weights(
            LayerUnderTest subject, LayerHarness bench, INDArray x, boolean training, @Nullable INDArray visible) {
        INDArray weights = subject.epsilon(bench.forward(x.dup('c'), training).shape());
        return visible == null ? weights : weights.mul(visible);
    }

    static String ofStatistics(LayerUnderTest subject) {
        subject.requireBackprop();
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        List<String> statistics = bench.parameters().keySet().stream()
                .filter(name -> bench.isStatistic(name))
                .toList();
        if (statistics.isEmpty()) {
            throw new Inapplicable("every parameter has an updater");
        }
        LayerResults pass = Activations.pass(subject, bench, subject.input(subject.batch(), 0), true);
        for (String name : statistics) {
            INDArray gradient = pass.gradients().get(name);
            if (gradient != null) {
                Comparisons.same("gradient of " + name, gradient.like(), gradient);
            }
        }
        return String.join(", ", statistics);
    }

    static String ofSingleExample(LayerUnderTest subject) {
        subject.requireBackprop();
        FiniteDifferences differences = new FiniteDifferences();
        INDArray x = subject.input(1, 0);
        Comparisons.finite("output in inference", subject.bench(DataType.DOUBLE).forward(x.dup(), false));
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        Comparisons.finite("output in training", bench.forward(x.dup(), true));
        compareParameters(differences, subject, bench, x, true, null);
        compareInput(differences, subject, bench, x, true, null);
        return differences.summary();
    }
}
