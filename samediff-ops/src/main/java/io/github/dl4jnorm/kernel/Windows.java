package io.github.dl4jnorm.kernel;

/**
 * The arithmetic of a block of memory seen through windows of a power of two elements each: a Java buffer ends at 2³¹
 * bytes.
 */
final class Windows {
    private final int shift;

    Windows(int shift) {
        this.shift = shift;
    }

    /** The window that holds an element. */
    int window(long index) {
        return (int) (index >>> shift);
    }

    /** Where in its window an element is. */
    int within(long index) {
        return (int) (index & ((1L << shift) - 1));
    }

    /** How many of {@code count} neighbours, from an index on, are in the same window. */
    int together(long index, int count) {
        return (int) Math.min(count, (1L << shift) - within(index));
    }
}
