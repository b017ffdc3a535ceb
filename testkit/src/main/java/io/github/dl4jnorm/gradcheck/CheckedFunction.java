package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Somebody's function, which says what is missing in it: an exception from within names the pass that threw it and what
 * that pass was given.
 *
 * @param who the tool that calls it, for messages
 * @param function the function
 */
record CheckedFunction(String who, Differentiable function) implements Differentiable {
    CheckedFunction {
        if (function == null) {
            throw new IllegalArgumentException(who + ": expected a function, got null");
        }
    }

    @Override
    public Forward forward(INDArray... inputs) {
        Forward forward;
        try {
            forward = function.forward(inputs);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    who + ": the forward pass of inputs " + shapes(inputs) + " threw " + e, e);
        }
        if (forward == null) {
            throw new IllegalArgumentException(who + ": expected outputs from the forward pass, got null");
        }
        checkNoneMissing("an output", "the forward pass", forward.outputs());
        if (forward.outputs().length == 0) {
            throw new IllegalArgumentException(who + ": expected an output from the forward pass, got none");
        }
        return forward;
    }

    @Override
    public @Nullable INDArray[] backward(INDArray[] saved, INDArray... outputGradients) {
        @Nullable INDArray[] gradients;
        try {
            gradients = function.backward(saved, outputGradients);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    who + ": the backward pass of output gradients " + shapes(outputGradients) + " threw " + e
                            + "; the forward pass saved " + (saved.length == 0 ? "nothing" : shapes(saved)),
                    e);
        }
        if (gradients == null) {
            throw new IllegalArgumentException(
                    who + ": expected one gradient per input from the backward pass, got null");
        }
        return gradients;
    }

    private void checkNoneMissing(String what, String from, @Nullable INDArray... arrays) {
        for (INDArray array : arrays) {
            if (array == null) {
                throw new IllegalArgumentException(who + ": expected " + what + " from " + from + ", got null");
            }
        }
    }

    private static String shapes(@Nullable INDArray... arrays) {
        return Arrays.stream(arrays)
                .map(a -> a == null ? "null" : Arrays.toString(a.shape()))
                .collect(Collectors.joining(", "));
    }
}
