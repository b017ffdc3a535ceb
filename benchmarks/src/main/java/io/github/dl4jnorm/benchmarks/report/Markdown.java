package io.github.dl4jnorm.benchmarks.report;

import java.util.Collections;
import java.util.List;

/** Tables, line by line: rows are printed when they are known. */
public final class Markdown {
    private Markdown() {}

    /**
     * The beginning of a table.
     *
     * @param titles one for each column; empty for none
     * @return two lines
     */
    public static String head(List<String> titles) {
        return row(titles) + "|" + String.join("|", Collections.nCopies(titles.size(), "---")) + "|\n";
    }

    /**
     * A row of a table.
     *
     * @param cells one for each column
     * @return a line
     */
    public static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }
}
