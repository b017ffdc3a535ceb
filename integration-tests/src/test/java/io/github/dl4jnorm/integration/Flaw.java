package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.layercheck.Check;

/** What can be wrong with a {@link FlawedLayer}, and the one check that must find it. */
enum Flaw {
    NONE(null, null),
    ANNOUNCES_ANOTHER_SIZE(Check.OUTPUT_TYPE, "in training: announced [4, 4], got [4, 3]"),
    UNSEEDED_NOISE(Check.DETERMINISM, "in training, again, output["),
    SCALES_ITS_INPUT_IN_PLACE(Check.UNTOUCHED, "input after the forward pass in training["),
    BIAS_GRADIENT_IS_A_MEAN(Check.PARAMETER_GRADIENT, "b["),
    GRADIENTS_THAT_NO_UPDATER_SEES(
            Check.PARAMETER_GRADIENT, "the gradients returned are not those in the network's flat array"),
    INPUT_GRADIENT_WITHOUT_SCALE(Check.INPUT_GRADIENT, "input["),
    INFERENCE_WITH_ANOTHER_PARAMETER(Check.INFERENCE_PARAMETER_GRADIENT, "b["),
    INFERENCE_ADDS_THE_INPUT(Check.INFERENCE_INPUT_GRADIENT, "input["),
    GRADIENT_MOVES_A_STATISTIC(Check.STATISTICS, "gradient of mean[0]: expected 0.00000, got 0.250000"),
    DIVIDES_BY_EXAMPLES_LESS_ONE(Check.SINGLE_EXAMPLE, "output in training[0, 0] is NaN"),
    READS_THE_BUFFER_OF_THE_INPUT(Check.INPUT_LAYOUT, "'f' in inference, output["),
    READS_THE_BUFFER_OF_THE_GRADIENT(Check.EPSILON_LAYOUT, "'f' in training, input gradient["),
    COMPUTES_IN_DOUBLE(Check.FLOAT, "in inference, output: expected type FLOAT in a FLOAT network, got DOUBLE"),
    CENTERS_WITH_MASKED_EXAMPLES(Check.MASK, "other values behind the mask, in training, visible output["),
    FORGETS_THE_MASK_IN_THE_BACKWARD_PASS(Check.MASK_GRADIENT, "input["),
    GRADIENT_OUTSIDE_OF_WORKSPACES(Check.TRAINING_WORKSPACES, "input gradient of a MultiLayerNetwork: threw "),
    DUPLICATES_INTO_INFERENCE_INPUT(Check.INFERENCE_WORKSPACES, "output of a ComputationGraph: threw "),
    OPTION_WITHOUT_GETTER(Check.JSON, "field hidden: 0.5 became 0.0"),
    TRANSIENT_OPTION(Check.JAVA_SERIALIZATION, "in training, copy, output["),
    CLONE_FORGETS_AN_OPTION(Check.CLONE, "field forgettable: 0.5 became 0.0"),
    REGULARIZES_THE_BIAS(Check.REGULARIZATION, "b gets l1 and l2 of the network: "),
    KEEPS_ITS_INPUT_IN_A_STATIC_FIELD(Check.INSTANCES, "another network at work, in training, gradient of a["),
    SCRATCH_MEMORY_FOR_ALL_THREADS(Check.THREADS, "a clone for each thread, output["),
    NO_MEMORY_REPORT(Check.MEMORY_REPORT, "threw UnsupportedOperationException: not implemented");

    /** The check that must fail; null if all must pass. */
    final Check found;

    /** How its message starts. */
    final String message;

    Flaw(Check found, String message) {
        this.found = found;
        this.message = message;
    }
}
