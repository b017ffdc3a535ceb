package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Loops over rows with the Vector API. Sums are formed of four rows at once, so that what belongs to columns is loaded
 * and stored once for them; a call for each row would take as long as a short row. See {@link VectorFloatLoops}.
 */
abstract class VectorFloatRows extends VectorFloatLanes {
    /** So many elements that a row is better read on its own, if all that is wanted of it is moments. */
    private static final int LONG_ROW = 512;

    /** Read from index r on, the mask of the last r lanes. */
    static final boolean[] LAST = new boolean[2 * LANES];

    static {
        Arrays.fill(LAST, LANES, 2 * LANES, true);
    }

    /** Two sums, in four registers each. */
    final float[] sums = new float[8 * LANES];

    /** Center, scale and shift of four rows. */
    private final float[] coefficients = new float[12];

    /** The sum of a register that is at an index of {@link #sums}. */
    final double fold(int from) {
        return inDouble(sums, from, LANES);
    }

    /** Both sums of four rows, from a row on. */
    private void foldRows(int row, double[] to, double[] others) {
        for (int k = 0; k < 4; k++) {
            to[row + k] = fold(k * LANES);
            others[row + k] = fold((4 + k) * LANES);
        }
    }

    @Override
    public void momentsRows(Tile x, double[] shift, double[] to, double[] squares) {
        if (x.length < LANES) {
            super.momentsRows(x, shift, to, squares);
            return;
        }
        int row = 0;
        int fours = x.length < LONG_ROW ? x.rows - x.rows % 4 : 0;
        try {
            for (; row < fours; row += 4) {
                for (int k = 0; k < 4; k++) {
                    coefficients[k] = (float) shift[row + k];
                }
                moments4Rows(x.raw, bytes(x, row), x.step * Float.BYTES, x.length, coefficients, sums);
                foldRows(row, to, squares);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
        momentsRows(x, row, shift, to, squares);
    }

    private static void moments4Rows(Object x, int at, int step, int n, float[] shift, float[] sums) throws Throwable {
        FloatVector m0 = FloatVector.broadcast(SPECIES, shift[0]);
        FloatVector m1 = FloatVector.broadcast(SPECIES, shift[1]);
        FloatVector m2 = FloatVector.broadcast(SPECIES, shift[2]);
        FloatVector m3 = FloatVector.broadcast(SPECIES, shift[3]);
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector q0 = FloatVector.zero(SPECIES);
        FloatVector q1 = FloatVector.zero(SPECIES);
        FloatVector q2 = FloatVector.zero(SPECIES);
        FloatVector q3 = FloatVector.zero(SPECIES);
        int end = at + n / LANES * STEP;
        for (int a = at; a < end; a += STEP) {
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(x, a)).sub(m0);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(x, a + step)).sub(m1);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(x, a + 2 * step)).sub(m2);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(x, a + 3 * step)).sub(m3);
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
            FloatVector d0 = zero.blend(((FloatVector) LOAD.invokeExact(x, a)).sub(m0), last);
            FloatVector d1 = zero.blend(((FloatVector) LOAD.invokeExact(x, a + step)).sub(m1), last);
            FloatVector d2 = zero.blend(((FloatVector) LOAD.invokeExact(x, a + 2 * step)).sub(m2), last);
            FloatVector d3 = zero.blend(((FloatVector) LOAD.invokeExact(x, a + 3 * step)).sub(m3), last);
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

    @Override
    public void dotsRows(
            Tile dy,
            Tile x,
            Coefficients[] xHat,
            float[] gamma,
            float[] dGamma,
            float[] dBeta,
            double[] to,
            double[] products) {
        if (x.length < LANES) {
            super.dotsRows(dy, x, xHat, gamma, dGamma, dBeta, to, products);
            return;
        }
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int n = x.length;
        float[] c = coefficients;
        try {
            int row = 0;
            for (; row <= x.rows - 4; row += 4) {
                for (int k = 0; k < 4; k++) {
                    loadCoefficients(xHat[row + k], k);
                }
                int dyAt = bytes(dy, row);
                int xAt = bytes(x, row);
                dots4Rows(dy.raw, dyAt, dyStep, x.raw, xAt, xStep, n, c, gamma, dGamma, dBeta, sums);
                for (int k = 0; n % LANES != 0 && k < 4; k++) {
                    int dyRow = dyAt + k * dyStep;
                    int xRow = xAt + k * xStep;
                    dotsTail(dy.raw, dyRow, x.raw, xRow, n, c, k, gamma, dGamma, dBeta, sums);
                }
                foldRows(row, to, products);
            }
            for (; row < x.rows; row++) {
                loadCoefficients(xHat[row], 0);
                dots1Row(dy.raw, bytes(dy, row), x.raw, bytes(x, row), n, c, gamma, dGamma, dBeta, sums);
                if (n % LANES != 0) {
                    dotsTail(dy.raw, bytes(dy, row), x.raw, bytes(x, row), n, c, 0, gamma, dGamma, dBeta, sums);
                }
                to[row] = fold(0);
                products[row] = fold(4 * LANES);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private void loadCoefficients(Coefficients from, int row) {
        coefficients[row] = (float) from.center;
        coefficients[4 + row] = (float) from.scale;
        coefficients[8 + row] = (float) from.shift;
    }

    private static void dots4Rows(
            Object dy,
            int dyAt,
            int dyStep,
            Object x,
            int xAt,
            int xStep,
            int n,
            float[] c,
            float[] gamma,
            float[] dGamma,
            float[] dBeta,
            float[] sums)
            throws Throwable {
        FloatVector m0 = FloatVector.broadcast(SPECIES, c[0]);
        FloatVector m1 = FloatVector.broadcast(SPECIES, c[1]);
        FloatVector m2 = FloatVector.broadcast(SPECIES, c[2]);
        FloatVector m3 = FloatVector.broadcast(SPECIES, c[3]);
        FloatVector r0 = FloatVector.broadcast(SPECIES, c[4]);
        FloatVector r1 = FloatVector.broadcast(SPECIES, c[5]);
        FloatVector r2 = FloatVector.broadcast(SPECIES, c[6]);
        FloatVector r3 = FloatVector.broadcast(SPECIES, c[7]);
        FloatVector b0 = FloatVector.broadcast(SPECIES, c[8]);
        FloatVector b1 = FloatVector.broadcast(SPECIES, c[9]);
        FloatVector b2 = FloatVector.broadcast(SPECIES, c[10]);
        FloatVector b3 = FloatVector.broadcast(SPECIES, c[11]);
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector q0 = FloatVector.zero(SPECIES);
        FloatVector q1 = FloatVector.zero(SPECIES);
        FloatVector q2 = FloatVector.zero(SPECIES);
        FloatVector q3 = FloatVector.zero(SPECIES);
        int vectors = n - n % LANES;
        for (int j = 0; j < vectors; j += LANES) {
            int a = dyAt + j * Float.BYTES;
            int b = xAt + j * Float.BYTES;
            FloatVector weight = FloatVector.fromArray(SPECIES, gamma, j);
            FloatVector forGamma = FloatVector.fromArray(SPECIES, dGamma, j);
            FloatVector forBeta = FloatVector.fromArray(SPECIES, dBeta, j);
            FloatVector g0 = (FloatVector) LOAD.invokeExact(dy, a);
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(x, b)).sub(m0);
            forGamma = forGamma.add(g0.mul(d0.mul(r0).add(b0)));
            forBeta = forBeta.add(g0);
            g0 = g0.mul(weight);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(d0));
            FloatVector g1 = (FloatVector) LOAD.invokeExact(dy, a + dyStep);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(x, b + xStep)).sub(m1);
            forGamma = forGamma.add(g1.mul(d1.mul(r1).add(b1)));
            forBeta = forBeta.add(g1);
            g1 = g1.mul(weight);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(d1));
            FloatVector g2 = (FloatVector) LOAD.invokeExact(dy, a + 2 * dyStep);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(x, b + 2 * xStep)).sub(m2);
            forGamma = forGamma.add(g2.mul(d2.mul(r2).add(b2)));
            forBeta = forBeta.add(g2);
            g2 = g2.mul(weight);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(d2));
            FloatVector g3 = (FloatVector) LOAD.invokeExact(dy, a + 3 * dyStep);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(x, b + 3 * xStep)).sub(m3);
            forGamma = forGamma.add(g3.mul(d3.mul(r3).add(b3)));
            forBeta = forBeta.add(g3);
            g3 = g3.mul(weight);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(d3));
            forGamma.intoArray(dGamma, j);
            forBeta.intoArray(dBeta, j);
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

    private static void dots1Row(
            Object dy,
            int dyAt,
            Object x,
            int xAt,
            int n,
            float[] c,
            float[] gamma,
            float[] dGamma,
            float[] dBeta,
            float[] sums)
            throws Throwable {
        FloatVector m = FloatVector.broadcast(SPECIES, c[0]);
        FloatVector r = FloatVector.broadcast(SPECIES, c[4]);
        FloatVector b = FloatVector.broadcast(SPECIES, c[8]);
        FloatVector s = FloatVector.zero(SPECIES);
        FloatVector q = FloatVector.zero(SPECIES);
        int vectors = n - n % LANES;
        for (int j = 0; j < vectors; j += LANES) {
            FloatVector g = (FloatVector) LOAD.invokeExact(dy, dyAt + j * Float.BYTES);
            FloatVector d = ((FloatVector) LOAD.invokeExact(x, xAt + j * Float.BYTES)).sub(m);
            FloatVector.fromArray(SPECIES, dGamma, j)
                    .add(g.mul(d.mul(r).add(b)))
                    .intoArray(dGamma, j);
            FloatVector.fromArray(SPECIES, dBeta, j).add(g).intoArray(dBeta, j);
            g = g.mul(FloatVector.fromArray(SPECIES, gamma, j));
            s = s.add(g);
            q = q.add(g.mul(d));
        }
        s.intoArray(sums, 0);
        q.intoArray(sums, 4 * LANES);
    }

    /** The last vector of a row, of which only the lanes behind the last whole vector count. */
    private static void dotsTail(
            Object dy,
            int dyAt,
            Object x,
            int xAt,
            int n,
            float[] c,
            int row,
            float[] gamma,
            float[] dGamma,
            float[] dBeta,
            float[] sums)
            throws Throwable {
        FloatVector zero = FloatVector.zero(SPECIES);
        VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, n % LANES);
        int j = n - LANES;
        FloatVector g = (FloatVector) LOAD.invokeExact(dy, dyAt + j * Float.BYTES);
        FloatVector d =
                ((FloatVector) LOAD.invokeExact(x, xAt + j * Float.BYTES)).sub(FloatVector.broadcast(SPECIES, c[row]));
        FloatVector xHat =
                d.mul(FloatVector.broadcast(SPECIES, c[4 + row])).add(FloatVector.broadcast(SPECIES, c[8 + row]));
        FloatVector.fromArray(SPECIES, dGamma, j)
                .add(zero.blend(g.mul(xHat), last))
                .intoArray(dGamma, j);
        FloatVector.fromArray(SPECIES, dBeta, j).add(zero.blend(g, last)).intoArray(dBeta, j);
        g = zero.blend(g.mul(FloatVector.fromArray(SPECIES, gamma, j)), last);
        int s = row * LANES;
        int q = (4 + row) * LANES;
        FloatVector.fromArray(SPECIES, sums, s).add(g).intoArray(sums, s);
        FloatVector.fromArray(SPECIES, sums, q).add(g.mul(zero.blend(d, last))).intoArray(sums, q);
    }

    @Override
    public void mapRows(Tile x, Tile y, Coefficients[] map, float[] gamma, float[] beta) {
        if (x.length < LANES) {
            super.mapRows(x, y, map, gamma, beta);
            return;
        }
        try {
            for (int row = 0; row < x.rows; row++) {
                Coefficients c = map[row];
                float m = (float) c.center;
                float s = (float) c.scale;
                float b = (float) c.shift;
                mapRow(x.raw, bytes(x, row), y.raw, bytes(y, row), x.length, m, s, b, gamma, beta);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapRow(
            Object x, int xAt, Object y, int yAt, int n, float m, float s, float b, float[] gamma, float[] beta)
            throws Throwable {
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int end = n - LANES;
        int j = 0;
        for (; j <= end - 4 * LANES; j += 4 * LANES) {
            int a = xAt + j * Float.BYTES;
            int to = yAt + j * Float.BYTES;
            FloatVector v0 =
                    ((FloatVector) LOAD.invokeExact(x, a)).sub(vm).mul(vs).add(vb);
            FloatVector v1 = ((FloatVector) LOAD.invokeExact(x, a + STEP))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            FloatVector v2 = ((FloatVector) LOAD.invokeExact(x, a + 2 * STEP))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            FloatVector v3 = ((FloatVector) LOAD.invokeExact(x, a + 3 * STEP))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            v0 = v0.mul(FloatVector.fromArray(SPECIES, gamma, j)).add(FloatVector.fromArray(SPECIES, beta, j));
            v1 = v1.mul(FloatVector.fromArray(SPECIES, gamma, j + LANES))
                    .add(FloatVector.fromArray(SPECIES, beta, j + LANES));
            v2 = v2.mul(FloatVector.fromArray(SPECIES, gamma, j + 2 * LANES))
                    .add(FloatVector.fromArray(SPECIES, beta, j + 2 * LANES));
            v3 = v3.mul(FloatVector.fromArray(SPECIES, gamma, j + 3 * LANES))
                    .add(FloatVector.fromArray(SPECIES, beta, j + 3 * LANES));
            STORE.invokeExact(v0, y, to);
            STORE.invokeExact(v1, y, to + STEP);
            STORE.invokeExact(v2, y, to + 2 * STEP);
            STORE.invokeExact(v3, y, to + 3 * STEP);
        }
        for (; j < end; j += LANES) {
            FloatVector v = ((FloatVector) LOAD.invokeExact(x, xAt + j * Float.BYTES))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            v = v.mul(FloatVector.fromArray(SPECIES, gamma, j)).add(FloatVector.fromArray(SPECIES, beta, j));
            STORE.invokeExact(v, y, yAt + j * Float.BYTES);
        }
        FloatVector v = ((FloatVector) LOAD.invokeExact(x, xAt + end * Float.BYTES))
                .sub(vm)
                .mul(vs)
                .add(vb);
        v = v.mul(FloatVector.fromArray(SPECIES, gamma, end)).add(FloatVector.fromArray(SPECIES, beta, end));
        STORE.invokeExact(v, y, yAt + end * Float.BYTES);
    }

    @Override
    public void mapBackwardRows(Tile dy, Tile x, Tile dx, Coefficients[] map, float[] gamma) {
        if (x.length < LANES) {
            super.mapBackwardRows(dy, x, dx, map, gamma);
            return;
        }
        try {
            for (int row = 0; row < x.rows; row++) {
                Coefficients c = map[row];
                mapBackwardRow(
                        dy.raw,
                        bytes(dy, row),
                        x.raw,
                        bytes(x, row),
                        dx.raw,
                        bytes(dx, row),
                        x.length,
                        (float) c.gradientCenter,
                        (float) c.center,
                        (float) c.slope,
                        (float) c.scale,
                        (float) c.shift,
                        gamma);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapBackwardRow(
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
            float[] gamma)
            throws Throwable {
        FloatVector va = FloatVector.broadcast(SPECIES, a);
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vh = FloatVector.broadcast(SPECIES, h);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int end = n - LANES;
        for (int j = 0; j < end; j += LANES) {
            FloatVector through = ((FloatVector) LOAD.invokeExact(x, xAt + j * Float.BYTES))
                    .sub(vm)
                    .mul(vh);
            FloatVector g = ((FloatVector) LOAD.invokeExact(dy, dyAt + j * Float.BYTES))
                    .mul(FloatVector.fromArray(SPECIES, gamma, j))
                    .sub(va);
            STORE.invokeExact(g.sub(through).mul(vs).add(vb), dx, dxAt + j * Float.BYTES);
        }
        FloatVector through = ((FloatVector) LOAD.invokeExact(x, xAt + end * Float.BYTES))
                .sub(vm)
                .mul(vh);
        FloatVector g = ((FloatVector) LOAD.invokeExact(dy, dyAt + end * Float.BYTES))
                .mul(FloatVector.fromArray(SPECIES, gamma, end))
                .sub(va);
        STORE.invokeExact(g.sub(through).mul(vs).add(vb), dx, dxAt + end * Float.BYTES);
    }
}
