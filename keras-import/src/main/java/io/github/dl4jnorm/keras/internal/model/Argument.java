package io.github.dl4jnorm.keras.internal.model;

/**
 * An argument of a call of a layer.
 *
 * @param name its keyword; its position from "0" if it has none; within a list the list's name and the position in it,
 *     as in "0.1"
 * @param value a {@link TensorRef}, or a constant as JSON has it
 */
public record Argument(String name, Object value) {

    /** {@return whether it is the output of a layer} */
    public boolean isTensor() {
        return value instanceof TensorRef;
    }
}
