package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static String shown(boolean terminal) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (Progress progress = Progress.of("  epoch 1", 2, out, terminal)) {
            progress.step(0.5);
            progress.testing();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void isABarOnATerminal() {
        String shown = shown(true);
        assertTrue(shown.startsWith("\r  epoch 1"), shown);
        assertTrue(shown.endsWith("\r" + " ".repeat(79) + "\r"), shown);
    }

    @Test
    void isNothingElsewhere() {
        assertEquals("", shown(false));
    }

    /** Surefire talks to the JVM of tests through pipes. */
    @Test
    void pipesAreNoTerminal() {
        assertFalse(Terminal.isThere());
    }
}
