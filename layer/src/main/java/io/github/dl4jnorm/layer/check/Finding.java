package io.github.dl4jnorm.layer.check;

/** What a check found to be wrong. */
final class Finding extends RuntimeException {
    private static final long serialVersionUID = 1;

    Finding(String message) {
        super(message);
    }
}
