package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LAST;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LOAD;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.STEP;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.bytes;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Σd and Σd² with d = x − shift. See {@link VectorFloatLoops}. */
final class VectorFloatMoments {
    /** So many elements that a row is better read on its own, if all that is wanted of it is moments. */
    private static final int LONG_ROW = 512;

    private final VectorFloatRegisters registers = new VectorFloatRegisters();
    private final float[] sums = registers.sums;
    private final VectorFloatLastLanes last = new VectorFloatLastLanes();

    /** Never modified. */
    private final float[] zeros = new float[8 * LANES];

    /** Of four rows. */
    private final float[] shifts = new float[4];

    /** See {@link InnerLoops#moments}. */
    void moments(Tile x, double shift, double[] to) {
        float m = (float) shift;
        to[0] = 0;
        to[1] = 0;
        try {
            int row = 0;
            if (x.rows >= 4) {
                registers.clear();
                Arrays.fill(shifts, m);
                for (; row <= x.rows - 4; row += 4) {
                    addRows(x, row, shifts, sums, sums);
                }
                registers.fold();
                registers.addTo(to);
            }
            for (; row < x.rows; row++) {
                sumRow(x, row, m, sums);
                registers.addTo(to);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    /** Adds four rows, each with a shift of its own, to the registers of some sums, and puts them into others. */
    private static void addRows(Tile x, int row, float[] shift, float[] from, float[] sums) throws Throwable {
        Object memory = x.raw;
        int at = bytes(x, row);
        int step = x.step * Float.BYTES;
        int n = x.length;
        FloatVector m0 = FloatVector.broadcast(SPECIES, shift[0]);
        FloatVector m1 = FloatVector.broadcast(SPECIES, shift[1]);
        FloatVector m2 = FloatVector.broadcast(SPECIES, shift[2]);
        FloatVector m3 = FloatVector.broadcast(SPECIES, shift[3]);
        FloatVector s0 = FloatVector.fromArray(SPECIES, from, 0);
        FloatVector s1 = FloatVector.fromArray(SPECIES, from, LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, from, 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, from, 3 * LANES);
        FloatVector q0 = FloatVector.fromArray(SPECIES, from, 4 * LANES);
        FloatVector q1 = FloatVector.fromArray(SPECIES, from, 5 * LANES);
        FloatVector q2 = FloatVector.fromArray(SPECIES, from, 6 * LANES);
        FloatVector q3 = FloatVector.fromArray(SPECIES, from, 7 * LANES);
        int end = at + n / LANES * STEP;
        for (int a = at; a < end; a += STEP) {
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(memory, a)).sub(m0);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(memory, a + step)).sub(m1);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(memory, a + 2 * step)).sub(m2);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(memory, a + 3 * step)).sub(m3);
            s0 = s0.add(d0);
            s1 = s1.add(d1);
            s2 = s2.add(d2);
            s3 = s3.add(d3);
            q0 = q0.add(d0.mul(d0));
            q1 = q1.add(d1.mul(d1));
            q2 = q2.add(d2.mul(d2));
            q3 = q3.add(d3.mul(d3));
        }
        if (n % LANES != 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            int a = at + n * Float.BYTES - STEP;
            FloatVector d0 = zero.blend(((FloatVector) LOAD.invokeExact(memory, a)).sub(m0), last);
            FloatVector d1 = zero.blend(((FloatVector) LOAD.invokeExact(memory, a + step)).sub(m1), last);
            FloatVector d2 = zero.blend(((FloatVector) LOAD.invokeExact(memory, a + 2 * step)).sub(m2), last);
            FloatVector d3 = zero.blend(((FloatVector) LOAD.invokeExact(memory, a + 3 * step)).sub(m3), last);
            s0 = s0.add(d0);
            s1 = s1.add(d1);
            s2 = s2.add(d2);
            s3 = s3.add(d3);
            q0 = q0.add(d0.mul(d0));
            q1 = q1.add(d1.mul(d1));
            q2 = q2.add(d2.mul(d2));
            q3 = q3.add(d3.mul(d3));
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, LANES);
        s2.intoArray(sums, 2 * LANES);
        s3.intoArray(sums, 3 * LANES);
        q0.intoArray(sums, 4 * LANES);
        q1.intoArray(sums, 5 * LANES);
        q2.intoArray(sums, 6 * LANES);
        q3.intoArray(sums, 7 * LANES);
    }

    private static void sumRow(Tile x, int row, float m, float[] sums) throws Throwable {
        Object memory = x.raw;
        int at = bytes(x, row);
        int n = x.length;
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector q0 = FloatVector.zero(SPECIES);
        FloatVector q1 = FloatVector.zero(SPECIES);
        FloatVector q2 = FloatVector.zero(SPECIES);
        FloatVector q3 = FloatVector.zero(SPECIES);
        int end = at + n / LANES * STEP;
        int a = at;
        for (; a <= end - 4 * STEP; a += 4 * STEP) {
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(memory, a)).sub(vm);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(memory, a + STEP)).sub(vm);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(memory, a + 2 * STEP)).sub(vm);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(memory, a + 3 * STEP)).sub(vm);
            s0 = s0.add(d0);
            s1 = s1.add(d1);
            s2 = s2.add(d2);
            s3 = s3.add(d3);
            q0 = q0.add(d0.mul(d0));
            q1 = q1.add(d1.mul(d1));
            q2 = q2.add(d2.mul(d2));
            q3 = q3.add(d3.mul(d3));
        }
        for (; a < end; a += STEP) {
            FloatVector d = ((FloatVector) LOAD.invokeExact(memory, a)).sub(vm);
            s0 = s0.add(d);
            q0 = q0.add(d.mul(d));
        }
        if (n % LANES != 0) {
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            FloatVector d = ((FloatVector) LOAD.invokeExact(memory, at + n * Float.BYTES - STEP)).sub(vm);
            d = FloatVector.zero(SPECIES).blend(d, last);
            s1 = s1.add(d);
            q1 = q1.add(d.mul(d));
        }
        s0.add(s1).add(s2.add(s3)).intoArray(sums, 0);
        q0.add(q1).add(q2.add(q3)).intoArray(sums, 4 * LANES);
    }

    /**
     * As {@link InnerLoops#momentsRows}, four rows at a time, unless these are long.
     *
     * @return how many rows have been summed
     */
    int momentsRows(Tile x, double[] shift, double[] to, double[] squares) {
        int fours = x.length < LONG_ROW ? x.rows - x.rows % 4 : 0;
        try {
            for (int row = 0; row < fours; row += 4) {
                for (int k = 0; k < 4; k++) {
                    shifts[k] = (float) shift[row + k];
                }
                addRows(x, row, shifts, zeros, sums);
                registers.getRows(row, to, squares);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
        return fours;
    }

    /** See {@link InnerLoops#momentsLanes}. */
    void momentsLanes(Tile x, float[] shift, float[] to, float[] squares) {
        int n = x.length;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                addFourVectors(x, shift, to, squares, j);
            }
            for (; j <= n - LANES; j += LANES) {
                addVector(x, j, shift, to, squares, j);
            }
            if (j < n) {
                last.clear();
                addVector(x, n - LANES, shift, last.first, last.second, 0);
                last.addTo(j, n, to, squares);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void addFourVectors(Tile x, float[] shift, float[] sums, float[] squares, int j) throws Throwable {
        Object memory = x.raw;
        int step = x.step * Float.BYTES;
        int rows = x.rows;
        FloatVector m0 = FloatVector.fromArray(SPECIES, shift, j);
        FloatVector m1 = FloatVector.fromArray(SPECIES, shift, j + LANES);
        FloatVector m2 = FloatVector.fromArray(SPECIES, shift, j + 2 * LANES);
        FloatVector m3 = FloatVector.fromArray(SPECIES, shift, j + 3 * LANES);
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, j + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, j + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, j + 3 * LANES);
        FloatVector q0 = FloatVector.fromArray(SPECIES, squares, j);
        FloatVector q1 = FloatVector.fromArray(SPECIES, squares, j + LANES);
        FloatVector q2 = FloatVector.fromArray(SPECIES, squares, j + 2 * LANES);
        FloatVector q3 = FloatVector.fromArray(SPECIES, squares, j + 3 * LANES);
        int a = bytes(x, 0) + j * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(memory, a)).sub(m0);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(memory, a + STEP)).sub(m1);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(memory, a + 2 * STEP)).sub(m2);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(memory, a + 3 * STEP)).sub(m3);
            s0 = s0.add(d0);
            s1 = s1.add(d1);
            s2 = s2.add(d2);
            s3 = s3.add(d3);
            q0 = q0.add(d0.mul(d0));
            q1 = q1.add(d1.mul(d1));
            q2 = q2.add(d2.mul(d2));
            q3 = q3.add(d3.mul(d3));
            a += step;
        }
        s0.intoArray(sums, j);
        s1.intoArray(sums, j + LANES);
        s2.intoArray(sums, j + 2 * LANES);
        s3.intoArray(sums, j + 3 * LANES);
        q0.intoArray(squares, j);
        q1.intoArray(squares, j + LANES);
        q2.intoArray(squares, j + 2 * LANES);
        q3.intoArray(squares, j + 3 * LANES);
    }

    private static void addVector(Tile x, int column, float[] shift, float[] sums, float[] squares, int j)
            throws Throwable {
        Object memory = x.raw;
        int step = x.step * Float.BYTES;
        int rows = x.rows;
        FloatVector m = FloatVector.fromArray(SPECIES, shift, column);
        FloatVector s = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector q = FloatVector.fromArray(SPECIES, squares, j);
        int a = bytes(x, 0) + column * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector d = ((FloatVector) LOAD.invokeExact(memory, a)).sub(m);
            s = s.add(d);
            q = q.add(d.mul(d));
            a += step;
        }
        s.intoArray(sums, j);
        q.intoArray(squares, j);
    }
}
