package io.github.dl4jnorm.examples;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.nd4j.linalg.activations.Activation;

/** The normalizations to choose from, each with its place beside the activation. */
enum Norm {
    /** BatchNormalization of DL4J itself. */
    BUILTIN {
        @Override
        void addWithActivation(ListBuilder layers) {
            layers.layer(new BatchNormalization.Builder().build()).layer(relu());
        }
    },

    /** The activation alone. */
    NONE {
        @Override
        void addWithActivation(ListBuilder layers) {
            layers.layer(relu());
        }
    };

    /**
     * Appends the normalization and the activation, in the order that suits the normalization.
     *
     * @param layers the network so far, ending in a linear layer
     */
    abstract void addWithActivation(ListBuilder layers);

    @Override
    public String toString() {
        return Cli.optionName(this);
    }

    private static ActivationLayer relu() {
        return new ActivationLayer(Activation.RELU);
    }
}
