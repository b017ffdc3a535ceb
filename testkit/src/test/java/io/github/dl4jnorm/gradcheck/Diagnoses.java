package io.github.dl4jnorm.gradcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import java.util.List;

/** What tests expect of a diagnosis. */
final class Diagnoses {
    private Diagnoses() {}

    /** The gradient of one input is wrong for these causes, which account for all, and all others are right. */
    static void assertNamed(Diagnosis diagnosis, String input, Cause... causes) {
        Finding finding = diagnosis.of(input);
        assertEquals(Verdict.EXPLAINED, finding.verdict(), diagnosis::toString);
        assertEquals(List.of(causes), finding.causes(), diagnosis::toString);
        finding.explanations()
                .forEach(e -> assertTrue(e.accountedFor() > 0.99999 && e.accountedFor() <= 1, diagnosis::toString));
        for (Finding other : diagnosis.findings()) {
            assertTrue(other == finding || other.verdict() == Verdict.RIGHT, diagnosis::toString);
        }
        assertFalse(diagnosis.healthy());
    }

    static void assertText(Diagnosis diagnosis, String text) {
        assertTrue(diagnosis.toString().contains(text), diagnosis::toString);
    }

    static void assertHealthy(Diagnosis diagnosis) {
        assertTrue(diagnosis.healthy(), diagnosis::toString);
        assertEquals(List.of(), diagnosis.causes());
    }
}
