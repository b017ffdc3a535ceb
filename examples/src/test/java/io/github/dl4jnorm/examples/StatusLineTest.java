package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StatusLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final StatusLine line = new StatusLine(new PrintStream(bytes, false, StandardCharsets.UTF_8));

    @Test
    void leavesAnEmptyLineForWhatFollows() {
        line.accept("[==  ]");
        line.accept("[====]");
        line.close();
        assertEquals("\r[==  ]\r[====]\r" + " ".repeat(79) + "\r", printed());
    }

    @Test
    void ignoresStragglers() {
        line.close();
        String before = printed();
        line.accept("[====]");
        line.close();
        assertEquals(before, printed());
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
