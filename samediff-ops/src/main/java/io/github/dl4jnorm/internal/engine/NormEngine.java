package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes normalizations and their gradients. The formulas are in {@link Statistic}.
 *
 * <p>The contract, for every engine:
 *
 * <ul>
 *   <li>Arguments are valid: the callers have checked types and shapes ({@link NormChecks}). x, y and their gradients
 *       have one shape, one type (FLOAT, DOUBLE, HALF or BFLOAT16), and any order or strides.
 *   <li>γ, β and their gradients have that type too, one value per index of the affine axes, in any shape whose values
 *       are evenly spaced.
 *   <li>Statistics are as {@link GroupStatistics} says. Half types are computed in float or double.
 *   <li>The sign of y that the gradient of an activation asks for is that of the forward pass, to the last bit.
 *   <li>Outputs are written, never read, and share no memory with inputs. Inputs are not modified.
 *   <li>NaN and infinities propagate as the formulas say.
 *   <li>Safe for use by many threads.
 * </ul>
 */
public interface NormEngine {

    /**
     * The name by which {@link EngineChoice#PROPERTY} selects this engine.
     *
     * @return a short lower-case name
     */
    String name();

    /**
     * y = a(γ·x̂ + β) with x̂ = (x − c)·s.
     *
     * @param spec the normalization
     * @param x input
     * @param affine γ and β
     * @param statistics c and s: input of {@link Statistic#GIVEN}, else output
     * @param y output
     */
    void forward(NormSpec spec, INDArray x, AffineParameters affine, GroupStatistics statistics, INDArray y);

    /**
     * dx = s·(g − A − x̂·B) with g = γ·dy, dGamma = Σdy·x̂ and dBeta = Σdy.
     *
     * @param spec the normalization, as in the forward pass
     * @param x the forward's input
     * @param dy gradient of y
     * @param affine γ and β, as in the forward pass; β matters with an activation only
     * @param statistics those of the forward pass
     * @param gradients output; a dGamma or dBeta that is null is not wanted
     */
    void backward(
            NormSpec spec,
            INDArray x,
            INDArray dy,
            AffineParameters affine,
            GroupStatistics statistics,
            Gradients gradients);
}
