package io.github.dl4jnorm.internal.kernel;

/**
 * A block of memory outside the Java heap that holds numbers of one type. Indices count elements and may exceed 2³¹: it
 * is seen through windows of a power of two elements each, because a Java buffer ends at 2³¹ bytes.
 *
 * @param <A> the Java array with which elements are exchanged, {@code float[]} or {@code double[]}
 */
public abstract class Memory<A> {
    private final Window[] windows;
    private final int shift;

    Memory(Window[] windows, int shift) {
        this.windows = windows;
        this.shift = shift;
    }

    /** The window that holds an element. */
    final Window window(long index) {
        return windows[(int) (index >>> shift)];
    }

    /** Where in its window an element is. */
    final int within(long index) {
        return (int) (index & ((1L << shift) - 1));
    }

    /** How many of {@code count} neighbours, from an index on, are in the same window. */
    final int together(long index, int count) {
        return (int) Math.min(count, (1L << shift) - within(index));
    }

    /**
     * Lets a tile show rows of neighbours.
     *
     * @param index index of the first element
     * @param step distance from the beginning of one row to that of the next
     * @param to the tile with its number of rows and their length; modified
     * @return false, and nothing is done, if they are not all in one window
     */
    final boolean show(long index, long step, Tile to) {
        long far = (to.rows - 1) * step;
        long first = Math.min(index, index + far);
        long last = Math.max(index, index + far) + to.length - 1;
        if (first >>> shift != last >>> shift) {
            return false;
        }
        Window window = window(index);
        to.numbers = window.numbers();
        to.raw = window.raw();
        to.at = within(index);
        to.step = to.rows == 1 ? 0 : (int) step;
        return true;
    }

    /**
     * Copies elements at equal distances into an array.
     *
     * @param index index of the first element
     * @param stride distance between elements; 0 repeats the first
     * @param to the array; modified
     * @param at where in the array to begin
     * @param count number of elements
     */
    abstract void load(long index, long stride, A to, int at, int count);

    /**
     * Copies elements from an array.
     *
     * @param index index of the first element
     * @param stride distance between elements
     * @param from the array
     * @param at where in the array to begin
     * @param count number of elements
     */
    abstract void store(long index, long stride, A from, int at, int count);

    /**
     * Copies rows of elements into a tile.
     *
     * @param index index of the first element
     * @param step distance from the beginning of one row to that of the next
     * @param stride distance between elements of a row
     * @param to the tile; its numbers are modified
     */
    abstract void load(long index, long step, long stride, Tile to);

    /**
     * Copies rows of elements from a tile.
     *
     * @param index index of the first element
     * @param step distance from the beginning of one row to that of the next
     * @param stride distance between elements of a row
     * @param from the tile
     */
    abstract void store(long index, long step, long stride, Tile from);

    /** Reads one element. */
    abstract double get(long index);

    /** Writes one element, rounded to the type. */
    abstract void put(long index, double value);
}
