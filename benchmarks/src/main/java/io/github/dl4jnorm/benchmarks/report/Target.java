package io.github.dl4jnorm.benchmarks.report;

import java.util.List;

/**
 * What was wanted and what was measured.
 *
 * @param name what it is about
 * @param value measured; NaN if it was not
 * @param most the largest value that will do; NaN if there is no such limit
 * @param least the smallest value that will do; NaN if there is no such limit
 * @param remark more about the value
 */
public record Target(String name, double value, double most, double least, String remark) {
    /**
     * A value that should be small.
     *
     * @param name what it is about
     * @param value measured
     * @param most the largest value that will do
     * @param remark more about the value
     * @return the target
     */
    public static Target atMost(String name, double value, double most, String remark) {
        return new Target(name, value, most, Double.NaN, remark);
    }

    /**
     * A value that should be large.
     *
     * @param name what it is about
     * @param value measured
     * @param least the smallest value that will do
     * @param remark more about the value
     * @return the target
     */
    public static Target atLeast(String name, double value, double least, String remark) {
        return new Target(name, value, Double.NaN, least, remark);
    }

    /**
     * A line of a Markdown table.
     *
     * @return name, limit, value, whether it is met, remark
     */
    public String row() {
        String wanted = Double.isNaN(most) ? "≥ " + Format.number(least) : "≤ " + Format.number(most);
        String met = Double.isNaN(value) ? Format.NONE : value > most || value < least ? "no" : "yes";
        return Markdown.row(List.of(name, wanted, Format.number(value), met, remark));
    }
}
