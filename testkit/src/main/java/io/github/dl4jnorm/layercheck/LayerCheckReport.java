package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.Result.Status;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the checks found out about a layer.
 *
 * @param subject the layer, its input, and what was drawn
 * @param results one result per check, in the order of {@link Check}
 */
public record LayerCheckReport(String subject, List<Result> results) {

    /**
     * Creates a report.
     *
     * @param subject the layer, its input, and what was drawn
     * @param results one result per check; copied
     */
    public LayerCheckReport {
        results = List.copyOf(results);
    }

    /**
     * The result of a check.
     *
     * @param check the check
     * @return its result
     * @throws IllegalArgumentException if that check did not run
     */
    public Result result(Check check) {
        return results.stream()
                .filter(r -> r.check() == check)
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("the check '" + check + "' did not run"));
    }

    /**
     * The checks that passed.
     *
     * @return a new set
     */
    public Set<Check> passed() {
        return with(Status.PASSED);
    }

    /**
     * The checks that failed.
     *
     * @return a new set
     */
    public Set<Check> failed() {
        return with(Status.FAILED);
    }

    /**
     * The checks that were skipped.
     *
     * @return a new set
     */
    public Set<Check> skipped() {
        return with(Status.SKIPPED);
    }

    private Set<Check> with(Status status) {
        return results.stream()
                .filter(r -> r.status() == status)
                .map(Result::check)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Check.class)));
    }

    /**
     * Throws unless no check failed. Skipped checks are not failures.
     *
     * @return this
     * @throws AssertionError with the text of this report, if a check failed
     */
    public LayerCheckReport assertPassed() {
        if (!failed().isEmpty()) {
            throw new AssertionError(toString());
        }
        return this;
    }

    /**
     * The subject, one line per check, and the counts.
     *
     * @return several lines, the last without a line break
     */
    @Override
    public String toString() {
        String lines = results.stream().map(r -> r + "\n").collect(Collectors.joining());
        return subject + "\n" + lines + passed().size() + " passed, " + failed().size() + " failed, "
                + skipped().size() + " skipped";
    }
}
