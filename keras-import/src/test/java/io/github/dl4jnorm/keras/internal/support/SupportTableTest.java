package io.github.dl4jnorm.keras.internal.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.report.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of layers is that of the documentation; -Dsupport.table=write writes it there. */
class SupportTableTest {
    private static final Path PAGE = Path.of("..", "docs", "keras-import.md");
    private static final String BEGIN = "<!-- Written by SupportTableTest with -Dsupport.table=write: begin -->\n";
    private static final String END = "<!-- end -->\n";

    @Test
    void thePageHasTheTable() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END, begin);
        assertTrue(begin >= BEGIN.length() && end > 0, "no place for the table in " + PAGE);
        if ("write".equals(System.getProperty("support.table"))) {
            Files.writeString(PAGE, page.substring(0, begin) + table() + page.substring(end));
        } else {
            assertEquals(table(), page.substring(begin, end), "run the test with -Dsupport.table=write");
        }
    }

    @Test
    void eachClassHasOneLine() {
        List<String> classes =
                Table.lines().stream().map(LayerSupport::className).toList();
        assertEquals(classes.stream().distinct().toList(), classes);
    }

    @Test
    void eachSettingHasOneLine() {
        for (LayerSupport line : Table.lines()) {
            Set<String> seen = new HashSet<>();
            line.settings().forEach(setting -> assertTrue(seen.add(setting.name()), line.className() + setting.name()));
        }
    }

    private static String table() {
        return "\n| Keras | becomes | with | refused |\n|---|---|---|---|\n"
                + Table.lines().stream().map(SupportTableTest::row).collect(Collectors.joining())
                + "\n";
    }

    private static String row(LayerSupport line) {
        String becomes = line.status().map(status -> text(status, line.text())).orElse("");
        String settings = line.settings().stream()
                .map(setting -> "`" + setting.name() + "`" + (setting.values().isEmpty() ? "" : " " + setting.values()))
                .collect(Collectors.joining("; "));
        List<String> refused = new ArrayList<>();
        if (line.status().isEmpty()) {
            refused.add(line.text());
        }
        line.settings().stream()
                .filter(setting -> setting.otherwise() != null)
                .forEach(setting -> refused.add("another `" + setting.name() + "`: " + setting.otherwise()));
        line.conditions().forEach(condition -> refused.add(condition.when() + ": " + condition.why()));
        return "| `" + line.className() + "` | " + becomes + " | " + settings + " | " + String.join("<br>", refused)
                + " |\n";
    }

    private static String text(Status status, String text) {
        return switch (status) {
            case REPAIRED -> "repaired: " + text;
            case LEFT_OUT -> "left out: " + text;
            default -> text;
        };
    }
}
