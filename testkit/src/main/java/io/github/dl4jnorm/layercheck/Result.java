package io.github.dl4jnorm.layercheck;

import java.util.Locale;

/**
 * The outcome of one check.
 *
 * @param check the check
 * @param status whether it passed
 * @param detail what was compared; what is wrong, with numbers; or why it was skipped
 */
public record Result(Check check, Status status, String detail) {

    /** Whether a check passed. */
    public enum Status {
        /** The layer does what the check demands. */
        PASSED("passed"),
        /** It does not, or it threw an exception. */
        FAILED("FAILED"),
        /** The check says nothing about this layer, for the reason given. */
        SKIPPED("skipped");

        private final String label;

        Status(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /**
     * One line: status, check, detail.
     *
     * @return the line
     */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%-7s  %-30s  %s", status, check, detail)
                .stripTrailing();
    }
}
