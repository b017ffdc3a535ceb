package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.spec.NormSpec;

/**
 * Normalization by the sum, over one or several axes, per index of the others:
 *
 * <pre>
 * y = x/(Σx + ε)
 * </pre>
 *
 * For feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input,
 * alike in training and inference.
 * The sum is over the channels, or features, unless {@link Builder#axes} says otherwise. It suits non-negative
 * activations; a denominator that is exactly zero is an error that names the layer and the position. There are no
 * parameters.
 *
 * <p>Masked positions do not enter sums, give zeros and receive zero gradient, whatever is behind the mask.
 */
public final class SumNorm extends NormLayer {

    // For deserialization, which then calls the setters.
    private SumNorm() {
        this(new Builder());
    }

    private SumNorm(Builder builder) {
        super(builder);
    }

    @Override
    NormSpec spec(int channelAxis) {
        return NormSpec.sumNorm(getEps(), axesOr(channelAxis));
    }

    /** Builds a {@link SumNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends NormLayer.Builder<Builder> implements OverAxes<Builder> {
        /** Creates a builder with ε = 0. */
        public Builder() {
            super(0);
        }

        /**
         * Builds the layer.
         *
         * @return a new layer
         * @throws IllegalArgumentException if eps is not 0 or positive
         * @throws org.deeplearning4j.exception.DL4JInvalidConfigException if an activation, dropout or weight noise is
         *     set, or nOut differs from nIn
         */
        @Override
        public SumNorm build() {
            return checked(new SumNorm(this), this);
        }
    }
}
