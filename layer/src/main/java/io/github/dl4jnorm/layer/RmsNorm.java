package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.spec.NormSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Root mean square normalization (Zhang and Sennrich 2019): per example, and per position that is not normalized over,
 *
 * <pre>
 * y = a(γ·x/√(Σx²/M + ε))     Σx²/M: mean of squares over the normalized axes
 * </pre>
 *
 * For feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input,
 * alike in training and inference.
 * The normalized axes are those of the channels, or features, unless {@link Builder#axes} says otherwise.
 *
 * <p>Parameter: {@code gamma}, of the shape of the normalized axes in increasing order ([1, C] for one axis
 * alone), absent if locked. With {@link Builder#unitOffset} it counts from 1: y = a((1+γ)·x/√(Σx²/M + ε)), as in
 * models whose weights decay to 0. There is no β, unless {@code lockBeta(false)} asks for one. a is the identity
 * or, with {@code activation(RELU)}, max(0, ·).
 *
 * <p>Masked positions give zeros and receive zero gradient, whatever is behind the mask. Normalizing over an axis along
 * which a mask runs, such as time, is refused.
 */
public final class RmsNorm extends AffineNormLayer {
    private boolean unitOffset;

    // For deserialization, which then calls the setters.
    private RmsNorm() {
        this(new Builder());
    }

    private RmsNorm(Builder builder) {
        super(builder);
        unitOffset = builder.unitOffset;
    }

    @Override
    NormSpec spec(int channelAxis) {
        return NormSpec.rmsNorm(getEps(), axesOr(channelAxis))
                .withUnitOffset(unitOffset)
                .with(getFusedActivation());
    }

    /** {@return whether γ counts from 1, y = a((1+γ)·x̂)} */
    public boolean isUnitOffset() {
        return unitOffset;
    }

    /**
     * Sets whether γ counts from 1.
     *
     * @param unitOffset true if y = a((1+γ)·x̂)
     */
    public void setUnitOffset(boolean unitOffset) {
        this.unitOffset = unitOffset;
    }

    @Override
    Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = super.settings();
        settings.put("unitOffset", unitOffset);
        return settings;
    }

    /** Builds a {@link RmsNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends AffineNormLayer.Builder<Builder> implements OverAxes<Builder> {
        private boolean unitOffset;

        /** Creates a builder with ε = 1e-6. */
        public Builder() {
            super(1e-6);
            lockBeta(true);
        }

        /**
         * Sets whether γ counts from 1, which also makes 0 its value at the beginning; call {@link #gamma} after this for
         * another.
         *
         * @param unitOffset default false
         * @return this
         */
        public Builder unitOffset(boolean unitOffset) {
            this.unitOffset = unitOffset;
            return gamma(unitOffset ? 0 : 1);
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
        public RmsNorm build() {
            return checked(new RmsNorm(this), this);
        }
    }
}
