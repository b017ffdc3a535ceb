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
