package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops over {@code float} with the Vector API, as wide as the processor is, straight on memory outside the heap.
 *
 * <p>Maps compute the same as the scalar loops, bit by bit. Their last vector overlaps the one before it, in place of a
 * loop over what is left; in sums the lanes that were counted already are masked.
 *
 * <p>No method here takes or returns a vector, and none has a loop in a loop with vectors that live in both: C2 would make
 * an object of each. Sums of a row that is one of many live in an array between two calls.
 */
final class VectorFloatLoops extends VectorFloatRows {
    /** Creates the loops of one thread. */
    VectorFloatLoops() {}

    @Override
    public String toString() {
        return SPECIES.vectorBitSize() + " bit";
    }

    /** Starts sums of rows, four at a time. */
    private void clearSums() {
        Arrays.fill(sums, 0);
    }

    /** Adds up the registers of {@link #sums}, to the first of either sum. */
    private void foldSums() {
        for (int from = 0; from < sums.length; from += 4 * LANES) {
            FloatVector.fromArray(SPECIES, sums, from)
                    .add(FloatVector.fromArray(SPECIES, sums, from + LANES))
                    .add(FloatVector.fromArray(SPECIES, sums, from + 2 * LANES)
                            .add(FloatVector.fromArray(SPECIES, sums, from + 3 * LANES)))
                    .intoArray(sums, from);
        }
    }

    /** As {@link #foldSums}, of sums and of what rounding took from them; in double, for sums that cancel. */
    private double foldTwoSums() {
        double sum = 0;
        for (int i = 0; i < 4 * LANES; i += LANES) {
            sum += fold(i) + fold(4 * LANES + i);
        }
        return sum;
    }

    @Override
    public double sum(Tile x) {
        if (x.length < LANES) {
            return super.sum(x);
        }
        double sum = 0;
        try {
            int row = 0;
            if (x.rows >= 4) {
                clearSums();
                for (; row <= x.rows - 4; row += 4) {
                    sumOf4(x.raw, bytes(x, row), x.step * Float.BYTES, x.length, sums);
                }
                sum += foldTwoSums();
            }
            for (; row < x.rows; row++) {
                sumOfRow(x.raw, bytes(x, row), x.length, sums);
                sum += foldTwoSums();
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
        return sum;
    }

    /** Sums of four rows, each with what rounding took from it (Knuth's TwoSum). */
    private static void sumOf4(Object x, int at, int step, int n, float[] sums) throws Throwable {
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
            FloatVector v0 = (FloatVector) LOAD.invokeExact(x, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            FloatVector v1 = (FloatVector) LOAD.invokeExact(x, a + step);
            FloatVector t1 = s1.add(v1);
            FloatVector b1 = t1.sub(s1);
            q1 = q1.add(s1.sub(t1.sub(b1)).add(v1.sub(b1)));
            s1 = t1;
            FloatVector v2 = (FloatVector) LOAD.invokeExact(x, a + 2 * step);
            FloatVector t2 = s2.add(v2);
            FloatVector b2 = t2.sub(s2);
            q2 = q2.add(s2.sub(t2.sub(b2)).add(v2.sub(b2)));
            s2 = t2;
            FloatVector v3 = (FloatVector) LOAD.invokeExact(x, a + 3 * step);
            FloatVector t3 = s3.add(v3);
            FloatVector b3 = t3.sub(s3);
            q3 = q3.add(s3.sub(t3.sub(b3)).add(v3.sub(b3)));
            s3 = t3;
        }
        if (n % LANES != 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            int a = at + n * Float.BYTES - STEP;
            FloatVector v0 = zero.blend((FloatVector) LOAD.invokeExact(x, a), last);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            FloatVector v1 = zero.blend((FloatVector) LOAD.invokeExact(x, a + step), last);
            FloatVector t1 = s1.add(v1);
            FloatVector b1 = t1.sub(s1);
            q1 = q1.add(s1.sub(t1.sub(b1)).add(v1.sub(b1)));
            s1 = t1;
            FloatVector v2 = zero.blend((FloatVector) LOAD.invokeExact(x, a + 2 * step), last);
            FloatVector t2 = s2.add(v2);
            FloatVector b2 = t2.sub(s2);
            q2 = q2.add(s2.sub(t2.sub(b2)).add(v2.sub(b2)));
            s2 = t2;
            FloatVector v3 = zero.blend((FloatVector) LOAD.invokeExact(x, a + 3 * step), last);
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

    private static void sumOfRow(Object x, int at, int n, float[] sums) throws Throwable {
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
            FloatVector v0 = (FloatVector) LOAD.invokeExact(x, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            FloatVector v1 = (FloatVector) LOAD.invokeExact(x, a + STEP);
            FloatVector t1 = s1.add(v1);
            FloatVector b1 = t1.sub(s1);
            q1 = q1.add(s1.sub(t1.sub(b1)).add(v1.sub(b1)));
            s1 = t1;
            FloatVector v2 = (FloatVector) LOAD.invokeExact(x, a + 2 * STEP);
            FloatVector t2 = s2.add(v2);
            FloatVector b2 = t2.sub(s2);
            q2 = q2.add(s2.sub(t2.sub(b2)).add(v2.sub(b2)));
            s2 = t2;
            FloatVector v3 = (FloatVector) LOAD.invokeExact(x, a + 3 * STEP);
            FloatVector t3 = s3.add(v3);
            FloatVector b3 = t3.sub(s3);
            q3 = q3.add(s3.sub(t3.sub(b3)).add(v3.sub(b3)));
            s3 = t3;
        }
        for (; a < end; a += STEP) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(x, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
        }
        if (n % LANES != 0) {
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            FloatVector v0 = FloatVector.zero(SPECIES)
                    .blend((FloatVector) LOAD.invokeExact(x, at + n * Float.BYTES - STEP), last);
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

    @Override
    public void moments(Tile x, double shift, double[] to) {
        if (x.length < LANES) {
            super.moments(x, shift, to);
            return;
        }
        float m = (float) shift;
        to[0] = 0;
        to[1] = 0;
        try {
            int row = 0;
            if (x.rows >= 4) {
                clearSums();
                for (; row <= x.rows - 4; row += 4) {
                    momentsOf4(x.raw, bytes(x, row), x.step * Float.BYTES, x.length, m, sums);
                }
                foldSums();
                addSums(to);
            }
            for (; row < x.rows; row++) {
                momentsOfRow(x.raw, bytes(x, row), x.length, m, sums);
                addSums(to);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private void addSums(double[] to) {
        to[0] += fold(0);
        to[1] += fold(4 * LANES);
    }

    private static void momentsOf4(Object x, int at, int step, int n, float m, float[] sums) throws Throwable {
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
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
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(x, a)).sub(vm);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(x, a + step)).sub(vm);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(x, a + 2 * step)).sub(vm);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(x, a + 3 * step)).sub(vm);
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
            FloatVector d0 = zero.blend(((FloatVector) LOAD.invokeExact(x, a)).sub(vm), last);
            FloatVector d1 = zero.blend(((FloatVector) LOAD.invokeExact(x, a + step)).sub(vm), last);
            FloatVector d2 = zero.blend(((FloatVector) LOAD.invokeExact(x, a + 2 * step)).sub(vm), last);
            FloatVector d3 = zero.blend(((FloatVector) LOAD.invokeExact(x, a + 3 * step)).sub(vm), last);
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

    private static void momentsOfRow(Object x, int at, int n, float m, float[] sums) throws Throwable {
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
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(x, a)).sub(vm);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(x, a + STEP)).sub(vm);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(x, a + 2 * STEP)).sub(vm);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(x, a + 3 * STEP)).sub(vm);
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
            FloatVector d = ((FloatVector) LOAD.invokeExact(x, a)).sub(vm);
            s0 = s0.add(d);
            q0 = q0.add(d.mul(d));
        }
        if (n % LANES != 0) {
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            FloatVector d = ((FloatVector) LOAD.invokeExact(x, at + n * Float.BYTES - STEP)).sub(vm);
            d = FloatVector.zero(SPECIES).blend(d, last);
            s1 = s1.add(d);
            q1 = q1.add(d.mul(d));
        }
        s0.add(s1).add(s2.add(s3)).intoArray(sums, 0);
        q0.add(q1).add(q2.add(q3)).intoArray(sums, 4 * LANES);
    }

    @Override
    public void dots(Tile dy, Tile x, double center, double[] to) {
        if (x.length < LANES) {
            super.dots(dy, x, center, to);
            return;
        }
        float m = (float) center;
        to[0] = 0;
        to[1] = 0;
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        try {
            int row = 0;
            if (x.rows >= 4) {
                clearSums();
                for (; row <= x.rows - 4; row += 4) {
                    dotsOf4(dy.raw, bytes(dy, row), dyStep, x.raw, bytes(x, row), xStep, x.length, m, sums);
                }
                foldSums();
                addSums(to);
            }
            for (; row < x.rows; row++) {
                dotsOfRow(dy.raw, bytes(dy, row), x.raw, bytes(x, row), x.length, m, sums);
                addSums(to);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void dotsOf4(
            Object dy, int dyAt, int dyStep, Object x, int xAt, int xStep, int n, float m, float[] sums)
            throws Throwable {
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, 0);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, 3 * LANES);
        FloatVector q0 = FloatVector.fromArray(SPECIES, sums, 4 * LANES);
        FloatVector q1 = FloatVector.fromArray(SPECIES, sums, 5 * LANES);
        FloatVector q2 = FloatVector.fromArray(SPECIES, sums, 6 * LANES);
        FloatVector q3 = FloatVector.fromArray(SPECIES, sums, 7 * LANES);
        int vectors = n / LANES * STEP;
        for (int j = 0; j < vectors; j += STEP) {
            int a = dyAt + j;
            int b = xAt + j;
            FloatVector g0 = (FloatVector) LOAD.invokeExact(dy, a);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(((FloatVector) LOAD.invokeExact(x, b)).sub(vm)));
            FloatVector g1 = (FloatVector) LOAD.invokeExact(dy, a + dyStep);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(((FloatVector) LOAD.invokeExact(x, b + xStep)).sub(vm)));
            FloatVector g2 = (FloatVector) LOAD.invokeExact(dy, a + 2 * dyStep);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(((FloatVector) LOAD.invokeExact(x, b + 2 * xStep)).sub(vm)));
            FloatVector g3 = (FloatVector) LOAD.invokeExact(dy, a + 3 * dyStep);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(((FloatVector) LOAD.invokeExact(x, b + 3 * xStep)).sub(vm)));
        }
        if (n % LANES != 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            int a = dyAt + n * Float.BYTES - STEP;
            int b = xAt + n * Float.BYTES - STEP;
            FloatVector g0 = zero.blend((FloatVector) LOAD.invokeExact(dy, a), last);
            FloatVector d0 = zero.blend(((FloatVector) LOAD.invokeExact(x, b)).sub(vm), last);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(d0));
            FloatVector g1 = zero.blend((FloatVector) LOAD.invokeExact(dy, a + dyStep), last);
            FloatVector d1 = zero.blend(((FloatVector) LOAD.invokeExact(x, b + xStep)).sub(vm), last);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(d1));
            FloatVector g2 = zero.blend((FloatVector) LOAD.invokeExact(dy, a + 2 * dyStep), last);
            FloatVector d2 = zero.blend(((FloatVector) LOAD.invokeExact(x, b + 2 * xStep)).sub(vm), last);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(d2));
            FloatVector g3 = zero.blend((FloatVector) LOAD.invokeExact(dy, a + 3 * dyStep), last);
            FloatVector d3 = zero.blend(((FloatVector) LOAD.invokeExact(x, b + 3 * xStep)).sub(vm), last);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(d3));
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

    private static void dotsOfRow(Object dy, int dyAt, Object x, int xAt, int n, float m, float[] sums)
            throws Throwable {
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector q0 = FloatVector.zero(SPECIES);
        FloatVector q1 = FloatVector.zero(SPECIES);
        FloatVector q2 = FloatVector.zero(SPECIES);
        FloatVector q3 = FloatVector.zero(SPECIES);
        int vectors = n / LANES * STEP;
        int j = 0;
        for (; j <= vectors - 4 * STEP; j += 4 * STEP) {
            int a = dyAt + j;
            int b = xAt + j;
            FloatVector g0 = (FloatVector) LOAD.invokeExact(dy, a);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(((FloatVector) LOAD.invokeExact(x, b)).sub(vm)));
            FloatVector g1 = (FloatVector) LOAD.invokeExact(dy, a + STEP);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(((FloatVector) LOAD.invokeExact(x, b + STEP)).sub(vm)));
            FloatVector g2 = (FloatVector) LOAD.invokeExact(dy, a + 2 * STEP);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(((FloatVector) LOAD.invokeExact(x, b + 2 * STEP)).sub(vm)));
            FloatVector g3 = (FloatVector) LOAD.invokeExact(dy, a + 3 * STEP);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(((FloatVector) LOAD.invokeExact(x, b + 3 * STEP)).sub(vm)));
        }
        for (; j < vectors; j += STEP) {
            FloatVector g = (FloatVector) LOAD.invokeExact(dy, dyAt + j);
            s0 = s0.add(g);
            q0 = q0.add(g.mul(((FloatVector) LOAD.invokeExact(x, xAt + j)).sub(vm)));
        }
        if (n % LANES != 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            int k = n * Float.BYTES - STEP;
            FloatVector g = zero.blend((FloatVector) LOAD.invokeExact(dy, dyAt + k), last);
            FloatVector d = zero.blend(((FloatVector) LOAD.invokeExact(x, xAt + k)).sub(vm), last);
            s1 = s1.add(g);
            q1 = q1.add(g.mul(d));
        }
        s0.add(s1).add(s2.add(s3)).intoArray(sums, 0);
        q0.add(q1).add(q2.add(q3)).intoArray(sums, 4 * LANES);
    }

    @Override
    public void map(Tile x, Tile y, double center, double scale, double shift) {
        if (x.length < LANES) {
            super.map(x, y, center, scale, shift);
            return;
        }
        try {
            for (int row = 0; row < x.rows; row++) {
                map(x.raw, bytes(x, row), y.raw, bytes(y, row), x.length, (float) center, (float) scale, (float) shift);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void map(Object x, int xAt, Object y, int yAt, int n, float m, float s, float b) throws Throwable {
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int end = (n - LANES) * Float.BYTES;
        int j = 0;
        for (; j <= end - 4 * STEP; j += 4 * STEP) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(x, xAt + j);
            FloatVector v1 = (FloatVector) LOAD.invokeExact(x, xAt + j + STEP);
            FloatVector v2 = (FloatVector) LOAD.invokeExact(x, xAt + j + 2 * STEP);
            FloatVector v3 = (FloatVector) LOAD.invokeExact(x, xAt + j + 3 * STEP);
            STORE.invokeExact(v0.sub(vm).mul(vs).add(vb), y, yAt + j);
            STORE.invokeExact(v1.sub(vm).mul(vs).add(vb), y, yAt + j + STEP);
            STORE.invokeExact(v2.sub(vm).mul(vs).add(vb), y, yAt + j + 2 * STEP);
            STORE.invokeExact(v3.sub(vm).mul(vs).add(vb), y, yAt + j + 3 * STEP);
        }
        for (; j < end; j += STEP) {
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(x, xAt + j)).sub(vm).mul(vs).add(vb), y, yAt + j);
        }
        STORE.invokeExact(
                ((FloatVector) LOAD.invokeExact(x, xAt + end)).sub(vm).mul(vs).add(vb), y, yAt + end);
    }

    @Override
    public void mapAffine(Tile x, Tile y, double center, double scale, double shift, double gamma, double beta) {
        if (x.length < LANES) {
            super.mapAffine(x, y, center, scale, shift, gamma, beta);
            return;
        }
        try {
            for (int row = 0; row < x.rows; row++) {
                mapAffine(
                        x.raw,
                        bytes(x, row),
                        y.raw,
                        bytes(y, row),
                        x.length,
                        (float) center,
                        (float) scale,
                        (float) shift,
                        (float) gamma,
                        (float) beta);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapAffine(
            Object x, int xAt, Object y, int yAt, int n, float m, float s, float b, float gamma, float beta)
            throws Throwable {
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        FloatVector vGamma = FloatVector.broadcast(SPECIES, gamma);
        FloatVector vBeta = FloatVector.broadcast(SPECIES, beta);
        int end = (n - LANES) * Float.BYTES;
        for (int j = 0; j < end; j += STEP) {
            FloatVector v =
                    ((FloatVector) LOAD.invokeExact(x, xAt + j)).sub(vm).mul(vs).add(vb);
            STORE.invokeExact(v.mul(vGamma).add(vBeta), y, yAt + j);
        }
        FloatVector v =
                ((FloatVector) LOAD.invokeExact(x, xAt + end)).sub(vm).mul(vs).add(vb);
        STORE.invokeExact(v.mul(vGamma).add(vBeta), y, yAt + end);
    }

    @Override
    public void mapBackward(
            Tile dy, Tile x, Tile dx, double gradientCenter, double center, double slope, double scale, double shift) {
        if (x.length < LANES) {
            super.mapBackward(dy, x, dx, gradientCenter, center, slope, scale, shift);
            return;
        }
        try {
            for (int row = 0; row < x.rows; row++) {
                mapBackward(
                        dy.raw,
                        bytes(dy, row),
                        x.raw,
                        bytes(x, row),
                        dx.raw,
                        bytes(dx, row),
                        x.length,
                        (float) gradientCenter,
                        (float) center,
                        (float) slope,
                        (float) scale,
                        (float) shift);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapBackward(
            Object dy,
            int dyAt,
            Object x,
            int xAt,
            Object dx,
            int dxAt,
            int n,
            float a,
            float m,
            float h,
            float s,
            float b)
            throws Throwable {
        FloatVector va = FloatVector.broadcast(SPECIES, a);
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vh = FloatVector.broadcast(SPECIES, h);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int end = (n - LANES) * Float.BYTES;
        for (int j = 0; j < end; j += STEP) {
            FloatVector through =
                    ((FloatVector) LOAD.invokeExact(x, xAt + j)).sub(vm).mul(vh);
            FloatVector g = ((FloatVector) LOAD.invokeExact(dy, dyAt + j)).sub(va);
            STORE.invokeExact(g.sub(through).mul(vs).add(vb), dx, dxAt + j);
        }
        FloatVector through =
                ((FloatVector) LOAD.invokeExact(x, xAt + end)).sub(vm).mul(vh);
        FloatVector g = ((FloatVector) LOAD.invokeExact(dy, dyAt + end)).sub(va);
        STORE.invokeExact(g.sub(through).mul(vs).add(vb), dx, dxAt + end);
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
        if (x.length < LANES) {
            super.mapBackwardAffine(dy, x, dx, gradientCenter, center, slope, scale, shift, gamma);
            return;
        }
        try {
            for (int row = 0; row < x.rows; row++) {
                mapBackwardAffine(
                        dy.raw,
                        bytes(dy, row),
                        x.raw,
                        bytes(x, row),
                        dx.raw,
                        bytes(dx, row),
                        x.length,
                        (float) gradientCenter,
                        (float) center,
                        (float) slope,
                        (float) scale,
                        (float) shift,
                        (float) gamma);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapBackwardAffine(
            Object dy,
            int dyAt,
            Object x,
            int xAt,
            Object dx,
            int dxAt,
            int n,
            float a,
            float m,
            float h,
            float s,
            float b,
            float gamma)
            throws Throwable {
        FloatVector va = FloatVector.broadcast(SPECIES, a);
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vh = FloatVector.broadcast(SPECIES, h);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        FloatVector vGamma = FloatVector.broadcast(SPECIES, gamma);
        int end = (n - LANES) * Float.BYTES;
        for (int j = 0; j < end; j += STEP) {
            FloatVector through =
                    ((FloatVector) LOAD.invokeExact(x, xAt + j)).sub(vm).mul(vh);
            FloatVector g =
                    ((FloatVector) LOAD.invokeExact(dy, dyAt + j)).mul(vGamma).sub(va);
            STORE.invokeExact(g.sub(through).mul(vs).add(vb), dx, dxAt + j);
        }
        FloatVector through =
                ((FloatVector) LOAD.invokeExact(x, xAt + end)).sub(vm).mul(vh);
        FloatVector g =
                ((FloatVector) LOAD.invokeExact(dy, dyAt + end)).mul(vGamma).sub(va);
        STORE.invokeExact(g.sub(through).mul(vs).add(vb), dx, dxAt + end);
    }

    @Override
    public void relu(Tile y) {
        if (y.length < LANES) {
            super.relu(y);
            return;
        }
        try {
            for (int row = 0; row < y.rows; row++) {
                relu(y.raw, bytes(y, row), y.length);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void relu(Object y, int at, int n) throws Throwable {
        FloatVector zero = FloatVector.zero(SPECIES);
        int end = at + (n - LANES) * Float.BYTES;
        for (int a = at; a < end; a += STEP) {
            STORE.invokeExact(((FloatVector) LOAD.invokeExact(y, a)).max(zero), y, a);
        }
        STORE.invokeExact(((FloatVector) LOAD.invokeExact(y, end)).max(zero), y, end);
    }

    @Override
    public void reluBackward(Tile dy, Tile y, Tile dx) {
        if (y.length < LANES) {
            super.reluBackward(dy, y, dx);
            return;
        }
        try {
            for (int row = 0; row < y.rows; row++) {
                reluBackward(dy.raw, bytes(dy, row), y.raw, bytes(y, row), dx.raw, bytes(dx, row), y.length);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void reluBackward(Object dy, int dyAt, Object y, int yAt, Object dx, int dxAt, int n)
            throws Throwable {
        FloatVector zero = FloatVector.zero(SPECIES);
        int end = (n - LANES) * Float.BYTES;
        for (int j = 0; j < end; j += STEP) {
            VectorMask<Float> open = ((FloatVector) LOAD.invokeExact(y, yAt + j)).compare(VectorOperators.GT, zero);
            STORE.invokeExact(zero.blend((FloatVector) LOAD.invokeExact(dy, dyAt + j), open), dx, dxAt + j);
        }
        VectorMask<Float> open = ((FloatVector) LOAD.invokeExact(y, yAt + end)).compare(VectorOperators.GT, zero);
        STORE.invokeExact(zero.blend((FloatVector) LOAD.invokeExact(dy, dyAt + end), open), dx, dxAt + end);
    }
}
