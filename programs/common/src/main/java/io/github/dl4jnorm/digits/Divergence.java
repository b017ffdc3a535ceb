package io.github.dl4jnorm.digits;

import io.github.dl4jnorm.cli.UserError;

/** Ends a training whose loss is NaN or infinite: no further step makes it finite again. */
public final class Divergence {
    private Divergence() {}

    /**
     * Looks at the loss.
     *
     * @param loss the loss after so many steps
     * @param steps number of steps made since the training began
     * @throws UserError if it is NaN or infinite
     */
    public static void check(double loss, int steps) {
        if (!Double.isFinite(loss)) {
            throw new UserError(
                    "The training diverged: the loss is " + loss + " after step " + steps + "; try a smaller --lr");
        }
    }
}
