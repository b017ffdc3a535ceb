package io.github.dl4jnorm.gradcheck;

import java.util.List;

/**
 * A possible reason for a wrong gradient.
 *
 * @param causes the mistakes: one, two, or a wrong factor for each path
 * @param text the mistakes in words
 * @param term the terms that are missing or wrong
 * @param accountedFor the part of the squared discrepancy that these mistakes account for; 1 for all
 * @param cost about 1 per mistake, more for unlikely ones; of those that account for all, the cheapest win
 */
public record Explanation(List<Cause> causes, String text, String term, double accountedFor, double cost) {
    /**
     * Copies the causes.
     *
     * @param causes the mistakes: one, two, or a wrong factor for each path
     * @param text the mistakes in words
     * @param term the terms that are missing or wrong
     * @param accountedFor the part of the squared discrepancy that these mistakes account for; 1 for all
     * @param cost about 1 per mistake, more for unlikely ones; of those that account for all, the cheapest win
     */
    public Explanation {
        causes = List.copyOf(causes);
    }
}
