package io.github.dl4jnorm.gradcheck;

import java.util.List;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The formula of a backward pass, with the quantities that it is made of open to {@link Mistake mistakes}. A new one is
 * right.
 */
interface BackwardFormula {
    /** The Jacobian that a backward pass with these quantities amounts to. */
    RealMatrix jacobian();

    /** dy·J: what it returns for one output gradient. */
    default double[] times(double... dy) {
        return jacobian().preMultiply(dy);
    }

    /** The right formula, in words. */
    String formula();

    /** What people get wrong, and how each would change the quantities. */
    List<Mistake> mistakes();

    /** A new one, for the same forward pass, with all mistakes undone. */
    BackwardFormula fresh();
}
