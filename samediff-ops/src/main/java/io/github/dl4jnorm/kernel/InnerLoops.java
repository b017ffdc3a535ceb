package io.github.dl4jnorm.kernel;

/**
 * The innermost loops of all kernels, over staging arrays that fit the L1 cache. Every loop starts at index 0, so that
 * all arrays of a loop are read at the same index: the JIT turns such loops into SIMD code, and no others that matter
 * here.
 *
 * <p>An implementation keeps scratch arrays and serves one thread.
 *
 * <p>Loops over <em>lanes</em> treat each index on its own, with coefficients or sums per index. They take several
 * arrays at once ("rows"), to read each coefficient only once.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
interface InnerLoops<A> {
    /** Longest array that is passed in. */
    int CHUNK = 4096;

    A allocate(int length);

    A[] allocate(int rows, int length);

    double get(A array, int index);

    void set(A array, int index, double value);

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

    /** sums[at+j] += x[from+j]. Modified: sums. */
    void addTo(A x, int from, int n, double[] sums, int at);

    /** Σx. */
    double sum(A x, int n);

    /** sums = (Σd, Σd²) with d = x − shift. Modified: sums. */
    void moments(A x, int n, double shift, double[] sums);

    /** sums = (Σdy, Σdy·(x−center)). Modified: sums. */
    void dots(A dy, A x, int n, double center, double[] sums);

    /** x ← (x−center)·scale + shift. */
    void map(A x, int n, double center, double scale, double shift);

    /** x ← ((x−center)·scale + shift)·gamma + beta, with gamma and beta per index. Modified: x. */
    void mapAffine(A x, int n, double center, double scale, double shift, A gamma, A beta);

    /** dy ← ((dy−gradientCenter) − (x−center)·slope)·scale + shift. Modified: dy. */
    void mapBackward(A dy, A x, int n, double gradientCenter, double center, double slope, double scale, double shift);

    /** y ← max(0, y); NaN stays NaN. Modified: y. */
    void relu(A y, int n);

    /** dy ← 0 where y is not greater than 0, which NaN is not. Modified: dy. */
    void reluBackward(A dy, A y, int n);

    /**
     * dGamma += dy·x̂ with x̂ = (x−center)·scale + shift, and dBeta += dy; then dy ← dy·gamma. All per index. Modified:
     * dy, dGamma, dBeta.
     */
    void collectParameters(A dy, A x, int n, double center, double scale, double shift, A gamma, A dGamma, A dBeta);

    /** sums += x. Modified: sums. */
    void sumLanes(A[] rows, int count, int n, A sums);

    /** sums += d and squares += d² with d = x − shift. Modified: sums, squares. */
    void momentsLanes(A[] rows, int count, int n, A shift, A sums, A squares);

    /** sums += dy and products += dy·(x−center). Modified: sums, products. */
    void dotsLanes(A[] dy, A[] x, int count, int n, A center, A sums, A products);

    /** x ← (x−center)·scale + shift. Modified: rows. */
    void mapLanes(A[] rows, int count, int n, A center, A scale, A shift);

    /** dy ← ((dy−gradientCenter) − (x−center)·slope)·scale + shift. Modified: dy. */
    void mapBackwardLanes(A[] dy, A[] x, int count, int n, A gradientCenter, A center, A slope, A scale, A shift);
}
