package io.github.dl4jnorm.gradcheck;

import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A function of arrays with a backward pass written by hand: the thing to be checked.
 *
 * <p>With one input and one output two lambdas will do:
 *
 * <pre>{@code
 * Differentiable square = Differentiable.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(2));
 * }</pre>
 *
 * With a cache between the passes, the forward pass returns it and the backward pass gets it back:
 *
 * <pre>{@code
 * Differentiable exp = Differentiable.withCache(
 *         in -> { INDArray y = Transforms.exp(in[0]); return Forward.of(y).saving(y); },
 *         (saved, dOut) -> new INDArray[] {saved[0].mul(dOut[0])});
 * }</pre>
 */
public interface Differentiable {

    /**
     * The forward pass.
     *
     * @param inputs inputs; a good forward pass does not modify them
     * @return outputs, and what the backward pass needs
     */
    Forward forward(INDArray... inputs);

    /**
     * The backward pass: the vector-Jacobian product Σ_i dOutput_i·∂output_i/∂input_j.
     *
     * @param saved what the forward pass saved, the same arrays; not to be modified
     * @param outputGradients one gradient per output, of its shape; not to be modified
     * @return one gradient per input, of its shape; null for a gradient that is zero
     */
    @Nullable INDArray[] backward(INDArray[] saved, INDArray... outputGradients);

    /** What a forward pass returns: its outputs, and arrays for the backward pass; the very arrays, not copies. */
    final class Forward {
        private final INDArray[] outputs;
        private final INDArray[] saved;

        /**
         * Outputs, with arrays for the backward pass.
         *
         * @param outputs the outputs
         * @param saved arrays for the backward pass, in an order of your choice
         * @throws IllegalArgumentException if there are no outputs, or null is saved in place of arrays
         */
        public Forward(INDArray[] outputs, INDArray[] saved) {
            if (outputs == null) {
                throw new IllegalArgumentException("Forward: expected outputs, got null");
            }
            if (saved == null) {
                throw new IllegalArgumentException(
                        "Forward: expected arrays to save, got null; save none with of(...)");
            }
            this.outputs = outputs;
            this.saved = saved;
        }

        /**
         * The outputs.
         *
         * @return the arrays that the forward pass gave
         */
        public INDArray[] outputs() {
            return outputs;
        }

        /**
         * What the backward pass needs.
         *
         * @return the arrays that the forward pass saved
         */
        public INDArray[] saved() {
            return saved;
        }

        /**
         * Outputs, with nothing saved yet.
         *
         * @param outputs the outputs
         * @return the result of a forward pass
         */
        public static Forward of(INDArray... outputs) {
            return new Forward(outputs, new INDArray[0]);
        }

        /**
         * The same outputs, with arrays for the backward pass.
         *
         * @param cache what to save
         * @return the result of a forward pass
         */
        public Forward saving(INDArray... cache) {
            return new Forward(outputs, cache);
        }
    }

    /**
     * A function of one array, whose backward pass needs its input only.
     *
     * @param forward x → y
     * @param backward (x, dy) → dx, with the very x that the forward pass has seen
     * @return the function
     * @throws IllegalArgumentException if a pass is null
     */
    static Differentiable of(UnaryOperator<INDArray> forward, BinaryOperator<INDArray> backward) {
        checkPasses(forward, backward);
        return ofMany(inputs -> new INDArray[] {forward.apply(inputs[0])}, (inputs, gradients) ->
                new INDArray[] {backward.apply(inputs[0], gradients[0])});
    }

    /**
     * A function of several arrays, whose backward pass needs its inputs only.
     *
     * @param forward inputs → outputs
     * @param backward (inputs, output gradients) → input gradients, with the very inputs that the forward pass has seen
     * @return the function
     * @throws IllegalArgumentException if a pass is null
     */
    static Differentiable ofMany(
            Function<INDArray[], INDArray[]> forward,
            BiFunction<INDArray[], INDArray[], @Nullable INDArray[]> backward) {
        checkPasses(forward, backward);
        return withCache(inputs -> new Forward(forward.apply(inputs), inputs), backward);
    }

    /**
     * A function whose forward pass saves what its backward pass needs.
     *
     * @param forward inputs → outputs and saved arrays
     * @param backward (saved arrays, output gradients) → input gradients
     * @return the function
     * @throws IllegalArgumentException if a pass is null
     */
    static Differentiable withCache(
            Function<INDArray[], Forward> forward, BiFunction<INDArray[], INDArray[], @Nullable INDArray[]> backward) {
        checkPasses(forward, backward);
        return new Differentiable() {
            @Override
            public Forward forward(INDArray... inputs) {
                return forward.apply(inputs);
            }

            @Override
            public @Nullable INDArray[] backward(INDArray[] saved, INDArray... outputGradients) {
                return backward.apply(saved, outputGradients);
            }
        };
    }

    private static void checkPasses(@Nullable Object forward, @Nullable Object backward) {
        if (forward == null || backward == null) {
            throw new IllegalArgumentException(
                    "Differentiable: expected a " + (forward == null ? "forward" : "backward") + " pass, got null");
        }
    }
}
