package io.github.dl4jnorm.internal.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** What all loops over {@code float} share: arrays and memory of that type, and what its numbers can hold. */
abstract class FloatType implements InnerLoops<float[]> {
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
        return ((FloatBuffer) tile.numbers).get(tile.row(row) + index);
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
}
