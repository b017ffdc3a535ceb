package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.spec.NormSpec;

/**
 * Layer normalization (Ba, Kiros and Hinton 2016): per example, and per position that is not normalized over,
 *
 * <pre>
 * y = a(γ·(x − μ)/√(σ² + ε) + β)     μ, σ²: mean and biased variance over the normalized axes
 * </pre>
 *
 * For feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input,
 * alike in training and inference.
 * The normalized axes are those of the channels, or features, unless {@link Builder#axes} says otherwise.
 *
 * <p>Parameters: {@code gamma} and {@code beta}, of the shape of the normalized axes in increasing order ([1, C]
 * for one axis alone), each absent if locked. a is the identity or, with {@code activation(RELU)}, max(0, ·).
 *
 * <p>Masked positions give zeros and receive zero gradient, whatever is behind the mask. Normalizing over an axis along
 * which a mask runs, such as time, is refused.
 */
public final class LayerNorm extends AffineNormLayer {

    // For deserialization, which then calls the setters.
    private LayerNorm() {
        this(new Builder());
    }

    private LayerNorm(Builder builder) {
        super(builder);
    }

    @Override
    NormSpec spec(int channelAxis) {
        return NormSpec.layerNorm(getEps(), axesOr(channelAxis)).with(getFusedActivation());
    }

    /** Builds a {@link LayerNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends AffineNormLayer.Builder<Builder> implements OverAxes<Builder> {
        /** Creates a builder with ε = 1e-5. */
        public Builder() {
            super(1e-5);
        }

        /**
         * Builds the layer.
         *
         * @return a new layer
         * @throws IllegalArgumentException if eps is not positive
         * @throws org.deeplearning4j.exception.DL4JInvalidConfigException if an activation but RELU and IDENTITY, dropout
         *     or weight noise is set, or nOut differs from nIn
         */
        @Override
        public LayerNorm build() {
            return checked(new LayerNorm(this), this);
        }
    }
}
