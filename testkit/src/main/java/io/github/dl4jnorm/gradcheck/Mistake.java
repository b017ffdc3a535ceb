package io.github.dl4jnorm.gradcheck;

import java.util.function.Consumer;

/**
 * A mistake that somebody may have made in a backward pass.
 *
 * @param cause what kind of mistake
 * @param detail which one, or empty
 * @param term the term that is missing or wrong
 * @param cost 1, or more if it is a rare one: of those that account for the same, the cheapest is named
 * @param edit makes the mistake in a right backward pass of the kind that it belongs to
 */
record Mistake(Cause cause, String detail, String term, double cost, Consumer<BackwardFormula> edit) {

    /** A backward pass with this mistake and no other. */
    BackwardFormula in(BackwardFormula right) {
        BackwardFormula wrong = right.fresh();
        edit.accept(wrong);
        return wrong;
    }
}
