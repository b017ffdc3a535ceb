package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.gradcheck.Diagnosis;
import java.util.List;
import java.util.function.Supplier;

/**
 * A question that people ask about a gradient, with the code that they ask it about.
 *
 * @param title the subject
 * @param question the question
 * @param attempts backward passes, most of them wrong
 */
record GradientQuestion(String title, String question, List<Attempt> attempts) {
    /**
     * A hand-written backward pass.
     *
     * @param name what it is
     * @param examination has the doctor look at it
     */
    record Attempt(String name, Supplier<Diagnosis> examination) {}
}
