package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LAST;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LOAD;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.STEP;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.bytes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Σx, as if in double: each register of a sum has another of what rounding took from its additions (Knuth's TwoSum). See
 * {@link VectorFloatLoops}.
 */
final class VectorFloatSums {
    private final VectorFloatRegisters registers = new VectorFloatRegisters();
    private final float[] sums = registers.sums;
    private final VectorFloatLastLanes last = new VectorFloatLastLanes();

    /** See {@link InnerLoops#sum}. */
    double sum(Tile x) {
        double sum = 0;
        try {
            int row = 0;
            if (x.rows >= 4) {
                registers.clear();
                for (; row <= x.rows - 4; row += 4) {
                    addRows(x, row, sums);
                }
                sum += registers.total();
            }
            for (; row < x.rows; row++) {
                sumRow(x, row, sums);
                sum += registers.total();
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
        return sum;
    }

    /** Adds four rows, one to each register. */
    private static void addRows(Tile x, int row, float[] sums) throws Throwable {
        Object memory = x.raw;
        int at = bytes(x, row);
        int step = x.step * Float.BYTES;
        int n = x.length;
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, 0);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, 3 * LANES);
        FloatVector q0 = FloatVector.fromArray(SPECIES, sums, 4 * LANES);
        FloatVector q1 = FloatVector.fromArray(SPECIES, sums, 5 * LANES);
        FloatVector q2 = FloatVector.fromArray(SPECIES, sums, 6 * LANES);
        FloatVector q3 = FloatVector.fromArray(SPECIES, sums, 7 * LANES);
        int end = at + n / LANES * STEP;
        for (int a = at; a < end; a += STEP) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(memory, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            FloatVector v1 = (FloatVector) LOAD.invokeExact(memory, a + step);
            FloatVector t1 = s1.add(v1);
            FloatVector b1 = t1.sub(s1);
            q1 = q1.add(s1.sub(t1.sub(b1)).add(v1.sub(b1)));
            s1 = t1;
            FloatVector v2 = (FloatVector) LOAD.invokeExact(memory, a + 2 * step);
            FloatVector t2 = s2.add(v2);
            FloatVector b2 = t2.sub(s2);
            q2 = q2.add(s2.sub(t2.sub(b2)).add(v2.sub(b2)));
            s2 = t2;
            FloatVector v3 = (FloatVector) LOAD.invokeExact(memory, a + 3 * step);
            FloatVector t3 = s3.add(v3);
            FloatVector b3 = t3.sub(s3);
            q3 = q3.add(s3.sub(t3.sub(b3)).add(v3.sub(b3)));
            s3 = t3;
        }
        if (n % LANES != 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            int a = at + n * Float.BYTES - STEP;
            FloatVector v0 = zero.blend((FloatVector) LOAD.invokeExact(memory, a), last);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            FloatVector v1 = zero.blend((FloatVector) LOAD.invokeExact(memory, a + step), last);
            FloatVector t1 = s1.add(v1);
            FloatVector b1 = t1.sub(s1);
            q1 = q1.add(s1.sub(t1.sub(b1)).add(v1.sub(b1)));
            s1 = t1;
            FloatVector v2 = zero.blend((FloatVector) LOAD.invokeExact(memory, a + 2 * step), last);
            FloatVector t2 = s2.add(v2);
            FloatVector b2 = t2.sub(s2);
            q2 = q2.add(s2.sub(t2.sub(b2)).add(v2.sub(b2)));
            s2 = t2;
            FloatVector v3 = zero.blend((FloatVector) LOAD.invokeExact(memory, a + 3 * step), last);
            FloatVector t3 = s3.add(v3);
            FloatVector b3 = t3.sub(s3);
            q3 = q3.add(s3.sub(t3.sub(b3)).add(v3.sub(b3)));
            s3 = t3;
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

    private static void sumRow(Tile x, int row, float[] sums) throws Throwable {
        Object memory = x.raw;
        int at = bytes(x, row);
        int n = x.length;
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
            FloatVector v0 = (FloatVector) LOAD.invokeExact(memory, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            FloatVector v1 = (FloatVector) LOAD.invokeExact(memory, a + STEP);
            FloatVector t1 = s1.add(v1);
            FloatVector b1 = t1.sub(s1);
            q1 = q1.add(s1.sub(t1.sub(b1)).add(v1.sub(b1)));
            s1 = t1;
            FloatVector v2 = (FloatVector) LOAD.invokeExact(memory, a + 2 * STEP);
            FloatVector t2 = s2.add(v2);
            FloatVector b2 = t2.sub(s2);
            q2 = q2.add(s2.sub(t2.sub(b2)).add(v2.sub(b2)));
            s2 = t2;
            FloatVector v3 = (FloatVector) LOAD.invokeExact(memory, a + 3 * STEP);
            FloatVector t3 = s3.add(v3);
            FloatVector b3 = t3.sub(s3);
            q3 = q3.add(s3.sub(t3.sub(b3)).add(v3.sub(b3)));
            s3 = t3;
        }
        for (; a < end; a += STEP) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(memory, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
        }
        if (n % LANES != 0) {
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            FloatVector v0 = FloatVector.zero(SPECIES)
                    .blend((FloatVector) LOAD.invokeExact(memory, at + n * Float.BYTES - STEP), last);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
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

    /** See {@link InnerLoops#sumLanes}. */
    void sumLanes(Tile x, float[] to, float[] rest) {
        int n = x.length;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                addFourVectors(x, j, to, rest);
            }
            for (; j <= n - LANES; j += LANES) {
                addVector(x, j, to, rest, j);
            }
            if (j < n) {
                last.clear();
                addVector(x, n - LANES, last.first, last.second, 0);
                for (int k = j; k < n; k++) {
                    float v = last.first[k - (n - LANES)];
                    float t = to[k] + v;
                    float b = t - to[k];
                    rest[k] += (to[k] - (t - b)) + (v - b) + last.second[k - (n - LANES)];
                    to[k] = t;
                }
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void addFourVectors(Tile x, int j, float[] sums, float[] rest) throws Throwable {
        Object memory = x.raw;
        int step = x.step * Float.BYTES;
        int rows = x.rows;
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, j + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, j + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, j + 3 * LANES);
        FloatVector q0 = FloatVector.fromArray(SPECIES, rest, j);
        FloatVector q1 = FloatVector.fromArray(SPECIES, rest, j + LANES);
        FloatVector q2 = FloatVector.fromArray(SPECIES, rest, j + 2 * LANES);
        FloatVector q3 = FloatVector.fromArray(SPECIES, rest, j + 3 * LANES);
        int a = bytes(x, 0) + j * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(memory, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            FloatVector v1 = (FloatVector) LOAD.invokeExact(memory, a + STEP);
            FloatVector t1 = s1.add(v1);
            FloatVector b1 = t1.sub(s1);
            q1 = q1.add(s1.sub(t1.sub(b1)).add(v1.sub(b1)));
            s1 = t1;
            FloatVector v2 = (FloatVector) LOAD.invokeExact(memory, a + 2 * STEP);
            FloatVector t2 = s2.add(v2);
            FloatVector b2 = t2.sub(s2);
            q2 = q2.add(s2.sub(t2.sub(b2)).add(v2.sub(b2)));
            s2 = t2;
            FloatVector v3 = (FloatVector) LOAD.invokeExact(memory, a + 3 * STEP);
            FloatVector t3 = s3.add(v3);
            FloatVector b3 = t3.sub(s3);
            q3 = q3.add(s3.sub(t3.sub(b3)).add(v3.sub(b3)));
            s3 = t3;
            a += step;
        }
        s0.intoArray(sums, j);
        s1.intoArray(sums, j + LANES);
        s2.intoArray(sums, j + 2 * LANES);
        s3.intoArray(sums, j + 3 * LANES);
        q0.intoArray(rest, j);
        q1.intoArray(rest, j + LANES);
        q2.intoArray(rest, j + 2 * LANES);
        q3.intoArray(rest, j + 3 * LANES);
    }

    private static void addVector(Tile x, int column, float[] sums, float[] rest, int j) throws Throwable {
        Object memory = x.raw;
        int step = x.step * Float.BYTES;
        int rows = x.rows;
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector q0 = FloatVector.fromArray(SPECIES, rest, j);
        int a = bytes(x, 0) + column * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(memory, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            a += step;
        }
        s0.intoArray(sums, j);
        q0.intoArray(rest, j);
    }
}
