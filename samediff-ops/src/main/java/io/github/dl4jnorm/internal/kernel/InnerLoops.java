package io.github.dl4jnorm.internal.kernel;

/**
 * The innermost loops of all kernels. Large operands are {@link Tile tiles} of memory outside the heap; what belongs to
 * lanes or parameters is in arrays. An output is never the memory of an input, but for {@link #relu}.
 *
 * <p>An implementation keeps scratch arrays and serves one thread.
 *
 * <p>Loops over <em>rows</em> treat each row of a tile on its own, with coefficients or sums per row, and gamma and beta
 * per column. Loops over <em>lanes</em> treat each column on its own, with coefficients or sums per column.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
interface InnerLoops<A> {
    /** Longest array that is passed in. */
    int CHUNK = 4096;

    /** Most elements of a tile. */
    int TILE = 4 * CHUNK;

    /** How many columns of a tile the loops over lanes work on best. */
    int columns();

    A allocate(int length);

    /** New memory, for tiles. */
    Memory<A> allocateMemory(int elements);

    /** An element of a tile. */
    double get(Tile tile, int row, int index);

    void fill(A array, int from, int to, double value);

    /** Widens: to[j] = from[j]. Modified: to. */
    void widen(A from, int n, double[] to);

    /** Narrows: to[j] = from[j], rounded. Modified: to. */
    void narrow(double[] from, int n, A to);

    /** Copies a[0, count) behind itself, to a[count, 2·count) and so on: {@code copies} copies in all. */
    default void repeat(A array, int count, int copies) {
        for (int copy = 1; copy < copies; copy++) {
            System.arraycopy(array, 0, array, copy * count, count);
        }
    }

    /** The nearest value that an array can hold. */
    double round(double value);

    /** Less than this, added to any number that an array can hold, does not take it out of the range of the type. */
    double negligible();

    /** The smallest positive number of the type that has all digits. */
    double smallestNormal();

    /** sums[at+j] += x[from+j]. Modified: sums. */
    void addTo(A x, int from, int n, double[] sums, int at);

    /** Σx, as if in double. */
    double sum(Tile x);

    /** sums = (Σd, Σd²) with d = x − shift. Modified: sums. */
    void moments(Tile x, double shift, double[] sums);

    /** sums = (Σdy, Σdy·(x−center)). Modified: sums. */
    void dots(Tile dy, Tile x, double center, double[] sums);

    /** y = (x−center)·scale + shift. Modified: y. */
    void map(Tile x, Tile y, double center, double scale, double shift);

    /** y = ((x−center)·scale + shift)·gamma + beta. Modified: y. */
    void mapAffine(Tile x, Tile y, Coefficients map, double gamma, double beta);

    /** dx = ((dy·gamma−gradientCenter) − (x−center)·slope)·scale + shift. Modified: dx. */
    void mapBackward(Tile dy, Tile x, Tile dx, Coefficients map, double gamma);

    /** y ← max(0, y); NaN stays NaN. Modified: y. */
    void relu(Tile y);

    /** dx = dy where y is greater than 0, else 0, also where y is NaN. Modified: dx. */
    void reluBackward(Tile dy, Tile y, Tile dx);

    /** Per row: sums[row] = Σd and squares[row] = Σd² with d = x − shift[row]. Modified: sums, squares. */
    void momentsRows(Tile x, double[] shift, double[] sums, double[] squares);

    /**
     * Per row, with its x̂ = (x−center)·scale + shift: dGamma += dy·x̂ and dBeta += dy; sums[row] = Σg and products[row] =
     * Σg·(x−center) with g = gamma·dy. Modified: dGamma, dBeta, sums, products.
     */
    void dotsRows(Tile dy, Tile x, Coefficients[] xHat, A gamma, A dGamma, A dBeta, double[] sums, double[] products);

    /** As {@link #mapAffine}, per row. Modified: y. */
    void mapRows(Tile x, Tile y, Coefficients[] map, A gamma, A beta);

    /** As {@link #mapBackward}, per row. Modified: dx. */
    void mapBackwardRows(Tile dy, Tile x, Tile dx, Coefficients[] map, A gamma);

    /** sums += x and rest += what that lost to rounding. Modified: sums, rest. */
    void sumLanes(Tile x, A sums, A rest);

    /** sums += d and squares += d² with d = x − shift. Modified: sums, squares. */
    void momentsLanes(Tile x, A shift, A sums, A squares);

    /** sums += dy and products += dy·(x−center). Modified: sums, products. */
    void dotsLanes(Tile dy, Tile x, A center, A sums, A products);

    /** y = (x−center)·scale + shift. Modified: y. */
    void mapLanes(Tile x, Tile y, A center, A scale, A shift);

    /** dx = ((dy−gradientCenter) − (x−center)·slope)·scale + shift. Modified: dx. */
    void mapBackwardLanes(Tile dy, Tile x, Tile dx, LaneMap<A> map);
}
