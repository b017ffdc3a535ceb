package io.github.dl4jnorm.examples;

/** Something the user can put right: shown as one line, without a stack trace. */
public final class UserError extends RuntimeException {
    /**
     * Creates the error.
     *
     * @param message what is wrong and what to do about it
     */
    public UserError(String message) {
        super(message);
    }
}
