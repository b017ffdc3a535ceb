package io.github.dl4jnorm.gradcheck;

import java.util.List;

/**
 * A possible reason for a wrong gradient.
 *
 * @param causes the mistakes, one or two
 * @param text the mistakes in words
 * @param term the terms that are missing or wrong
 * @param accountedFor the part of the squared discrepancy that these mistakes account for; 1 for all
 * @param cost how far-fetched it is: among explanations that account for all the cheapest is the best
 */
public record Explanation(List<Cause> causes, String text, String term, double accountedFor, double cost) {
    /**
     * Copies the causes.
     *
     * @param causes the mistakes, one or two
     * @param text the mistakes in words
     * @param term the terms that are missing or wrong
     * @param accountedFor the part of the squared discrepancy that these mistakes account for; 1 for all
     * @param cost how far-fetched it is: among explanations that account for all the cheapest is the best
     */
    public Explanation {
        causes = List.copyOf(causes);
    }
}
