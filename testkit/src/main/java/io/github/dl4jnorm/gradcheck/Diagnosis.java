package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What {@link GradientDoctor} found out about a backward pass.
 *
 * @param forward what the forward pass is, in words
 * @param findings one per input
 * @param sideEffects what is modified in place
 * @param notes one line for each of these
 */
public record Diagnosis(String forward, List<Finding> findings, List<Cause> sideEffects, List<String> notes) {
    /**
     * Copies the lists.
     *
     * @param forward what the forward pass is, in words
     * @param findings one per input
     * @param sideEffects what is modified in place
     * @param notes one line for each of these
     */
    public Diagnosis {
        findings = List.copyOf(findings);
        sideEffects = List.copyOf(sideEffects);
        notes = List.copyOf(notes);
    }

    /**
     * Whether all gradients are right and nothing is modified in place.
     *
     * @return whether there is nothing to repair
     */
    public boolean healthy() {
        return sideEffects.isEmpty() && findings.stream().allMatch(f -> f.verdict() == Finding.Verdict.RIGHT);
    }

    /**
     * Throws unless all gradients are right: for tests.
     *
     * @throws AssertionError with this diagnosis as its message, unless {@link #healthy()}
     */
    public void assertHealthy() {
        if (!healthy()) {
            throw new AssertionError(toString());
        }
    }

    /** Whether something is known to be wrong. */
    boolean wrong() {
        return !sideEffects.isEmpty()
                || findings.stream()
                        .anyMatch(
                                f -> f.verdict() != Finding.Verdict.RIGHT && f.verdict() != Finding.Verdict.UNDECIDED);
    }

    /** The same, with what right gradients are right on. */
    Diagnosis on(String data) {
        return new Diagnosis(forward, findings.stream().map(f -> f.on(data)).toList(), sideEffects, notes);
    }

    /** The same with more notes. */
    Diagnosis noting(List<String> others) {
        List<String> more = new ArrayList<>(notes);
        more.addAll(others);
        return new Diagnosis(forward, findings, sideEffects, more);
    }

    /**
     * The finding about one input.
     *
     * @param input its name: x, gamma, beta
     * @return the finding
     * @throws IllegalArgumentException if there is no such input
     */
    public Finding of(String input) {
        return findings.stream()
                .filter(f -> f.input().equals(input))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Diagnosis: expected one of "
                        + findings.stream().map(Finding::input).toList() + ", got " + input));
    }

    /**
     * All that is wrong.
     *
     * @return the causes of all findings, and the side effects; empty if healthy
     */
    public List<Cause> causes() {
        Set<Cause> causes = new LinkedHashSet<>();
        findings.forEach(f -> causes.addAll(f.causes()));
        causes.addAll(sideEffects);
        return List.copyOf(causes);
    }

    /** The diagnosis for a person, a few lines per input. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        lines.add("Forward: " + forward);
        notes.forEach(note -> lines.add("Note: " + note));
        findings.forEach(f -> lines.add(f.toString()));
        return String.join(System.lineSeparator(), lines);
    }
}
