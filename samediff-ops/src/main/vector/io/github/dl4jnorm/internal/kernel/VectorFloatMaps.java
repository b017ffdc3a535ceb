package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LOAD;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.STEP;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.STORE;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.bytes;

import jdk.incubator.vector.FloatVector;

/** Maps of a forward pass. See {@link VectorFloatLoops}. */
final class VectorFloatMaps {
    private VectorFloatMaps() {}

    /** See {@link InnerLoops#map}. */
    static void map(Tile x, Tile y, float center, float scale, float shift) {
        try {
            for (int row = 0; row < x.rows; row++) {
                map(x, y, row, center, scale, shift);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void map(Tile x, Tile y, int row, float m, float s, float b) throws Throwable {
        Object from = x.raw;
        Object to = y.raw;
        int xAt = bytes(x, row);
        int yAt = bytes(y, row);
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int end = (x.length - LANES) * Float.BYTES;
        int j = 0;
        for (; j <= end - 4 * STEP; j += 4 * STEP) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(from, xAt + j);
            FloatVector v1 = (FloatVector) LOAD.invokeExact(from, xAt + j + STEP);
            FloatVector v2 = (FloatVector) LOAD.invokeExact(from, xAt + j + 2 * STEP);
            FloatVector v3 = (FloatVector) LOAD.invokeExact(from, xAt + j + 3 * STEP);
            STORE.invokeExact(v0.sub(vm).mul(vs).add(vb), to, yAt + j);
            STORE.invokeExact(v1.sub(vm).mul(vs).add(vb), to, yAt + j + STEP);
            STORE.invokeExact(v2.sub(vm).mul(vs).add(vb), to, yAt + j + 2 * STEP);
            STORE.invokeExact(v3.sub(vm).mul(vs).add(vb), to, yAt + j + 3 * STEP);
        }
        for (; j < end; j += STEP) {
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(from, xAt + j))
                            .sub(vm)
                            .mul(vs)
                            .add(vb),
                    to,
                    yAt + j);
        }
        STORE.invokeExact(
                ((FloatVector) LOAD.invokeExact(from, xAt + end))
                        .sub(vm)
                        .mul(vs)
                        .add(vb),
                to,
                yAt + end);
    }

    /** See {@link InnerLoops#mapAffine}. */
    static void mapAffine(Tile x, Tile y, Coefficients map, float gamma, float beta) {
        try {
            for (int row = 0; row < x.rows; row++) {
                mapAffine(x, y, row, map, gamma, beta);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapAffine(Tile x, Tile y, int row, Coefficients c, float gamma, float beta) throws Throwable {
        Object from = x.raw;
        Object to = y.raw;
        int xAt = bytes(x, row);
        int yAt = bytes(y, row);
        FloatVector vm = FloatVector.broadcast(SPECIES, (float) c.center);
        FloatVector vs = FloatVector.broadcast(SPECIES, (float) c.scale);
        FloatVector vb = FloatVector.broadcast(SPECIES, (float) c.shift);
        FloatVector vGamma = FloatVector.broadcast(SPECIES, gamma);
        FloatVector vBeta = FloatVector.broadcast(SPECIES, beta);
        int end = (x.length - LANES) * Float.BYTES;
        for (int j = 0; j < end; j += STEP) {
            FloatVector v = ((FloatVector) LOAD.invokeExact(from, xAt + j))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            STORE.invokeExact(v.mul(vGamma).add(vBeta), to, yAt + j);
        }
        FloatVector v = ((FloatVector) LOAD.invokeExact(from, xAt + end))
                .sub(vm)
                .mul(vs)
                .add(vb);
        STORE.invokeExact(v.mul(vGamma).add(vBeta), to, yAt + end);
    }

    /** See {@link InnerLoops#mapRows}. */
    static void mapRows(Tile x, Tile y, Coefficients[] map, float[] gamma, float[] beta) {
        try {
            for (int row = 0; row < x.rows; row++) {
                mapRow(x, y, row, map[row], gamma, beta);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapRow(Tile x, Tile y, int row, Coefficients c, float[] gamma, float[] beta) throws Throwable {
        Object from = x.raw;
        Object to = y.raw;
        int xAt = bytes(x, row);
        int yAt = bytes(y, row);
        FloatVector vm = FloatVector.broadcast(SPECIES, (float) c.center);
        FloatVector vs = FloatVector.broadcast(SPECIES, (float) c.scale);
        FloatVector vb = FloatVector.broadcast(SPECIES, (float) c.shift);
        int end = x.length - LANES;
        int j = 0;
        for (; j <= end - 4 * LANES; j += 4 * LANES) {
            int a = xAt + j * Float.BYTES;
            int b = yAt + j * Float.BYTES;
            FloatVector v0 =
                    ((FloatVector) LOAD.invokeExact(from, a)).sub(vm).mul(vs).add(vb);
            FloatVector v1 = ((FloatVector) LOAD.invokeExact(from, a + STEP))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            FloatVector v2 = ((FloatVector) LOAD.invokeExact(from, a + 2 * STEP))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            FloatVector v3 = ((FloatVector) LOAD.invokeExact(from, a + 3 * STEP))
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
            STORE.invokeExact(v0, to, b);
            STORE.invokeExact(v1, to, b + STEP);
            STORE.invokeExact(v2, to, b + 2 * STEP);
            STORE.invokeExact(v3, to, b + 3 * STEP);
        }
        for (; j < end; j += LANES) {
            FloatVector v = ((FloatVector) LOAD.invokeExact(from, xAt + j * Float.BYTES))
                    .sub(vm)
                    .mul(vs)
                    .add(vb);
            v = v.mul(FloatVector.fromArray(SPECIES, gamma, j)).add(FloatVector.fromArray(SPECIES, beta, j));
            STORE.invokeExact(v, to, yAt + j * Float.BYTES);
        }
        FloatVector v = ((FloatVector) LOAD.invokeExact(from, xAt + end * Float.BYTES))
                .sub(vm)
                .mul(vs)
                .add(vb);
        v = v.mul(FloatVector.fromArray(SPECIES, gamma, end)).add(FloatVector.fromArray(SPECIES, beta, end));
        STORE.invokeExact(v, to, yAt + end * Float.BYTES);
    }

    /** See {@link InnerLoops#mapLanes}. */
    static void mapLanes(Tile x, Tile y, float[] center, float[] scale, float[] shift) {
        int n = x.length;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                mapFourVectors(x, y, center, scale, shift, j);
            }
            for (; j < n; j += LANES) {
                mapVector(x, y, center, scale, shift, Math.min(j, n - LANES));
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapFourVectors(Tile x, Tile y, float[] center, float[] scale, float[] shift, int j)
            throws Throwable {
        Object from = x.raw;
        Object to = y.raw;
        int xStep = x.step * Float.BYTES;
        int yStep = y.step * Float.BYTES;
        int rows = x.rows;
        FloatVector m0 = FloatVector.fromArray(SPECIES, center, j);
        FloatVector s0 = FloatVector.fromArray(SPECIES, scale, j);
        FloatVector b0 = FloatVector.fromArray(SPECIES, shift, j);
        FloatVector m1 = FloatVector.fromArray(SPECIES, center, j + LANES);
        FloatVector s1 = FloatVector.fromArray(SPECIES, scale, j + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, shift, j + LANES);
        FloatVector m2 = FloatVector.fromArray(SPECIES, center, j + 2 * LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, scale, j + 2 * LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, shift, j + 2 * LANES);
        FloatVector m3 = FloatVector.fromArray(SPECIES, center, j + 3 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, scale, j + 3 * LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, shift, j + 3 * LANES);
        int a = bytes(x, 0) + j * Float.BYTES;
        int b = bytes(y, 0) + j * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(from, a)).sub(m0).mul(s0).add(b0), to, b);
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(from, a + STEP))
                            .sub(m1)
                            .mul(s1)
                            .add(b1),
                    to,
                    b + STEP);
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(from, a + 2 * STEP))
                            .sub(m2)
                            .mul(s2)
                            .add(b2),
                    to,
                    b + 2 * STEP);
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(from, a + 3 * STEP))
                            .sub(m3)
                            .mul(s3)
                            .add(b3),
                    to,
                    b + 3 * STEP);
            a += xStep;
            b += yStep;
        }
    }

    private static void mapVector(Tile x, Tile y, float[] center, float[] scale, float[] shift, int j)
            throws Throwable {
        Object from = x.raw;
        Object to = y.raw;
        int xStep = x.step * Float.BYTES;
        int yStep = y.step * Float.BYTES;
        int rows = x.rows;
        FloatVector m = FloatVector.fromArray(SPECIES, center, j);
        FloatVector s = FloatVector.fromArray(SPECIES, scale, j);
        FloatVector t = FloatVector.fromArray(SPECIES, shift, j);
        int a = bytes(x, 0) + j * Float.BYTES;
        int b = bytes(y, 0) + j * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(from, a)).sub(m).mul(s).add(t), to, b);
            a += xStep;
            b += yStep;
        }
    }

    /** See {@link InnerLoops#relu}. */
    static void relu(Tile y) {
        try {
            for (int row = 0; row < y.rows; row++) {
                relu(y, row);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void relu(Tile y, int row) throws Throwable {
        Object memory = y.raw;
        int at = bytes(y, row);
        FloatVector zero = FloatVector.zero(SPECIES);
        int end = at + (y.length - LANES) * Float.BYTES;
        for (int a = at; a < end; a += STEP) {
            STORE.invokeExact(((FloatVector) LOAD.invokeExact(memory, a)).max(zero), memory, a);
        }
        STORE.invokeExact(((FloatVector) LOAD.invokeExact(memory, end)).max(zero), memory, end);
    }
}
