package io.github.dl4jnorm.internal.kernel;

/**
 * One array that takes part in a {@link NormPass}: where its elements are, for each index of the pass's shape. The array
 * may be another one in every run of the pass, if only its strides are the same.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
public final class Operand<A> {
    private final long[] strides;
    private Memory<A> memory;
    private long offset;

    /**
     * An array.
     *
     * @param memory the memory
     * @param offset index of the first element
     * @param strides per axis of the shape the distance between neighbours; 0 where the array does not vary
     */
    public Operand(Memory<A> memory, long offset, long... strides) {
        this.strides = strides.clone();
        moveTo(memory, offset);
    }

    /**
     * Makes this another array with the same strides.
     *
     * @param to the memory
     * @param first index of the first element
     */
    public void moveTo(Memory<A> to, long first) {
        memory = to;
        offset = first;
    }

    Memory<A> memory() {
        return memory;
    }

    long offset() {
        return offset;
    }

    long[] strides() {
        return strides;
    }
}
