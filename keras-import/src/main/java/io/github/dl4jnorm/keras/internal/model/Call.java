package io.github.dl4jnorm.keras.internal.model;

import java.util.List;

/**
 * One use of a layer; a layer that is used twice shares its weights.
 *
 * @param arguments all that was handed over, tensors and constants in their order, without nulls
 */
public record Call(List<Argument> arguments) {

    /** {@return the tensors among the arguments} */
    public List<TensorRef> inputs() {
        return arguments.stream()
                .filter(Argument::isTensor)
                .map(argument -> (TensorRef) argument.value())
                .toList();
    }

    /** {@return the arguments that are no tensors} */
    public List<Argument> constants() {
        return arguments.stream().filter(argument -> !argument.isTensor()).toList();
    }
}
