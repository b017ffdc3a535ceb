package io.github.dl4jnorm.cli;

/**
 * Options or arguments that cannot be right, whatever files and machines there are, thrown before anything was done: shown
 * as one line and a hint at {@code --help}; exit code 2.
 */
public final class UsageError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the error.
     *
     * @param message the option, what was given and what was expected, one line
     */
    public UsageError(String message) {
        super(message);
    }
}
