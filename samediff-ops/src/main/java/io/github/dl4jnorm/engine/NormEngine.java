package io.github.dl4jnorm.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes normalizations and their gradients: one statistic per group, then an elementwise map.
 *
 * <p>The contract, for every engine:
 *
 * <ul>
 *   <li>Arguments are valid: the callers have checked types and shapes ({@link NormChecks}). x, y and their
 *       gradients have the shape of {@code axes}, one type (FLOAT, DOUBLE, HALF or BFLOAT16), and any order or strides.
 *   <li>gamma, beta and their gradients have that type too, one value per index of the affine axes, in any shape.
 *       A null gamma is 1, a null beta is 0; a null dGamma or dBeta is not wanted.
 *   <li>An activation is applied to y = γ·x̂ + β in the same pass. Backward, dy stands for the gradient behind it in all
 *       formulas: with RELU, dy where y &gt; 0, else 0. The sign of y is computed again, and is that of the forward pass.
 *   <li>Statistics are as {@link Stats} says. Half types are computed in float.
 *   <li>Outputs are written, never read, and share no memory with inputs. Inputs are not modified.
 *   <li>NaN and infinities propagate as the formulas say.
 *   <li>Safe for use by many threads.
 * </ul>
 */
public interface NormEngine {

    /**
     * The name by which {@link NormEngines#PROPERTY} selects this engine.
     *
     * @return a short lower-case name
     */
    String name();

    /**
     * y = γ·x̂ + β with x̂ = (x−μ)·r, where μ = Σx/M, σ² = Σ(x−μ)²/M and r = 1/√(σ²+ε) are taken from x, per group:
     * BatchNorm in training (Ioffe and Szegedy 2015, algorithm 1), LayerNorm (Ba et al. 2016, section 3).
     *
     * @param axes the groups
     * @param x input
     * @param affine γ, β and the activation
     * @param eps ε &gt; 0
     * @param y output
     * @param stats output
     */
    void standardize(NormAxes axes, INDArray x, AffineActivation affine, double eps, INDArray y, Stats stats);

    /**
     * The gradient of {@link #standardize}, whose statistics depend on x. With g = γ·dy:
     *
     * <pre>
     * dx     = r·(g − Σg/M − x̂·Σ(g·x̂)/M)    sums over the group
     * dGamma = Σ dy·x̂                        sums over everything but the affine axes
     * dBeta  = Σ dy
     * </pre>
     *
     * @param axes the groups
     * @param x the forward's input
     * @param dy gradient of y
     * @param affine γ, β and the activation, as in the forward pass
     * @param stats those of the forward pass; the variance is not used
     * @param dx output
     * @param dGamma output or null
     * @param dBeta output or null
     */
    void standardizeBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            AffineActivation affine,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta);

    /**
     * y = γ·(x−μ)·r + β with given statistics: BatchNorm in inference.
     *
     * @param axes the groups
     * @param x input
     * @param affine γ, β and the activation
     * @param stats mean and invStd; the variance is not used
     * @param y output
     */
    void applyStats(NormAxes axes, INDArray x, AffineActivation affine, Stats stats, INDArray y);

    /**
     * The gradient of {@link #applyStats}, whose statistics are constants: dx = γ·r·dy, dGamma = Σ dy·x̂, dBeta = Σ dy.
     * Using {@link #standardizeBackward} here is a classic error: it has two terms too many.
     *
     * @param axes the groups
     * @param x the forward's input
     * @param dy gradient of y
     * @param affine γ, β and the activation, as in the forward pass
     * @param stats mean and invStd; the variance is not used
     * @param dx output
     * @param dGamma output or null
     * @param dBeta output or null
     */
    void applyStatsBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            AffineActivation affine,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta);

    /**
     * y = x/s with s = Σx + ε per group. A zero s is not refused here: callers look with {@link NormChecks#nonZeroSum}.
     *
     * @param axes the groups
     * @param x input
     * @param eps ε ≥ 0
     * @param y output
     * @param sum output, s, as {@link Stats#newStatistic} makes it
     */
    void divideBySum(NormAxes axes, INDArray x, double eps, INDArray y, INDArray sum);

    /**
     * The gradient of {@link #divideBySum}: ∂y_i/∂x_j = (δ_ij − y_i)/s, so dx = (dy − Σ(dy·y))/s with y = x/s. Only the
     * diagonal, dy·(1/s − x/s²), is what one gets by forgetting that every output depends on every input.
     *
     * @param axes the groups
     * @param x the forward's input
     * @param dy gradient of y
     * @param sum s of the forward pass
     * @param dx output
     */
    void divideBySumBackward(NormAxes axes, INDArray x, INDArray dy, INDArray sum, INDArray dx);
}
