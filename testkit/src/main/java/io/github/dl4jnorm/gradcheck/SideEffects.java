package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a function changes in place.
 *
 * @param byForward one line for each change by the forward pass
 * @param byBackward one line for each change by the backward pass
 * @param gradients what the backward pass returned, copied; null where it returned null
 */
record SideEffects(
        List<String> byForward,
        List<String> byBackward,
        @Nullable INDArray[] gradients) {

    /** Runs both passes once. */
    static SideEffects of(
            Differentiable function, List<INDArray> inputs, List<String> names, INDArray... outputGradients) {
        List<String> byForward = new ArrayList<>();
        List<String> byBackward = new ArrayList<>();
        INDArray[] seen = Elements.copies(inputs.toArray(INDArray[]::new));
        Forward forward = function.forward(seen);
        compare(byForward, "forward modified its input", seen, inputs.toArray(INDArray[]::new), names);

        INDArray[] inputsBefore = Elements.copies(seen);
        INDArray[] outputsBefore = Elements.copies(forward.outputs());
        INDArray[] savedBefore = Elements.copies(forward.saved());
        INDArray[] handedOver = Elements.copies(outputGradients);
        @Nullable INDArray[] results = function.backward(forward.saved(), handedOver);
        @Nullable INDArray[] gradients =
                Arrays.stream(results).map(g -> g == null ? null : g.dup()).toArray(INDArray[]::new);
        compare(byBackward, "backward modified the input", seen, inputsBefore, names);
        compare(byBackward, "backward modified output", forward.outputs(), outputsBefore, List.of());
        compare(byBackward, "backward modified saved array", forward.saved(), savedBefore, List.of());
        compare(byBackward, "backward modified output gradient", handedOver, outputGradients, List.of());
        return new SideEffects(byForward, byBackward, gradients);
    }

    private static void compare(
            List<String> changes, String what, INDArray[] after, INDArray[] before, List<String> names) {
        for (int i = 0; i < after.length; i++) {
            if (!Elements.same(after[i], before[i])) {
                changes.add(what + " " + (names.isEmpty() ? String.valueOf(i) : names.get(i)) + " in place");
            }
        }
    }
}
