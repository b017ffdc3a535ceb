package io.github.dl4jnorm.cli;

/** Something failed that the user can put right: shown as one line, without a stack trace; exit code 1. */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the error.
     *
     * @param message what is wrong and what to do about it, one line
     */
    public UserError(String message) {
        super(message);
    }
}
