package io.github.dl4jnorm.kernel;

/**
 * A block of memory outside the Java heap that holds numbers of one type. Indices count elements and may exceed 2³¹.
 *
 * @param <A> the Java array with which elements are exchanged, {@code float[]} or {@code double[]}
 */
public interface Memory<A> {
    /**
     * Copies elements into an array.
     *
     * @param index index of the first element
     * @param stride distance between elements; 0 repeats the first
     * @param to the array; modified
     * @param at where in the array to begin
     * @param count number of elements
     */
    void load(long index, long stride, A to, int at, int count);

    /**
     * Copies elements from an array.
     *
     * @param index index of the first element
     * @param stride distance between elements
     * @param from the array
     * @param at where in the array to begin
     * @param count number of elements
     */
    void store(long index, long stride, A from, int at, int count);

    /**
     * Copies runs of neighbouring elements into an array, one behind the other.
     *
     * @param index index of the first element
     * @param step distance from the beginning of one run to that of the next
     * @param runs number of runs
     * @param length number of elements in a run
     * @param to the array; modified
     * @param at where in the array to begin
     */
    default void loadRuns(long index, long step, int runs, int length, A to, int at) {
        for (int run = 0; run < runs; run++) {
            load(index + run * step, 1, to, at + run * length, length);
        }
    }

    /**
     * Copies an array into runs of neighbouring elements.
     *
     * @param index index of the first element
     * @param step distance from the beginning of one run to that of the next
     * @param runs number of runs
     * @param length number of elements in a run
     * @param from the array
     * @param at where in the array to begin
     */
    default void storeRuns(long index, long step, int runs, int length, A from, int at) {
        for (int run = 0; run < runs; run++) {
            store(index + run * step, 1, from, at + run * length, length);
        }
    }

    /**
     * Reads one element.
     *
     * @param index index of the element
     * @return its value
     */
    double get(long index);

    /**
     * Writes one element.
     *
     * @param index index of the element
     * @param value value, rounded to the type
     */
    void put(long index, double value);
}
