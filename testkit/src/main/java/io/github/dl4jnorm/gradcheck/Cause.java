package io.github.dl4jnorm.gradcheck;

/** What can be wrong with a gradient that somebody derived by hand. */
public enum Cause {
    /** Each output was differentiated by the input at its own place only. */
    DIAGONAL_ONLY("only the diagonal of the Jacobian is kept"),
    /** A constant factor too much or too little. */
    SCALED("scaled by a constant"),
    /** What the forward pass broadcasts, the backward pass sums; this one averages. */
    MEAN_INSTEAD_OF_SUM("a mean in place of a sum"),
    /** M or D is not the number of elements that share a statistic. */
    WRONG_COUNT("divided by the wrong count"),
    /** A factor of −1. */
    WRONG_SIGN("wrong sign"),
    /** Σ_j ∂y_i/∂x_j·dy_j in place of Σ_i dy_i·∂y_i/∂x_j. */
    TRANSPOSED("the Jacobian is transposed"),
    /** There is no gradient at all. */
    ZERO("the gradient is zero"),
    /** x acts on its own output directly, too. */
    DIRECT_PATH_MISSING("the direct path is missing"),
    /** The direct path comes with a wrong factor. */
    DIRECT_PATH_WRONG("the direct path is wrong"),
    /** What comes back along several paths adds up: += and not =. */
    PATH_OVERWRITTEN("one path overwrites the others, = in place of +="),
    /** x changes the mean, and the mean changes every output. */
    MEAN_PATH_MISSING("the path through the mean is missing"),
    /** The path through the mean comes with a wrong sign or factor. */
    MEAN_PATH_WRONG("the path through the mean is wrong"),
    /** x changes the variance, and the variance changes every output. */
    VARIANCE_PATH_MISSING("the path through the variance is missing"),
    /** The path through the variance comes with a wrong sign, factor or power. */
    VARIANCE_PATH_WRONG("the path through the variance is wrong"),
    /** x changes the mean square, and that changes every output. */
    MEAN_SQUARE_PATH_MISSING("the path through the mean square is missing"),
    /** The path through the mean square comes with a wrong sign, factor or power. */
    MEAN_SQUARE_PATH_WRONG("the path through the mean square is wrong"),
    /** x changes the norm, and the norm changes every output. */
    NORM_PATH_MISSING("the path through the norm is missing"),
    /** The path through the norm comes with a wrong sign, factor or power. */
    NORM_PATH_WRONG("the path through the norm is wrong"),
    /** x changes the sum, and the sum changes every output. */
    SUM_PATH_MISSING("the path through the sum is missing"),
    /** The path through the sum comes with a wrong sign, factor or power. */
    SUM_PATH_WRONG("the path through the sum is wrong"),
    /** Statistics are constants, yet they are differentiated. */
    TRAINING_FORMULA_IN_INFERENCE("the training formula is used in inference, where the statistics are constants"),
    /** Statistics depend on x, yet they are taken for constants. */
    INFERENCE_FORMULA_IN_TRAINING("the inference formula is used in training, where the statistics depend on x"),
    /** 1/√σ², 1/‖x‖ or 1/Σx. */
    EPS_MISSING("ε is missing"),
    /** The backward pass adds another ε than the forward pass, or adds it where that takes a maximum. */
    WRONG_EPS("another ε than that of the forward pass"),
    /** 1/(√σ² + ε) or 1/(‖x‖ + ε). */
    EPS_OUTSIDE_ROOT("ε is outside the square root"),
    /** Σ(x−μ)²/(M−1). */
    UNBIASED_VARIANCE("the variance is the unbiased one, divided by M − 1"),
    /** The forward pass divides Σ(x−μ)² by M − 1, the backward pass by M. */
    BIASED_VARIANCE("the variance is the biased one, divided by M; that of the forward pass is divided by M − 1"),
    /** The output gradient was not multiplied by γ. */
    GAMMA_MISSING("γ is missing"),
    /** γ² in place of γ. */
    GAMMA_TWICE("γ is multiplied twice"),
    /** 1/γ in place of γ. */
    GAMMA_DIVIDED("γ is divided by, not multiplied"),
    /** γ counts from 1: the factor of the output gradient is 1 + γ. */
    GAMMA_WITHOUT_OFFSET("γ in place of 1 + γ"),
    /** Within a group γ differs, so it does not commute with the sums. */
    GAMMA_AFTER_SUMS("γ is multiplied after the sums, not before"),
    /** Statistics of the forward pass and sums of the backward pass run over different axes. */
    WRONG_AXES("the sums run over the wrong axes"),
    /** What a group shares is taken from another group. */
    WRONG_GROUP("what belongs to another group is used"),
    /** An activation follows, and the gradient does not go through it. */
    ACTIVATION_MISSING("the activation is not differentiated"),
    /** The derivative of the activation is that for another argument. */
    ACTIVATION_WRONG("the derivative of the activation is taken at the wrong values"),
    /** Softmax is a sum-normalization of e^x. */
    EXPONENTIAL_MISSING("e^x is not differentiated"),
    /** RMSNorm, x/‖x‖ and x/Σx have no mean, hence no path through it. */
    SUPERFLUOUS_MEAN("a mean is subtracted where none belongs"),
    /** Something else was taken out of the cache. */
    WRONG_CACHE("the wrong array is used"),
    /** The gradient has the shape of the output. */
    BROADCAST_SUM_MISSING("the sum over a broadcast axis is missing"),
    /** One of the broadcast copies in place of their sum. */
    ONE_COPY_ONLY("one broadcast copy in place of the sum of all"),
    /** The gradients of γ and β change places. */
    GAMMA_AND_BETA_SWAPPED("the gradients of γ and β are swapped"),
    /** A gradient must have the shape of its input. */
    WRONG_SHAPE("the gradient has a shape that does not belong to its input"),
    /** The backward pass finds something else where the input was. */
    INPUT_OVERWRITTEN("the forward pass overwrote its input, which the backward pass reads"),
    /** The caller's array has changed. */
    FORWARD_MODIFIES_INPUT("the forward pass modifies its input in place"),
    /** The caller's arrays have changed. */
    BACKWARD_MODIFIES_ITS_ARGUMENTS("the backward pass modifies its arguments in place"),
    /** It returns derivatives; what is wanted is their product with the output gradient. */
    OUTPUT_GRADIENT_IGNORED("the backward pass ignores the output gradient"),
    /** A backward pass is a product with a matrix: twice the output gradient gives twice the input gradient. */
    NOT_LINEAR("the backward pass is not linear in the output gradient");

    private final String title;

    Cause(String title) {
        this.title = title;
    }

    /**
     * The cause in a few words.
     *
     * @return a phrase without a full stop
     */
    public String title() {
        return title;
    }
}
