package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.spec.NormSpec;

/**
 * Normalization to unit length (L2), over one or several axes, per index of the others:
 *
 * <pre>
 * y = x/√max(Σx², ε)
 * </pre>
 *
 * ε is the least that Σx² counts as, and is not added to it: what is longer than √ε has length 1 afterwards.
 *
 * For feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input,
 * alike in training and inference.
 * The sum is over the channels, or features, unless {@link Builder#axes} says otherwise. There are no parameters.
 *
 * <p>Masked positions do not enter sums, give zeros and receive zero gradient, whatever is behind the mask.
 */
public final class UnitNorm extends NormLayer {

    // For deserialization, which then calls the setters.
    private UnitNorm() {
        this(new Builder());
    }

    private UnitNorm(Builder builder) {
        super(builder);
    }

    @Override
    NormSpec spec(int channelAxis) {
        return NormSpec.unitNorm(getEps(), axesOr(channelAxis));
    }

    /** Builds a {@link UnitNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends NormLayer.Builder<Builder> implements OverAxes<Builder> {
        /** Creates a builder with ε = 1e-12. */
        public Builder() {
            super(1e-12);
        }

        /**
         * Builds the layer.
         *
         * @return a new layer
         * @throws IllegalArgumentException if eps is not positive
         * @throws org.deeplearning4j.exception.DL4JInvalidConfigException if an activation, dropout or weight noise is
         *     set, or nOut differs from nIn
         */
        @Override
        public UnitNorm build() {
            return checked(new UnitNorm(this), this);
        }
    }
}
