package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidConfigException;

/**
 * Instance normalization (Ulyanov, Vedaldi and Lempitsky 2016): per example and channel,
 *
 * <pre>
 * y = a(γ·(x − μ)/√(σ² + ε) + β)     μ, σ²: mean and biased variance over all positions
 * </pre>
 *
 * For recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input, alike in training and
 * inference. Feed-forward input, which has one value per example and channel, is refused.
 *
 * <p>Parameters: {@code gamma} and {@code beta}, [1, C], each absent if locked. a is the identity or, with {@code
 * activation(RELU)}, max(0, ·).
 *
 * <p>A mask may hide whole examples, which give zeros and receive zero gradient. One that runs along an axis that is
 * normalized over, such as time, is refused.
 */
public final class InstanceNorm extends AffineNormLayer {

    // For deserialization, which then calls the setters.
    private InstanceNorm() {
        this(new Builder());
    }

    private InstanceNorm(Builder builder) {
        super(builder);
    }

    @Override
    NormSpec spec(int channelAxis) {
        return NormSpec.instanceNorm(getEps(), channelAxis).with(getFusedActivation());
    }

    @Override
    Groups groupsOf(String who, long... shape) {
        if (shape.length == 2) {
            throw new DL4JInvalidConfigException(who + ": feed-forward activations, of shape " + Arrays.toString(shape)
                    + ", have one value per example and channel; there is nothing to normalize over");
        }
        return super.groupsOf(who, shape);
    }

    /** Builds a {@link InstanceNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends AffineNormLayer.Builder<Builder> {
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
        public InstanceNorm build() {
            return checked(new InstanceNorm(this), this);
        }
    }
}
