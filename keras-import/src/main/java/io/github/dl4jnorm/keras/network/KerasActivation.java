package io.github.dl4jnorm.keras.network;

import java.util.Objects;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** An activation function of Keras that ND4J does not have, or has with other numbers. */
public final class KerasActivation extends BaseActivationFunction {
    private static final long serialVersionUID = 1;

    /** A function of one number. */
    public enum Function {
        /** min(max(x + 3, 0), 6)/6, as Keras 3 has it. */
        HARD_SIGMOID {
            @Override
            INDArray value(INDArray x) {
                return Transforms.relu6(x.add(3), false).divi(6);
            }

            @Override
            INDArray derivative(INDArray x) {
                return inside(x).divi(6);
            }
        },
        /** x·hardSigmoid(x). */
        HARD_SILU {
            @Override
            INDArray value(INDArray x) {
                return HARD_SIGMOID.value(x).muli(x);
            }

            @Override
            INDArray derivative(INDArray x) {
                return HARD_SIGMOID.derivative(x).muli(x).addi(HARD_SIGMOID.value(x));
            }
        },
        /** x·Φ(x) with the distribution function Φ of the normal distribution, not an approximation of it. */
        GELU {
            @Override
            INDArray value(INDArray x) {
                return distribution(x).muli(x);
            }

            @Override
            INDArray derivative(INDArray x) {
                INDArray density = Transforms.exp(x.mul(x).divi(-2), false).divi(Math.sqrt(2 * Math.PI));
                return density.muli(x).addi(distribution(x));
            }
        },
        /** exp(x). */
        EXPONENTIAL {
            @Override
            INDArray value(INDArray x) {
                return Transforms.exp(x, true);
            }

            @Override
            INDArray derivative(INDArray x) {
                return value(x);
            }
        },
        /** log(1/(1 + exp(−x))). */
        LOG_SIGMOID {
            @Override
            INDArray value(INDArray x) {
                return Transforms.softPlus(x.neg(), false).negi();
            }

            @Override
            INDArray derivative(INDArray x) {
                return Transforms.sigmoid(x.neg(), false);
            }
        };

        /** A new array of the values. */
        abstract INDArray value(INDArray x);

        /** A new array of the derivatives. */
        abstract INDArray derivative(INDArray x);

        /** 1 between −3 and 3, 0 elsewhere. */
        private static INDArray inside(INDArray x) {
            return Transforms.abs(x, true).lt(3).castTo(x.dataType());
        }

        private static INDArray distribution(INDArray x) {
            INDArray scaled = x.mul(Math.sqrt(0.5));
            return Nd4j.getExecutioner().exec(new Erf(scaled, scaled)).addi(1).divi(2);
        }
    }

    /** What is applied to each element. */
    private final Function function;

    /**
     * An activation for DL4J's layers.
     *
     * @param function what is applied to each element
     */
    public KerasActivation(@JsonProperty("function") Function function) {
        this.function = function;
    }

    /**
     * Which function it is.
     *
     * @return what is applied to each element
     */
    public Function function() {
        return function;
    }

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        return in.assign(function.value(in));
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        assertShape(in, epsilon);
        return new Pair<>(in.assign(function.derivative(in).muli(epsilon)), null);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KerasActivation activation && activation.function == function;
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(function);
    }

    @Override
    public String toString() {
        return String.valueOf(function);
    }
}
