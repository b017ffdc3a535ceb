package io.github.dl4jnorm.layercheck;

import java.util.List;

/**
 * The checks of {@link LayerCheck}, in the order in which they run. To add one is to add a constant, and the method that
 * it names.
 */
public enum Check {
    /** The activations have the shape that {@code getOutputType} announces, and are finite, in both modes. */
    OUTPUT_TYPE("output type", Activations::type),

    /** Same seed, same input: the same bits, again in the same network and in a new one, for outputs and gradients. */
    DETERMINISM("determinism", Activations::determinism),

    /** Forward and backward leave the input and the parameters as they were, in both modes. */
    UNTOUCHED("input and parameters untouched", Activations::untouched),

    /** In training, the gradient of every trained parameter is that of central differences. */
    PARAMETER_GRADIENT("parameter gradient", GradientChecks::ofParameters, DETERMINISM),

    /** In training, the gradient of the input is that of central differences. */
    INPUT_GRADIENT("input gradient", GradientChecks::ofInput, DETERMINISM),

    /**
     * The parameter gradient after a forward pass in inference mode: what DL4J asks of a layer whose mode is fixed, such
     * as one inside a frozen layer.
     */
    INFERENCE_PARAMETER_GRADIENT(
            "parameter gradient, inference", GradientChecks::ofParametersInInference, DETERMINISM, PARAMETER_GRADIENT),

    /** The input gradient after a forward pass in inference mode, which a frozen layer passes on. */
    INFERENCE_INPUT_GRADIENT(
            "input gradient, inference", GradientChecks::ofInputInInference, DETERMINISM, INPUT_GRADIENT),

    /**
     * Parameters without an updater, such as running statistics, get no gradient: what they get is clipped, rescaled and
     * shared as if it were a gradient, and then subtracted as it is.
     */
    STATISTICS("no gradient without an updater", GradientChecks::ofStatistics),

    /** A batch of one example: finite outputs, and gradients as in central differences. */
    SINGLE_EXAMPLE(
            "batch of one",
            GradientChecks::ofSingleExample,
            OUTPUT_TYPE,
            DETERMINISM,
            PARAMETER_GRADIENT,
            INPUT_GRADIENT),

    /** The layout in memory of the input, 'c', 'f', permuted or a window of a larger array, changes nothing. */
    INPUT_LAYOUT("'c', 'f' and view inputs", Layouts::ofInput, DETERMINISM),

    /** The layout in memory of the gradient that arrives changes nothing. */
    EPSILON_LAYOUT("'c', 'f' and view gradients", Layouts::ofEpsilon, DETERMINISM),

    /** Outputs and gradients in FLOAT are of that type, and agree with those in DOUBLE. */
    FLOAT("float against double", Precision::floatAgainstDouble, DETERMINISM),

    /**
     * A mask that hides nothing changes nothing; what another one hides does not enter the visible output, nor any
     * parameter's gradient.
     */
    MASK("masks", Masks::hide, DETERMINISM),

    /** With a mask, gradients are those of central differences of the visible output. */
    MASK_GRADIENT("gradients with masks", Masks::gradients, DETERMINISM, PARAMETER_GRADIENT, INPUT_GRADIENT, MASK),

    /**
     * In training behind another layer, with workspaces as without: the same gradients and parameters in a
     * MultiLayerNetwork and a ComputationGraph, also when ND4J checks every use of a workspace.
     */
    TRAINING_WORKSPACES("workspaces, training", Workspaces::training, DETERMINISM, UNTOUCHED),

    /** The same of outputs in inference, as the last layer and as an inner one. */
    INFERENCE_WORKSPACES("workspaces, inference", Workspaces::inference, DETERMINISM, UNTOUCHED),

    /** A configuration read from its JSON is equal in every field, and its network computes the same. */
    JSON("JSON", Copies::json, DETERMINISM),

    /** The same of YAML. */
    YAML("YAML", Copies::yaml, DETERMINISM, JSON),

    /** The same of a network that was saved to a zip file, of JSON and parameters. */
    ZIP("zip", Copies::zip, DETERMINISM, JSON),

    /** The same of Java serialization, of the configuration and the network; DL4J writes networks as zip files. */
    JAVA_SERIALIZATION("Java serialization", Copies::javaSerialization, DETERMINISM, JSON),

    /** The same of clones, of the configuration and the network, which have parameters of their own. */
    CLONE("clone", Copies::clones, DETERMINISM),

    /**
     * Neither l1 and l2 of the network reach a parameter that is not a weight, nor l1Bias and l2Bias one that is not a
     * bias, nor any of them one without an updater or in a frozen layer.
     */
    REGULARIZATION("no inherited regularization", Regularizing::inherited),

    /** Two networks of clones of one configuration do not see each other's data between forward and backward. */
    INSTANCES("no state between networks", Concurrency::instances, DETERMINISM),

    /** Threads that infer at the same time, with one network and with a clone each, get what each alone gets. */
    THREADS("threads in inference", Concurrency::threads, DETERMINISM, UNTOUCHED),

    /** The memory report has the types that the layer announces, and as many parameters as its network. */
    MEMORY_REPORT("memory report", MemoryReports::agrees);

    private final String label;
    private final Examination examination;
    private final List<Check> presumed;

    Check(String label, Examination examination, Check... presumed) {
        this.label = label;
        this.examination = examination;
        this.presumed = List.of(presumed);
    }

    /** The code of a check. */
    @FunctionalInterface
    interface Examination {
        /**
         * Examines a layer.
         *
         * @return what was compared
         * @throws CheckFailure if something is wrong
         * @throws Inapplicable if this layer cannot be examined so
         * @throws Exception what the layer throws
         */
        String of(LayerUnderTest subject) throws Exception;
    }

    String examine(LayerUnderTest subject) throws Exception {
        return examination.of(subject);
    }

    /** The checks without which this one says nothing new, and is skipped. */
    List<Check> presumed() {
        return presumed;
    }

    /**
     * The name of the check in reports.
     *
     * @return a few words
     */
    @Override
    public String toString() {
        return label;
    }
}
