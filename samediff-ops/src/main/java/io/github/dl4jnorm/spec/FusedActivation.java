package io.github.dl4jnorm.spec;

/** The activation a of y = a(γ·x̂ + β), applied in the same pass over memory as the normalization. */
public enum FusedActivation {
    /** None. */
    IDENTITY(0),
    /** max(0, ·); NaN stays NaN. The gradient passes where the output is greater than 0, and is 0 elsewhere. */
    RELU(1);

    private final int code;

    FusedActivation(int code) {
        this.code = code;
    }

    /** The number of this activation in saved graphs; never reused for another. */
    int code() {
        return code;
    }

    static FusedActivation withCode(long code) {
        for (FusedActivation activation : values()) {
            if (activation.code == code) {
                return activation;
            }
        }
        throw new IllegalArgumentException("expected the code of an activation, got " + code);
    }
}
