package io.github.dl4jnorm.layer;

import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/** Refuses what DL4J's builders offer and no normalization layer can do. */
final class BuilderChecks {
    private final NormLayer layer;

    private BuilderChecks(NormLayer layer) {
        this.layer = layer;
    }

    /** Throws {@link DL4JInvalidConfigException} for a layer that was built with such settings. */
    static void check(NormLayer layer, NormConfiguration.Builder<?> builder) {
        BuilderChecks checks = new BuilderChecks(layer);
        checks.sizes(builder.getNIn(), builder.getNOut());
        checks.activation(builder.getActivationFn());
        checks.reject("dropout", builder.getIDropout() != null, "a DropoutLayer before it");
        checks.reject("weight noise", builder.getWeightNoise() != null, "weight noise in other layers");
    }

    private void sizes(long nIn, long nOut) {
        if (nIn < 0 || nOut < 0 || (nIn > 0 && nOut > 0 && nIn != nOut)) {
            throw new DL4JInvalidConfigException(
                    layer.who() + ": expected nOut = nIn > 0, got nIn " + nIn + ", nOut " + nOut);
        }
    }

    private void activation(IActivation activation) {
        boolean refused = activation != null && !layer.canApply(activation);
        String which = layer.canApply(new ActivationReLU())
                ? "an activation but RELU and IDENTITY, got " + activation
                : "an activation";
        reject(which, refused, "an ActivationLayer after it");
    }

    private void reject(String what, boolean present, String instead) {
        if (present) {
            throw new DL4JInvalidConfigException(layer.who() + ": does not apply " + what + "; use " + instead);
        }
    }
}
