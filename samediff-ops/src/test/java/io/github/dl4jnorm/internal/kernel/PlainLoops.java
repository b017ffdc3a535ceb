package io.github.dl4jnorm.internal.kernel;

import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * The inner loops as their comments say it, element by element and in double. What belongs to one element is rounded to
 * a type after each operation, as are coefficients; for float that gives the very bits, because double has more than
 * twice as many. Sums are not rounded.
 */
final class PlainLoops implements InnerLoops<double[]> {
    private final DoubleUnaryOperator rounding;

    /** Rounds as told: to float, or not at all. */
    PlainLoops(DoubleUnaryOperator rounding) {
        this.rounding = rounding;
    }

    @Override
    public int columns() {
        return CHUNK;
    }

    @Override
    public double[] allocate(int length) {
        return new double[length];
    }

    @Override
    public Memory<double[]> allocateMemory(int elements) {
        return DoubleMemory.allocate(elements);
    }

    @Override
    public double get(Tile tile, int row, int index) {
        return ((DoubleBuffer) tile.numbers).get(tile.at + row * tile.step + index);
    }

    private void set(Tile tile, int row, int index, double value) {
        ((DoubleBuffer) tile.numbers).put(tile.at + row * tile.step + index, round(value));
    }

    @Override
    public void fill(double[] array, int from, int to, double value) {
        Arrays.fill(array, from, to, round(value));
    }

    @Override
    public void widen(double[] from, int n, double[] to) {
        System.arraycopy(from, 0, to, 0, n);
    }

    @Override
    public void narrow(double[] from, int n, double[] to) {
        for (int j = 0; j < n; j++) {
            to[j] = round(from[j]);
        }
    }

    @Override
    public double round(double value) {
        return rounding.applyAsDouble(value);
    }

    @Override
    public double negligible() {
        return Math.ulp(Double.MAX_VALUE) / 2;
    }

    @Override
    public double smallestNormal() {
        return Double.MIN_NORMAL;
    }

    @Override
    public void addTo(double[] x, int from, int n, double[] sums, int at) {
        for (int j = 0; j < n; j++) {
            sums[at + j] += x[from + j];
        }
    }

    private interface Place {
        void visit(int row, int index);
    }

    private static void forEach(Tile tile, Place place) {
        for (int row = 0; row < tile.rows; row++) {
            for (int j = 0; j < tile.length; j++) {
                place.visit(row, j);
            }
        }
    }

    @Override
    public double sum(Tile x) {
        double[] sum = new double[1];
        forEach(x, (row, j) -> sum[0] += get(x, row, j));
        return sum[0];
    }

    @Override
    public void moments(Tile x, double shift, double[] sums) {
        Arrays.fill(sums, 0);
        forEach(x, (row, j) -> {
            double d = get(x, row, j) - shift;
            sums[0] += d;
            sums[1] += d * d;
        });
    }

    @Override
    public void dots(Tile dy, Tile x, double center, double[] sums) {
        Arrays.fill(sums, 0);
        forEach(x, (row, j) -> {
            sums[0] += get(dy, row, j);
            sums[1] += get(dy, row, j) * (get(x, row, j) - center);
        });
    }

    @Override
    public void momentsRows(Tile x, double[] shift, double[] sums, double[] squares) {
        Arrays.fill(sums, 0, x.rows, 0);
        Arrays.fill(squares, 0, x.rows, 0);
        forEach(x, (row, j) -> {
            double d = get(x, row, j) - round(shift[row]);
            sums[row] += d;
            squares[row] += d * d;
        });
    }

    @Override
    public void dotsRows(
            Tile dy,
            Tile x,
            Coefficients[] xHat,
            double[] gamma,
            double[] dGamma,
            double[] dBeta,
            double[] sums,
            double[] products) {
        Arrays.fill(sums, 0, x.rows, 0);
        Arrays.fill(products, 0, x.rows, 0);
        forEach(x, (row, j) -> {
            double gradient = get(dy, row, j);
            double d = get(x, row, j) - round(xHat[row].center);
            dGamma[j] += gradient * (d * round(xHat[row].scale) + round(xHat[row].shift));
            dBeta[j] += gradient;
            sums[row] += gradient * gamma[j];
            products[row] += gradient * gamma[j] * d;
        });
    }

    @Override
    public void map(Tile x, Tile y, double center, double scale, double shift) {
        forEach(x, (row, j) -> set(y, row, j, mapped(get(x, row, j), center, scale, shift)));
    }

    @Override
    public void mapAffine(Tile x, Tile y, Coefficients map, double gamma, double beta) {
        forEach(x, (row, j) -> set(y, row, j, mapped(xHat(get(x, row, j), map), 0, gamma, beta)));
    }

    @Override
    public void mapRows(Tile x, Tile y, Coefficients[] map, double[] gamma, double[] beta) {
        forEach(x, (row, j) -> set(y, row, j, mapped(xHat(get(x, row, j), map[row]), 0, gamma[j], beta[j])));
    }

    private double xHat(double x, Coefficients c) {
        return mapped(x, c.center, c.scale, c.shift);
    }

    private double mapped(double x, double center, double scale, double shift) {
        return plus(times(minus(x, round(center)), round(scale)), round(shift));
    }

    private double plus(double a, double b) {
        return round(a + b);
    }

    private double minus(double a, double b) {
        return round(a - b);
    }

    private double times(double a, double b) {
        return round(a * b);
    }

    @Override
    public void mapBackward(Tile dy, Tile x, Tile dx, Coefficients map, double gamma) {
        forEach(x, (row, j) -> set(dx, row, j, mapped(get(dy, row, j), gamma, get(x, row, j), map)));
    }

    @Override
    public void mapBackwardRows(Tile dy, Tile x, Tile dx, Coefficients[] map, double[] gamma) {
        forEach(x, (row, j) -> set(dx, row, j, mapped(get(dy, row, j), gamma[j], get(x, row, j), map[row])));
    }

    @Override
    public void mapBackwardLanes(Tile dy, Tile x, Tile dx, LaneMap<double[]> map) {
        forEach(x, (row, j) -> set(dx, row, j, mapped(get(dy, row, j), 1, get(x, row, j), ofLane(map, j))));
    }

    private static Coefficients ofLane(LaneMap<double[]> map, int j) {
        Coefficients c = new Coefficients();
        c.gradientCenter = map.gradientCenter[j];
        c.center = map.center[j];
        c.slope = map.slope[j];
        c.scale = map.scale[j];
        c.shift = map.shift[j];
        return c;
    }

    private double mapped(double dy, double gamma, double x, Coefficients c) {
        double g = times(dy, round(gamma));
        double through = times(minus(x, round(c.center)), round(c.slope));
        return plus(times(minus(minus(g, round(c.gradientCenter)), through), round(c.scale)), round(c.shift));
    }

    @Override
    public void relu(Tile y) {
        forEach(y, (row, j) -> set(y, row, j, Math.max(0, get(y, row, j))));
    }

    @Override
    public void reluBackward(Tile dy, Tile y, Tile dx) {
        forEach(y, (row, j) -> set(dx, row, j, get(y, row, j) > 0 ? get(dy, row, j) : 0));
    }

    @Override
    public void sumLanes(Tile x, double[] sums, double[] rest) {
        forEach(x, (row, j) -> {
            double exact = sums[j] + get(x, row, j);
            sums[j] = round(exact);
            rest[j] = round(rest[j] + (exact - sums[j]));
        });
    }

    @Override
    public void momentsLanes(Tile x, double[] shift, double[] sums, double[] squares) {
        forEach(x, (row, j) -> {
            double d = get(x, row, j) - shift[j];
            sums[j] += d;
            squares[j] += d * d;
        });
    }

    @Override
    public void dotsLanes(Tile dy, Tile x, double[] center, double[] sums, double[] products) {
        forEach(x, (row, j) -> {
            sums[j] += get(dy, row, j);
            products[j] += get(dy, row, j) * (get(x, row, j) - center[j]);
        });
    }

    @Override
    public void mapLanes(Tile x, Tile y, double[] center, double[] scale, double[] shift) {
        forEach(x, (row, j) -> set(y, row, j, mapped(get(x, row, j), center[j], scale[j], shift[j])));
    }
}
