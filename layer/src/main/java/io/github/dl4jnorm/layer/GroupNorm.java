package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Group normalization (Wu and He 2018): per example and group of neighbouring channels,
 *
 * <pre>
 * y = a(γ·(x − μ)/√(σ² + ε) + β)     μ, σ²: mean and biased variance over the channels of the group and all positions
 * </pre>
 *
 * For feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input,
 * alike in training and inference.
 *
 * <p>Parameters: {@code gamma} and {@code beta}, [1, C], each absent if locked. a is the identity or, with {@code
 * activation(RELU)}, max(0, ·). With {@link Builder#axis} the indices of another axis take the place of the channels.
 *
 * <p>A mask may hide whole examples, which give zeros and receive zero gradient. One that runs along an axis that is
 * normalized over, such as time, is refused.
 */
public final class GroupNorm extends AffineNormLayer {
    private int groups;

    // For deserialization, which then calls the setters.
    private GroupNorm() {
        this(new Builder());
    }

    private GroupNorm(Builder builder) {
        super(builder);
        groups = builder.groups;
    }

    @Override
    NormSpec spec(int channelAxis) {
        return NormSpec.groupNorm(groups, getEps(), axesOr(channelAxis)[0]).with(getFusedActivation());
    }

    @Override
    void validate() {
        if (groups < 1) {
            throw new DL4JInvalidConfigException(who() + ": expected groups > 0, got " + groups);
        }
        if (getAxes() != null && getAxes().length != 1) {
            throw new DL4JInvalidConfigException(who() + ": expected one axis, got " + Arrays.toString(getAxes()));
        }
        if (getAxes() == null && getNIn() % groups != 0) {
            throw new DL4JInvalidConfigException(
                    who() + ": expected a number of groups that divides the " + getNIn() + " channels, got " + groups);
        }
        super.validate();
    }

    /** {@return the number of groups into which the channels are split} */
    public int getGroups() {
        return groups;
    }

    /**
     * Sets the number of groups.
     *
     * @param groups a divisor of the number of channels
     */
    public void setGroups(int groups) {
        this.groups = groups;
    }

    @Override
    Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = super.settings();
        settings.put("groups", groups);
        return settings;
    }

    /** Builds a {@link GroupNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends AffineNormLayer.Builder<Builder> {
        private int groups = 32;

        /** Creates a builder with ε = 1e-5. */
        public Builder() {
            super(1e-5);
        }

        /**
         * Sets the number of groups into which the channels are split.
         *
         * @param groups a divisor of the number of channels; default 32
         * @return this
         */
        public Builder groups(int groups) {
            this.groups = groups;
            return this;
        }

        /**
         * Sets the axis whose indices are split into groups and have γ and β of their own. Default: that of the channels.
         *
         * @param axis an axis of the activations, but not 0, the batch
         * @return this
         */
        public Builder axis(int axis) {
            return setAxes(axis);
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
        public GroupNorm build() {
            return checked(new GroupNorm(this), this);
        }
    }
}
