package io.github.dl4jnorm.keras.internal.model;

import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/** Says that there is no DL4J layer that does the same. DL4J's own exception sends people to DL4J's tracker. */
public final class Refusal extends UnsupportedKerasConfigurationException {
    private static final long serialVersionUID = 1;

    /** What it says. */
    private final String reason;

    /**
     * A refusal.
     *
     * @param reason the layer, what was given, what was expected and what would work
     */
    public Refusal(String reason) {
        super(reason);
        this.reason = reason;
    }

    /**
     * A refusal that something else led to.
     *
     * @param reason the layer, what was given, what was expected and what would work
     * @param cause what led to it
     */
    public Refusal(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    @Override
    public String getMessage() {
        return reason;
    }
}
