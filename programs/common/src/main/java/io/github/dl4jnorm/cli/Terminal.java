package io.github.dl4jnorm.cli;

import java.io.Console;

/** Standard output, where it is a terminal. */
public final class Terminal {
    private Terminal() {}

    /**
     * Whether standard output is a terminal, where a line can be overwritten, and not a file or a pipe.
     *
     * @return whether it is; false too where standard input is no terminal, for Java knows only whether both are
     */
    public static boolean isThere() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there is a console without a terminal, too.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
