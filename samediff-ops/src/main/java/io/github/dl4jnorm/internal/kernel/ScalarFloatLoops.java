package io.github.dl4jnorm.internal.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Plain loops over {@code float[]}, to which pieces of tiles are copied and from which results are copied back.
 *
 * <p>The JIT vectorizes loops over arrays only, with one index that begins at 0, and no sum into one variable. So terms
 * are written to an array first and that is folded in halves, which is also more accurate than one running sum; the
 * offsets of the halves are constants because C2 gives up on variable ones. Bodies are kept small for the same reason: it
 * does not vectorize what it will not unroll.
 *
 * <p>The build derives the loops in double from this file, by replacing the names of types.
 */
class ScalarFloatLoops implements InnerLoops<float[]> {
    /** Shorter rows are copied element by element: that takes less time than a call of a bulk method. */
    private static final int SHORT = 16;

    private final float[] first = new float[CHUNK];
    private final float[] second = new float[CHUNK];

    private final Tile one = new Tile();
    private final double[] pair = new double[2];

    /** Never modified. */
    private final float[] zeros = new float[CHUNK];

    @Override
    public int columns() {
        return CHUNK / 8;
    }

    @Override
    public float[] allocate(int length) {
        return new float[length];
    }

    @Override
    public Memory<float[]> allocateMemory(int elements) {
        return FloatMemory.allocate(elements);
    }

    @Override
    public double get(Tile tile, int row, int index) {
        return numbers(tile).get(tile.row(row) + index);
    }

    @Override
    public void set(Tile tile, int row, int index, double value) {
        numbers(tile).put(tile.row(row) + index, (float) value);
    }

    private static FloatBuffer numbers(Tile tile) {
        return (FloatBuffer) tile.numbers;
    }

    @Override
    public void fill(float[] array, int from, int to, double value) {
        Arrays.fill(array, from, to, (float) value);
    }

    @Override
    public void widen(float[] from, int n, double[] to) {
        for (int j = 0; j < n; j++) {
            to[j] = from[j];
        }
    }

    @Override
    public void narrow(double[] from, int n, float[] to) {
        for (int j = 0; j < n; j++) {
            to[j] = (float) from[j];
        }
    }

    @Override
    public double round(double value) {
        return (float) value;
    }

    @Override
    public double negligible() {
        return Math.ulp(Float.MAX_VALUE) / 2;
    }

    @Override
    public double smallestNormal() {
        return Float.MIN_NORMAL;
    }

    @Override
    public void addTo(float[] x, int from, int n, double[] sums, int at) {
        for (int j = 0; j < n; j++) {
            sums[at + j] += x[from + j];
        }
    }

    private static int size(Tile tile) {
        return tile.rows * tile.length;
    }

    /**
     * Copies a piece of a tile into an array: as many whole rows as fit, or a part of a longer row.
     *
     * @return the length of the piece, the same for all tiles of a call
     */
    private static int load(Tile tile, int from, float[] to) {
        int length = tile.length;
        int n = length > CHUNK
                ? Math.min(CHUNK, length - from % length)
                : Math.min(CHUNK / length * length, size(tile) - from);
        int part = part(tile, n);
        int at = place(tile, from);
        for (int done = 0; done < n; done += part) {
            read(tile, at, part, to, done);
            at += tile.step;
        }
        return n;
    }

    /** Copies a piece of a tile from an array. */
    private static void store(float[] from, int n, Tile tile, int to) {
        int part = part(tile, n);
        int at = place(tile, to);
        for (int done = 0; done < n; done += part) {
            write(from, done, part, tile, at);
            at += tile.step;
        }
    }

    /** How many elements of a piece of a tile are neighbours. */
    private static int part(Tile tile, int n) {
        return tile.step == tile.length ? n : Math.min(n, tile.length);
    }

    private static int place(Tile tile, int element) {
        return tile.row(element / tile.length) + element % tile.length;
    }

    private static void loadRow(Tile tile, int row, float[] to) {
        read(tile, tile.row(row), tile.length, to, 0);
    }

    private static void storeRow(float[] from, Tile tile, int row) {
        write(from, 0, tile.length, tile, tile.row(row));
    }

    private static void read(Tile tile, int at, int n, float[] to, int begin) {
        FloatBuffer numbers = numbers(tile);
        if (n < SHORT) {
            for (int j = 0; j < n; j++) {
                to[begin + j] = numbers.get(at + j);
            }
        } else {
            numbers.get(at, to, begin, n);
        }
    }

    private static void write(float[] from, int begin, int n, Tile tile, int at) {
        FloatBuffer numbers = numbers(tile);
        if (n < SHORT) {
            for (int j = 0; j < n; j++) {
                numbers.put(at + j, from[begin + j]);
            }
        } else {
            numbers.put(at, from, begin, n);
        }
    }

    @Override
    public double sum(Tile x) {
        double sum = 0;
        for (int at = 0, n; at < size(x); at += n) {
            n = load(x, at, first);
            sum += inDouble(first, 0, n);
        }
        return sum;
    }

    @Override
    public void moments(Tile x, double shift, double[] sums) {
        sums[0] = 0;
        sums[1] = 0;
        for (int at = 0, n; at < size(x); at += n) {
            n = load(x, at, first);
            deviations(first, n, (float) shift, second);
            sums[0] += total(first, n);
            sums[1] += total(second, n);
        }
    }

    /** x ← d and squares = d² with d = x − shift. */
    private static void deviations(float[] x, int n, float shift, float[] squares) {
        for (int j = 0; j < n; j++) {
            float d = x[j] - shift;
            x[j] = d;
            squares[j] = d * d;
        }
    }

    @Override
    public void dots(Tile dy, Tile x, double center, double[] sums) {
        sums[0] = 0;
        sums[1] = 0;
        for (int at = 0, n; at < size(x); at += n) {
            load(dy, at, first);
            n = load(x, at, second);
            products(first, second, n, (float) center);
            sums[0] += total(first, n);
            sums[1] += total(second, n);
        }
    }

    /** x ← dy·(x−center). */
    private static void products(float[] dy, float[] x, int n, float center) {
        for (int j = 0; j < n; j++) {
            x[j] = dy[j] * (x[j] - center);
        }
    }

    @Override
    public void momentsRows(Tile x, double[] shift, double[] sums, double[] squares) {
        momentsRows(x, 0, shift, sums, squares);
    }

    /** As {@link #momentsRows}, row by row, from a row on. */
    final void momentsRows(Tile x, int from, double[] shift, double[] sums, double[] squares) {
        for (int row = from; row < x.rows; row++) {
            moments(one.rowOf(x, row), shift[row], pair);
            sums[row] = pair[0];
            squares[row] = pair[1];
        }
    }

    @Override
    public void dotsRows(
            Tile dy,
            Tile x,
            Coefficients[] xHat,
            float[] gamma,
            float[] dGamma,
            float[] dBeta,
            double[] sums,
            double[] products) {
        int n = x.length;
        for (int row = 0; row < x.rows; row++) {
            float center = (float) xHat[row].center;
            loadRow(dy, row, first);
            loadRow(x, row, second);
            addProducts(first, second, n, center, (float) xHat[row].scale, (float) xHat[row].shift, dGamma);
            add(first, n, dBeta);
            multiply(first, n, gamma);
            products(first, second, n, center);
            sums[row] = total(first, n);
            products[row] = total(second, n);
        }
    }

    private static void addProducts(
            float[] dy, float[] x, int n, float center, float scale, float shift, float[] dGamma) {
        for (int j = 0; j < n; j++) {
            dGamma[j] += dy[j] * ((x[j] - center) * scale + shift);
        }
    }

    private static void add(float[] x, int n, float[] sums) {
        for (int j = 0; j < n; j++) {
            sums[j] += x[j];
        }
    }

    private static void multiply(float[] x, int n, float[] factors) {
        for (int j = 0; j < n; j++) {
            x[j] *= factors[j];
        }
    }

    /** Σx[0, n), folding x in halves down to 64 sums that are added in double. Modified: x. */
    private static double total(float[] x, int n) {
        int m = n;
        if (m > 2048) {
            for (int j = 0; j < m - 2048; j++) {
                x[j] += x[j + 2048];
            }
            m = 2048;
        }
        if (m > 1024) {
            for (int j = 0; j < m - 1024; j++) {
                x[j] += x[j + 1024];
            }
            m = 1024;
        }
        if (m > 512) {
            for (int j = 0; j < m - 512; j++) {
                x[j] += x[j + 512];
            }
            m = 512;
        }
        if (m > 256) {
            for (int j = 0; j < m - 256; j++) {
                x[j] += x[j + 256];
            }
            m = 256;
        }
        if (m > 128) {
            for (int j = 0; j < m - 128; j++) {
                x[j] += x[j + 128];
            }
            m = 128;
        }
        if (m > 64) {
            for (int j = 0; j < m - 64; j++) {
                x[j] += x[j + 64];
            }
            m = 64;
        }
        return inDouble(x, 0, m);
    }

    /** Σx[from, from+n), in an order of our own. */
    static double inDouble(float[] x, int from, int n) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int end = from + n;
        int j = from;
        for (; j < end - 3; j += 4) {
            s0 += x[j];
            s1 += x[j + 1];
            s2 += x[j + 2];
            s3 += x[j + 3];
        }
        for (; j < end; j++) {
            s0 += x[j];
        }
        return (s0 + s1) + (s2 + s3);
    }

    @Override
    public void map(Tile x, Tile y, double center, double scale, double shift) {
        for (int at = 0, n; at < size(x); at += n) {
            n = load(x, at, first);
            map(first, n, (float) center, (float) scale, (float) shift);
            store(first, n, y, at);
        }
    }

    private static void map(float[] x, int n, float center, float scale, float shift) {
        for (int j = 0; j < n; j++) {
            x[j] = (x[j] - center) * scale + shift;
        }
    }

    @Override
    public void mapAffine(Tile x, Tile y, double center, double scale, double shift, double gamma, double beta) {
        for (int at = 0, n; at < size(x); at += n) {
            n = load(x, at, first);
            mapAffine(first, n, (float) center, (float) scale, (float) shift, (float) gamma, (float) beta);
            store(first, n, y, at);
        }
    }

    private static void mapAffine(float[] x, int n, float center, float scale, float shift, float gamma, float beta) {
        for (int j = 0; j < n; j++) {
            x[j] = ((x[j] - center) * scale + shift) * gamma + beta;
        }
    }

    @Override
    public void mapRows(Tile x, Tile y, Coefficients[] map, float[] gamma, float[] beta) {
        for (int row = 0; row < x.rows; row++) {
            Coefficients c = map[row];
            loadRow(x, row, first);
            mapAffine(first, x.length, (float) c.center, (float) c.scale, (float) c.shift, gamma, beta);
            storeRow(first, y, row);
        }
    }

    private static void mapAffine(
            float[] x, int n, float center, float scale, float shift, float[] gamma, float[] beta) {
        for (int j = 0; j < n; j++) {
            x[j] = ((x[j] - center) * scale + shift) * gamma[j] + beta[j];
        }
    }

    @Override
    public void mapBackward(
            Tile dy, Tile x, Tile dx, double gradientCenter, double center, double slope, double scale, double shift) {
        for (int at = 0, n; at < size(x); at += n) {
            load(dy, at, first);
            n = load(x, at, second);
            mapBackward(first, second, n, (float) gradientCenter, (float) center, (float) slope, (float) scale, (float)
                    shift);
            store(first, n, dx, at);
        }
    }

    private static void mapBackward(
            float[] dy, float[] x, int n, float gradientCenter, float center, float slope, float scale, float shift) {
        for (int j = 0; j < n; j++) {
            dy[j] = ((dy[j] - gradientCenter) - (x[j] - center) * slope) * scale + shift;
        }
    }

    @Override
    public void mapBackwardAffine(
            Tile dy,
            Tile x,
            Tile dx,
            double gradientCenter,
            double center,
            double slope,
            double scale,
            double shift,
            double gamma) {
        for (int at = 0, n; at < size(x); at += n) {
            load(dy, at, first);
            n = load(x, at, second);
            multiply(first, n, (float) gamma);
            mapBackward(first, second, n, (float) gradientCenter, (float) center, (float) slope, (float) scale, (float)
                    shift);
            store(first, n, dx, at);
        }
    }

    private static void multiply(float[] x, int n, float factor) {
        for (int j = 0; j < n; j++) {
            x[j] *= factor;
        }
    }

    @Override
    public void mapBackwardRows(Tile dy, Tile x, Tile dx, Coefficients[] map, float[] gamma) {
        int n = x.length;
        for (int row = 0; row < x.rows; row++) {
            Coefficients c = map[row];
            loadRow(dy, row, first);
            loadRow(x, row, second);
            multiply(first, n, gamma);
            mapBackward(
                    first,
                    second,
                    n,
                    (float) c.gradientCenter,
                    (float) c.center,
                    (float) c.slope,
                    (float) c.scale,
                    (float) c.shift);
            storeRow(first, dx, row);
        }
    }

    @Override
    public void relu(Tile y) {
        for (int at = 0, n; at < size(y); at += n) {
            n = load(y, at, first);
            relu(first, n);
            store(first, n, y, at);
        }
    }

    private static void relu(float[] y, int n) {
        for (int j = 0; j < n; j++) {
            y[j] = Math.max(y[j], 0);
        }
    }

    @Override
    public void reluBackward(Tile dy, Tile y, Tile dx) {
        for (int at = 0, n; at < size(y); at += n) {
            load(dy, at, first);
            n = load(y, at, second);
            reluBackward(first, second, n, zeros);
            store(second, n, dx, at);
        }
    }

    /**
     * y ← dy where y is greater than 0, else 0. It chooses an array and not a value, because C2 does that without a
     * branch, which would be mispredicted as often as not.
     */
    private static void reluBackward(float[] dy, float[] y, int n, float[] zeros) {
        for (int j = 0; j < n; j++) {
            y[j] = (y[j] > 0 ? dy : zeros)[j];
        }
    }

    @Override
    public void sumLanes(Tile x, float[] sums, float[] rest) {
        for (int row = 0; row < x.rows; row++) {
            loadRow(x, row, first);
            add(first, x.length, sums, rest);
        }
    }

    /** The error of the sum of two numbers is a number, which this computes exactly. */
    private static void add(float[] x, int n, float[] sums, float[] rest) {
        for (int j = 0; j < n; j++) {
            float before = sums[j];
            float sum = before + x[j];
            float added = sum - before;
            rest[j] += (before - (sum - added)) + (x[j] - added);
            sums[j] = sum;
        }
    }

    /** Of two rows at a time: C2 of JDK 17 does not vectorize a loop over four. */
    @Override
    public void momentsLanes(Tile x, float[] shift, float[] sums, float[] squares) {
        int row = 0;
        for (; row <= x.rows - 2; row += 2) {
            loadRow(x, row, first);
            loadRow(x, row + 1, second);
            addDeviations(first, second, x.length, shift, sums, squares);
        }
        if (row < x.rows) {
            loadRow(x, row, first);
            addDeviations(first, x.length, shift, sums, squares);
        }
    }

    private static void addDeviations(float[] x0, float[] x1, int n, float[] shift, float[] sums, float[] squares) {
        for (int j = 0; j < n; j++) {
            float d0 = x0[j] - shift[j];
            float d1 = x1[j] - shift[j];
            sums[j] += d0 + d1;
            squares[j] += d0 * d0 + d1 * d1;
        }
    }

    private static void addDeviations(float[] x, int n, float[] shift, float[] sums, float[] squares) {
        for (int j = 0; j < n; j++) {
            float d = x[j] - shift[j];
            sums[j] += d;
            squares[j] += d * d;
        }
    }

    @Override
    public void dotsLanes(Tile dy, Tile x, float[] center, float[] sums, float[] products) {
        for (int row = 0; row < x.rows; row++) {
            loadRow(dy, row, first);
            loadRow(x, row, second);
            addDots(first, second, x.length, center, sums, products);
        }
    }

    private static void addDots(float[] dy, float[] x, int n, float[] center, float[] sums, float[] products) {
        for (int j = 0; j < n; j++) {
            sums[j] += dy[j];
            products[j] += dy[j] * (x[j] - center[j]);
        }
    }

    @Override
    public void mapLanes(Tile x, Tile y, float[] center, float[] scale, float[] shift) {
        for (int row = 0; row < x.rows; row++) {
            loadRow(x, row, first);
            map(first, x.length, center, scale, shift);
            storeRow(first, y, row);
        }
    }

    private static void map(float[] x, int n, float[] center, float[] scale, float[] shift) {
        for (int j = 0; j < n; j++) {
            x[j] = (x[j] - center[j]) * scale[j] + shift[j];
        }
    }

    @Override
    public void mapBackwardLanes(
            Tile dy,
            Tile x,
            Tile dx,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift) {
        for (int row = 0; row < x.rows; row++) {
            loadRow(dy, row, first);
            loadRow(x, row, second);
            mapBackward(first, second, x.length, gradientCenter, center, slope, scale, shift);
            storeRow(first, dx, row);
        }
    }

    private static void mapBackward(
            float[] dy,
            float[] x,
            int n,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift) {
        for (int j = 0; j < n; j++) {
            dy[j] = ((dy[j] - gradientCenter[j]) - (x[j] - center[j]) * slope[j]) * scale[j] + shift[j];
        }
    }
}
