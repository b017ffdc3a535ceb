package io.github.dl4jnorm.digits;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.layer.LayerNorm;
import io.github.dl4jnorm.layer.SumNorm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.nd4j.linalg.activations.Activation;

/** The normalizations to choose from, each with its place beside the activation. */
public enum Norm {
    /** BatchNorm of this library, before the activation: per channel, over the batch and all pixels. */
    BATCH {
        @Override
        void addWithActivation(ListBuilder layers) {
            layers.layer(new BatchNorm.Builder().build()).layer(relu());
        }
    },

    /** LayerNorm of this library, before the activation: per image and pixel, over the channels. */
    LAYER {
        @Override
        void addWithActivation(ListBuilder layers) {
            layers.layer(new LayerNorm.Builder().build()).layer(relu());
        }
    },

    /**
     * SumNorm of this library, after the activation: sums of what relu lets through cannot cancel, so that each channel
     * becomes a share of its pixel's activity. ε is as large as a typical activity. Where there is less, on empty paper,
     * y = x/(Σx + ε) stays nearly linear instead of blowing up the noise; neuroscientists know this as divisive
     * normalization with the semi-saturation constant ε (Heeger 1992).
     */
    SUM {
        @Override
        void addWithActivation(ListBuilder layers) {
            layers.layer(relu()).layer(new SumNorm.Builder().eps(1).build());
        }

        /** Not before the output: features that add up to 1 keep the logits, hence the confidence, small. */
        @Override
        void addBeforeOutput(ListBuilder layers) {
            layers.layer(relu());
        }
    },

    /** BatchNormalization of DL4J itself, in the place of BATCH. */
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

    /**
     * Appends the same in front of the output layer.
     *
     * @param layers the network so far, ending in a linear layer
     */
    void addBeforeOutput(ListBuilder layers) {
        addWithActivation(layers);
    }

    @Override
    public String toString() {
        return Cli.optionName(this);
    }

    private static ActivationLayer relu() {
        return new ActivationLayer(Activation.RELU);
    }
}
