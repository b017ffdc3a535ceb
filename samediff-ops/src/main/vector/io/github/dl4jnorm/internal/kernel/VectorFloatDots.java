package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LAST;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LOAD;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.STEP;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.bytes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Σdy and Σdy·(x−center). See {@link VectorFloatLoops}. */
final class VectorFloatDots {
    private final VectorFloatRegisters registers = new VectorFloatRegisters();
    private final float[] sums = registers.sums;
    private final VectorFloatLastLanes last = new VectorFloatLastLanes();

    /** See {@link InnerLoops#dots}. */
    void dots(Tile dy, Tile x, double center, double[] to) {
        float m = (float) center;
        to[0] = 0;
        to[1] = 0;
        try {
            int row = 0;
            if (x.rows >= 4) {
                registers.clear();
                for (; row <= x.rows - 4; row += 4) {
                    addRows(dy, x, row, m, sums);
                }
                registers.fold();
                registers.addTo(to);
            }
            for (; row < x.rows; row++) {
                sumRow(dy, x, row, m, sums);
                registers.addTo(to);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    /** Adds four rows, one to each register. */
    private static void addRows(Tile dy, Tile x, int row, float m, float[] sums) throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        int dyAt = bytes(dy, row);
        int xAt = bytes(x, row);
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int n = x.length;
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
            FloatVector g0 = (FloatVector) LOAD.invokeExact(gradients, a);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(((FloatVector) LOAD.invokeExact(values, b)).sub(vm)));
            FloatVector g1 = (FloatVector) LOAD.invokeExact(gradients, a + dyStep);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(((FloatVector) LOAD.invokeExact(values, b + xStep)).sub(vm)));
            FloatVector g2 = (FloatVector) LOAD.invokeExact(gradients, a + 2 * dyStep);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(((FloatVector) LOAD.invokeExact(values, b + 2 * xStep)).sub(vm)));
            FloatVector g3 = (FloatVector) LOAD.invokeExact(gradients, a + 3 * dyStep);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(((FloatVector) LOAD.invokeExact(values, b + 3 * xStep)).sub(vm)));
        }
        if (n % LANES != 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            int a = dyAt + n * Float.BYTES - STEP;
            int b = xAt + n * Float.BYTES - STEP;
            FloatVector g0 = zero.blend((FloatVector) LOAD.invokeExact(gradients, a), last);
            FloatVector d0 = zero.blend(((FloatVector) LOAD.invokeExact(values, b)).sub(vm), last);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(d0));
            FloatVector g1 = zero.blend((FloatVector) LOAD.invokeExact(gradients, a + dyStep), last);
            FloatVector d1 = zero.blend(((FloatVector) LOAD.invokeExact(values, b + xStep)).sub(vm), last);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(d1));
            FloatVector g2 = zero.blend((FloatVector) LOAD.invokeExact(gradients, a + 2 * dyStep), last);
            FloatVector d2 = zero.blend(((FloatVector) LOAD.invokeExact(values, b + 2 * xStep)).sub(vm), last);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(d2));
            FloatVector g3 = zero.blend((FloatVector) LOAD.invokeExact(gradients, a + 3 * dyStep), last);
            FloatVector d3 = zero.blend(((FloatVector) LOAD.invokeExact(values, b + 3 * xStep)).sub(vm), last);
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

    private static void sumRow(Tile dy, Tile x, int row, float m, float[] sums) throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        int dyAt = bytes(dy, row);
        int xAt = bytes(x, row);
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
        int vectors = n / LANES * STEP;
        int j = 0;
        for (; j <= vectors - 4 * STEP; j += 4 * STEP) {
            int a = dyAt + j;
            int b = xAt + j;
            FloatVector g0 = (FloatVector) LOAD.invokeExact(gradients, a);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(((FloatVector) LOAD.invokeExact(values, b)).sub(vm)));
            FloatVector g1 = (FloatVector) LOAD.invokeExact(gradients, a + STEP);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(((FloatVector) LOAD.invokeExact(values, b + STEP)).sub(vm)));
            FloatVector g2 = (FloatVector) LOAD.invokeExact(gradients, a + 2 * STEP);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(((FloatVector) LOAD.invokeExact(values, b + 2 * STEP)).sub(vm)));
            FloatVector g3 = (FloatVector) LOAD.invokeExact(gradients, a + 3 * STEP);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(((FloatVector) LOAD.invokeExact(values, b + 3 * STEP)).sub(vm)));
        }
        for (; j < vectors; j += STEP) {
            FloatVector g = (FloatVector) LOAD.invokeExact(gradients, dyAt + j);
            s0 = s0.add(g);
            q0 = q0.add(g.mul(((FloatVector) LOAD.invokeExact(values, xAt + j)).sub(vm)));
        }
        if (n % LANES != 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
            int k = n * Float.BYTES - STEP;
            FloatVector g = zero.blend((FloatVector) LOAD.invokeExact(gradients, dyAt + k), last);
            FloatVector d = zero.blend(((FloatVector) LOAD.invokeExact(values, xAt + k)).sub(vm), last);
            s1 = s1.add(g);
            q1 = q1.add(g.mul(d));
        }
        s0.add(s1).add(s2.add(s3)).intoArray(sums, 0);
        q0.add(q1).add(q2.add(q3)).intoArray(sums, 4 * LANES);
    }

    /** See {@link InnerLoops#dotsLanes}. */
    void dotsLanes(Tile dy, Tile x, float[] center, float[] to, float[] products) {
        int n = x.length;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                addFourVectors(dy, x, center, to, products, j);
            }
            for (; j <= n - LANES; j += LANES) {
                addVector(dy, x, j, center, to, products, j);
            }
            if (j < n) {
                last.clear();
                addVector(dy, x, n - LANES, center, last.first, last.second, 0);
                last.addTo(j, n, to, products);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void addFourVectors(Tile dy, Tile x, float[] center, float[] sums, float[] products, int j)
            throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int rows = x.rows;
        FloatVector m0 = FloatVector.fromArray(SPECIES, center, j);
        FloatVector m1 = FloatVector.fromArray(SPECIES, center, j + LANES);
        FloatVector m2 = FloatVector.fromArray(SPECIES, center, j + 2 * LANES);
        FloatVector m3 = FloatVector.fromArray(SPECIES, center, j + 3 * LANES);
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, j + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, j + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, j + 3 * LANES);
        FloatVector q0 = FloatVector.fromArray(SPECIES, products, j);
        FloatVector q1 = FloatVector.fromArray(SPECIES, products, j + LANES);
        FloatVector q2 = FloatVector.fromArray(SPECIES, products, j + 2 * LANES);
        FloatVector q3 = FloatVector.fromArray(SPECIES, products, j + 3 * LANES);
        int a = bytes(dy, 0) + j * Float.BYTES;
        int b = bytes(x, 0) + j * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector g0 = (FloatVector) LOAD.invokeExact(gradients, a);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(((FloatVector) LOAD.invokeExact(values, b)).sub(m0)));
            FloatVector g1 = (FloatVector) LOAD.invokeExact(gradients, a + STEP);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(((FloatVector) LOAD.invokeExact(values, b + STEP)).sub(m1)));
            FloatVector g2 = (FloatVector) LOAD.invokeExact(gradients, a + 2 * STEP);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(((FloatVector) LOAD.invokeExact(values, b + 2 * STEP)).sub(m2)));
            FloatVector g3 = (FloatVector) LOAD.invokeExact(gradients, a + 3 * STEP);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(((FloatVector) LOAD.invokeExact(values, b + 3 * STEP)).sub(m3)));
            a += dyStep;
            b += xStep;
        }
        s0.intoArray(sums, j);
        s1.intoArray(sums, j + LANES);
        s2.intoArray(sums, j + 2 * LANES);
        s3.intoArray(sums, j + 3 * LANES);
        q0.intoArray(products, j);
        q1.intoArray(products, j + LANES);
        q2.intoArray(products, j + 2 * LANES);
        q3.intoArray(products, j + 3 * LANES);
    }

    private static void addVector(Tile dy, Tile x, int column, float[] center, float[] sums, float[] products, int j)
            throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int rows = x.rows;
        FloatVector m = FloatVector.fromArray(SPECIES, center, column);
        FloatVector s = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector p = FloatVector.fromArray(SPECIES, products, j);
        int a = bytes(dy, 0) + column * Float.BYTES;
        int b = bytes(x, 0) + column * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector g = (FloatVector) LOAD.invokeExact(gradients, a);
            s = s.add(g);
            p = p.add(g.mul(((FloatVector) LOAD.invokeExact(values, b)).sub(m)));
            a += dyStep;
            b += xStep;
        }
        s.intoArray(sums, j);
        p.intoArray(products, j);
    }
}
