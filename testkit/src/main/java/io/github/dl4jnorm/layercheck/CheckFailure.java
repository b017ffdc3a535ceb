package io.github.dl4jnorm.layercheck;

/** What a check found to be wrong. */
final class CheckFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    CheckFailure(String message) {
        super(message);
    }
}
