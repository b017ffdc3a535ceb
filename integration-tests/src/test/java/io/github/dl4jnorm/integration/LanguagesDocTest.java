package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docs/languages.md shows is in the sources of the tests that compile and run it. */
class LanguagesDocTest {
    @ParameterizedTest
    @CsvSource({"kotlin, FromKotlinTest.kt", "scala, FromScalaTest.scala"})
    void snippetIsCompiled(String language, String file) throws IOException {
        String page = Files.readString(Path.of("../docs/languages.md"));
        String fence = "```" + language + "\n";
        int start = page.indexOf(fence) + fence.length();
        String snippet = page.substring(start, page.indexOf("```", start));
        String source = Files.readString(
                Path.of("src/test", language, "io/github/dl4jnorm/integration").resolve(file));
        assertTrue(withoutIndentation(source).contains(withoutIndentation(snippet)), snippet);
    }

    private static String withoutIndentation(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
