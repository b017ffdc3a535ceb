package io.github.dl4jnorm.keras.network;

import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An operation on images, element by element, where some images have only one row, column or channel, which is then used
 * for all, as in squeeze-and-excitation. DL4J's {@link ElementWiseVertex} computes that, but its configuration refuses
 * such inputs.
 */
public final class BroadcastVertex extends ElementWiseVertex {
    private static final long serialVersionUID = 1;

    /**
     * A vertex for two or more images of one format.
     *
     * @param op what is done with the elements
     */
    public BroadcastVertex(@JsonProperty("op") Op op) {
        super(op);
    }

    @Override
    public BroadcastVertex clone() {
        return new BroadcastVertex(op);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BroadcastVertex && super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }

    /**
     * The type of the output.
     *
     * @param index not used
     * @param inputs types of images of one format
     * @return a type with the largest sizes
     * @throws InvalidInputTypeException if sizes differ and none of them is 1, or the inputs are no images
     */
    @Override
    public InputType getOutputType(int index, InputType... inputs) throws InvalidInputTypeException {
        InputTypeConvolutional result = image(inputs[0]);
        for (InputType input : inputs) {
            InputTypeConvolutional other = image(input);
            if (other.getFormat() != result.getFormat()) {
                throw new InvalidInputTypeException("Expected images of one format, got " + result + " and " + other);
            }
            result = (InputTypeConvolutional) InputType.convolutional(
                    common(result.getHeight(), other.getHeight()),
                    common(result.getWidth(), other.getWidth()),
                    common(result.getChannels(), other.getChannels()),
                    result.getFormat());
        }
        return result;
    }

    private static InputTypeConvolutional image(InputType type) throws InvalidInputTypeException {
        if (type instanceof InputTypeConvolutional image) {
            return image;
        }
        throw new InvalidInputTypeException("Expected images, got " + type);
    }

    private static long common(long one, long other) throws InvalidInputTypeException {
        if (one != other && one != 1 && other != 1) {
            throw new InvalidInputTypeException("Expected equal sizes, or a size of 1, got " + one + " and " + other);
        }
        return Math.max(one, other);
    }
}
