package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.layer.Parameter.Role;
import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.Groups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * What the normalization layers with parameters have in common: γ and β, each trained or locked, which nothing
 * regularizes unless asked to, and an activation in the same pass. Long because DL4J saves what has a getter and a setter,
 * and builders set it once more.
 */
abstract class AffineNormLayer extends NormLayer {
    private double gamma;
    private double beta;
    private boolean lockGamma;
    private boolean lockBeta;
    private boolean regularizeGammaBeta;
    private FusedActivation fusedActivation;

    AffineNormLayer(Builder<?> builder) {
        super(builder);
        gamma = builder.gamma;
        beta = builder.beta;
        lockGamma = builder.lockGamma;
        lockBeta = builder.lockBeta;
        regularizeGammaBeta = builder.regularizeGammaBeta;
        fusedActivation = isRelu(builder.getActivationFn()) ? FusedActivation.RELU : FusedActivation.IDENTITY;
    }

    private static boolean isRelu(IActivation activation) {
        return new ActivationReLU().equals(activation);
    }

    @Override
    boolean canApply(IActivation activation) {
        return isRelu(activation) || super.canApply(activation);
    }

    @Override
    void validate() {
        if (fusedActivation == null) {
            throw new DL4JInvalidConfigException(who() + ": expected a fused activation, got null");
        }
        checkFinite(GAMMA, gamma);
        checkFinite(BETA, beta);
        super.validate();
    }

    private void checkFinite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new DL4JInvalidConfigException(who() + ": expected a finite " + name + ", got " + value);
        }
    }

    @Override
    double constantGamma() {
        return gamma;
    }

    @Override
    double constantBeta() {
        return beta;
    }

    @Override
    Groups groupsOf(String who, long... shape) {
        Groups groups = super.groupsOf(who, shape);
        if (Arrays.stream(groups.affine()).anyMatch(axis -> axis == 0)) {
            throw new DL4JInvalidConfigException(who + ": cannot use axis 0, the batch; axes "
                    + Arrays.toString(getAxes()) + " of shape " + Arrays.toString(shape));
        }
        return groups;
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        long[] sizes = groupsOf(who(), knownShape()).parameterShape();
        if (!parameters().isEmpty() && Arrays.stream(sizes).anyMatch(size -> size <= 0)) {
            throw new DL4JInvalidConfigException(
                    who() + ": the parameters need the sizes of axes " + Arrays.toString(getAxes()) + ", which "
                            + inputType + " does not tell; give it a time series length");
        }
    }

    /** The shape of γ and β: [1, C] where they vary along one axis only; with a size of 0 if one is not known. */
    final long[] parameterShape() {
        if (getAxes() == null) {
            return new long[] {1, getNIn()};
        }
        long[] known = knownShape();
        if (known == null) {
            return new long[] {0};
        }
        long[] shape = groupsOf(who(), known).parameterShape();
        return shape.length == 1 ? new long[] {1, shape[0]} : shape;
    }

    @Override
    List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        if (!lockGamma) {
            parameters.add(new Parameter(GAMMA, Role.SCALE, gamma, parameterShape()));
        }
        if (!lockBeta) {
            parameters.add(new Parameter(BETA, Role.SHIFT, beta, parameterShape()));
        }
        return parameters;
    }

    @Override
    public @Nullable List<Regularization> getRegularizationByParam(String paramName) {
        return regularizeGammaBeta ? super.getRegularizationByParam(paramName) : null;
    }

    /** {@return the initial or locked γ} */
    public double getGamma() {
        return gamma;
    }

    /**
     * Sets the initial or locked γ.
     *
     * @param gamma γ
     */
    public void setGamma(double gamma) {
        this.gamma = gamma;
    }

    /** {@return the initial or locked β} */
    public double getBeta() {
        return beta;
    }

    /**
     * Sets the initial or locked β.
     *
     * @param beta β
     */
    public void setBeta(double beta) {
        this.beta = beta;
    }

    /** {@return whether γ is a constant, which is not trained} */
    public boolean isLockGamma() {
        return lockGamma;
    }

    /**
     * Sets whether γ is a constant.
     *
     * @param lockGamma true if it is not trained
     */
    public void setLockGamma(boolean lockGamma) {
        this.lockGamma = lockGamma;
    }

    /** {@return whether β is a constant, which is not trained} */
    public boolean isLockBeta() {
        return lockBeta;
    }

    /**
     * Sets whether β is a constant.
     *
     * @param lockBeta true if it is not trained
     */
    public void setLockBeta(boolean lockBeta) {
        this.lockBeta = lockBeta;
    }

    /** {@return whether l1, l2 and weight decay apply to γ, as a weight, and β, as a bias} */
    public boolean isRegularizeGammaBeta() {
        return regularizeGammaBeta;
    }

    /**
     * Sets whether l1, l2 and weight decay apply to γ and β.
     *
     * @param regularizeGammaBeta true if they do
     */
    public void setRegularizeGammaBeta(boolean regularizeGammaBeta) {
        this.regularizeGammaBeta = regularizeGammaBeta;
    }

    /** {@return the activation in the same pass, as set on this very layer; IDENTITY by default} */
    public FusedActivation getFusedActivation() {
        return fusedActivation;
    }

    /**
     * Sets the activation that is applied in the same pass.
     *
     * @param fusedActivation an activation, IDENTITY for none
     */
    public void setFusedActivation(FusedActivation fusedActivation) {
        this.fusedActivation = fusedActivation;
    }

    @Override
    public IActivation getActivationFn() {
        return fusedActivation == FusedActivation.RELU ? new ActivationReLU() : new ActivationIdentity();
    }

    @Override
    Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = super.settings();
        settings.put(GAMMA, gamma);
        settings.put(BETA, beta);
        settings.put("lockGamma", lockGamma);
        settings.put("lockBeta", lockBeta);
        settings.put("regularizeGammaBeta", regularizeGammaBeta);
        settings.put("fusedActivation", fusedActivation);
        return settings;
    }

    /** What the builders have in common. */
    @SuppressWarnings("unchecked")
    abstract static class Builder<T extends Builder<T>> extends NormLayer.Builder<T> {
        private double gamma = 1;
        private double beta;
        private boolean lockGamma;
        private boolean lockBeta;
        private boolean regularizeGammaBeta;

        Builder(double eps) {
            super(eps);
        }

        /**
         * Sets the value of γ at the beginning, or always if locked by {@link #lockGamma(boolean)}.
         *
         * @param gamma γ; default 1
         * @return this
         */
        public T gamma(double gamma) {
            this.gamma = gamma;
            return (T) this;
        }

        /**
         * Sets the value of β at the beginning, or always if locked by {@link #lockBeta(boolean)}.
         *
         * @param beta β; default 0
         * @return this
         */
        public T beta(double beta) {
            this.beta = beta;
            return (T) this;
        }

        /**
         * Sets whether γ and β are constants instead of trained parameters.
         *
         * @param lockGammaBeta default false
         * @return this
         */
        public T lockGammaBeta(boolean lockGammaBeta) {
            lockGamma(lockGammaBeta);
            return lockBeta(lockGammaBeta);
        }

        /**
         * Sets whether γ is a constant instead of a trained parameter.
         *
         * @param lockGamma default false
         * @return this
         */
        public T lockGamma(boolean lockGamma) {
            this.lockGamma = lockGamma;
            return (T) this;
        }

        /**
         * Sets whether β is a constant instead of a trained parameter.
         *
         * @param lockBeta default false
         * @return this
         */
        public T lockBeta(boolean lockBeta) {
            this.lockBeta = lockBeta;
            return (T) this;
        }

        /**
         * Sets whether l1, l2 and weight decay apply to γ (as a weight) and β (as a bias).
         *
         * @param regularizeGammaBeta default false
         * @return this
         */
        public T regularizeGammaBeta(boolean regularizeGammaBeta) {
            this.regularizeGammaBeta = regularizeGammaBeta;
            return (T) this;
        }

        /**
         * Sets an activation that is applied in the same pass: RELU, or IDENTITY, the default. The network's activation
         * is never inherited. For any other use an ActivationLayer after this layer.
         *
         * @param activation RELU or IDENTITY
         * @return this
         */
        @Override
        public T activation(Activation activation) {
            return super.activation(activation);
        }
    }
}
