package io.github.dl4jnorm.tools;

/** Something the user can put right: shown as one line, without a stack trace. */
final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the error.
     *
     * @param message what is wrong and what to do about it
     */
    UserError(String message) {
        super(message);
    }
}
