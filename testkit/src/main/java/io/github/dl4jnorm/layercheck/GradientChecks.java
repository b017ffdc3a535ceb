package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.List;
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
        if (GradientsAt.trained(subject, bench).isEmpty()) {
            throw new Inapplicable("there are no trained parameters");
        }
        FiniteDifferences differences = new FiniteDifferences();
        LayerResults pass = GradientsAt.of(subject, bench, subject.input(subject.batch(), 0), training)
                .compareParameters(differences);
        bench.requireInFlatArray(pass);
        return differences.summary();
    }

    private static String input(LayerUnderTest subject, boolean training) {
        subject.requireBackprop();
        FiniteDifferences differences = new FiniteDifferences();
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        GradientsAt.of(subject, bench, subject.input(subject.batch(), 0), training)
                .compareInput(differences);
        if (differences.isIdle()) {
            throw new Inapplicable("the layer passes no gradient to its input");
        }
        return differences.summary();
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
        GradientsAt gradients = GradientsAt.of(subject, bench, x, true);
        gradients.compareParameters(differences);
        gradients.compareInput(differences);
        return differences.summary();
    }
}
