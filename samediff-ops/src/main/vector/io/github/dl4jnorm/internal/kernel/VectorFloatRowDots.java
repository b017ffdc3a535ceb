package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LAST;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LOAD;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.bytes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Sums of a backward pass whose gamma and beta differ by column: per row Σg and Σg·(x−center) with g = gamma·dy, and what
 * each row adds to dGamma and dBeta. Four rows at once, so that what belongs to columns is loaded and stored once for them.
 * See {@link VectorFloatLoops}.
 */
final class VectorFloatRowDots {
    private final VectorFloatRegisters registers = new VectorFloatRegisters();
    private final float[] sums = registers.sums;

    /** Center, scale and shift of four rows. */
    private final float[] coefficients = new float[12];

    /** See {@link InnerLoops#dotsRows}. */
    void dotsRows(
            Tile dy,
            Tile x,
            Coefficients[] xHat,
            float[] gamma,
            float[] dGamma,
            float[] dBeta,
            double[] to,
            double[] products) {
        float[] c = coefficients;
        int n = x.length;
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int whole = n - n % LANES;
        try {
            int row = 0;
            for (; row <= x.rows - 4; row += 4) {
                for (int k = 0; k < 4; k++) {
                    loadCoefficients(xHat[row + k], k);
                }
                int dyAt = bytes(dy, row);
                int xAt = bytes(x, row);
                sumRows(dy.raw, dyAt, dyStep, x.raw, xAt, xStep, whole, c, gamma, dGamma, dBeta, sums);
                for (int k = 0; whole < n && k < 4; k++) {
                    addLast(dy, x, row + k, c, k, gamma, dGamma, dBeta, sums);
                }
                registers.getRows(row, to, products);
            }
            for (; row < x.rows; row++) {
                loadCoefficients(xHat[row], 0);
                sumRow(dy, x, row, c, gamma, dGamma, dBeta, sums);
                if (whole < n) {
                    addLast(dy, x, row, c, 0, gamma, dGamma, dBeta, sums);
                }
                registers.get(0, row, to, products);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private void loadCoefficients(Coefficients from, int k) {
        coefficients[k] = (float) from.center;
        coefficients[4 + k] = (float) from.scale;
        coefficients[8 + k] = (float) from.shift;
    }

    /** The sums of the whole vectors of four rows, one in each register. */
    private static void sumRows(
            Object dy,
            int dyAt,
            int dyStep,
            Object x,
            int xAt,
            int xStep,
            int whole,
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
        for (int j = 0; j < whole; j += LANES) {
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

    private static void sumRow(
            Tile dy, Tile x, int row, float[] c, float[] gamma, float[] dGamma, float[] dBeta, float[] sums)
            throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        int dyAt = bytes(dy, row);
        int xAt = bytes(x, row);
        int n = x.length;
        FloatVector m = FloatVector.broadcast(SPECIES, c[0]);
        FloatVector r = FloatVector.broadcast(SPECIES, c[4]);
        FloatVector b = FloatVector.broadcast(SPECIES, c[8]);
        FloatVector s = FloatVector.zero(SPECIES);
        FloatVector q = FloatVector.zero(SPECIES);
        int vectors = n - n % LANES;
        for (int j = 0; j < vectors; j += LANES) {
            FloatVector g = (FloatVector) LOAD.invokeExact(gradients, dyAt + j * Float.BYTES);
            FloatVector d = ((FloatVector) LOAD.invokeExact(values, xAt + j * Float.BYTES)).sub(m);
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

    /** Adds the last vector of a row, the k-th of four, of which only the lanes behind the last whole vector count. */
    private static void addLast(
            Tile dy, Tile x, int row, float[] c, int k, float[] gamma, float[] dGamma, float[] dBeta, float[] sums)
            throws Throwable {
        FloatVector zero = FloatVector.zero(SPECIES);
        VectorMask<Float> last = VectorMask.fromArray(SPECIES, LAST, x.length % LANES);
        int j = x.length - LANES;
        FloatVector g = (FloatVector) LOAD.invokeExact(dy.raw, bytes(dy, row) + j * Float.BYTES);
        FloatVector d = ((FloatVector) LOAD.invokeExact(x.raw, bytes(x, row) + j * Float.BYTES))
                .sub(FloatVector.broadcast(SPECIES, c[k]));
        FloatVector xHat =
                d.mul(FloatVector.broadcast(SPECIES, c[4 + k])).add(FloatVector.broadcast(SPECIES, c[8 + k]));
        FloatVector.fromArray(SPECIES, dGamma, j)
                .add(zero.blend(g.mul(xHat), last))
                .intoArray(dGamma, j);
        FloatVector.fromArray(SPECIES, dBeta, j).add(zero.blend(g, last)).intoArray(dBeta, j);
        g = zero.blend(g.mul(FloatVector.fromArray(SPECIES, gamma, j)), last);
        int s = k * LANES;
        int q = (4 + k) * LANES;
        FloatVector.fromArray(SPECIES, sums, s).add(g).intoArray(sums, s);
        FloatVector.fromArray(SPECIES, sums, q).add(g.mul(zero.blend(d, last))).intoArray(sums, q);
    }
}
