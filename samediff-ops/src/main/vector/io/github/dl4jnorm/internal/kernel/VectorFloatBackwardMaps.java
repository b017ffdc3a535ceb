package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.LOAD;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.STEP;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.STORE;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.bytes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Maps of a backward pass. See {@link VectorFloatLoops}. */
final class VectorFloatBackwardMaps {
    private VectorFloatBackwardMaps() {}

    /** See {@link InnerLoops#mapBackward}. */
    static void mapBackward(Tile dy, Tile x, Tile dx, Coefficients map, float gamma) {
        try {
            for (int row = 0; row < x.rows; row++) {
                mapBackward(dy, x, dx, row, map, gamma);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapBackward(Tile dy, Tile x, Tile dx, int row, Coefficients c, float gamma) throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        Object to = dx.raw;
        int dyAt = bytes(dy, row);
        int xAt = bytes(x, row);
        int dxAt = bytes(dx, row);
        FloatVector va = FloatVector.broadcast(SPECIES, (float) c.gradientCenter);
        FloatVector vm = FloatVector.broadcast(SPECIES, (float) c.center);
        FloatVector vh = FloatVector.broadcast(SPECIES, (float) c.slope);
        FloatVector vs = FloatVector.broadcast(SPECIES, (float) c.scale);
        FloatVector vb = FloatVector.broadcast(SPECIES, (float) c.shift);
        FloatVector vGamma = FloatVector.broadcast(SPECIES, gamma);
        int end = (x.length - LANES) * Float.BYTES;
        for (int j = 0; j < end; j += STEP) {
            FloatVector through =
                    ((FloatVector) LOAD.invokeExact(values, xAt + j)).sub(vm).mul(vh);
            FloatVector g = ((FloatVector) LOAD.invokeExact(gradients, dyAt + j))
                    .mul(vGamma)
                    .sub(va);
            STORE.invokeExact(g.sub(through).mul(vs).add(vb), to, dxAt + j);
        }
        FloatVector through =
                ((FloatVector) LOAD.invokeExact(values, xAt + end)).sub(vm).mul(vh);
        FloatVector g = ((FloatVector) LOAD.invokeExact(gradients, dyAt + end))
                .mul(vGamma)
                .sub(va);
        STORE.invokeExact(g.sub(through).mul(vs).add(vb), to, dxAt + end);
    }

    /** See {@link InnerLoops#mapBackwardRows}. */
    static void mapBackwardRows(Tile dy, Tile x, Tile dx, Coefficients[] map, float[] gamma) {
        try {
            for (int row = 0; row < x.rows; row++) {
                mapBackwardRow(dy, x, dx, row, map[row], gamma);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapBackwardRow(Tile dy, Tile x, Tile dx, int row, Coefficients c, float[] gamma)
            throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        Object to = dx.raw;
        int dyAt = bytes(dy, row);
        int xAt = bytes(x, row);
        int dxAt = bytes(dx, row);
        FloatVector va = FloatVector.broadcast(SPECIES, (float) c.gradientCenter);
        FloatVector vm = FloatVector.broadcast(SPECIES, (float) c.center);
        FloatVector vh = FloatVector.broadcast(SPECIES, (float) c.slope);
        FloatVector vs = FloatVector.broadcast(SPECIES, (float) c.scale);
        FloatVector vb = FloatVector.broadcast(SPECIES, (float) c.shift);
        int end = x.length - LANES;
        for (int j = 0; j < end; j += LANES) {
            FloatVector through = ((FloatVector) LOAD.invokeExact(values, xAt + j * Float.BYTES))
                    .sub(vm)
                    .mul(vh);
            FloatVector g = ((FloatVector) LOAD.invokeExact(gradients, dyAt + j * Float.BYTES))
                    .mul(FloatVector.fromArray(SPECIES, gamma, j))
                    .sub(va);
            STORE.invokeExact(g.sub(through).mul(vs).add(vb), to, dxAt + j * Float.BYTES);
        }
        FloatVector through = ((FloatVector) LOAD.invokeExact(values, xAt + end * Float.BYTES))
                .sub(vm)
                .mul(vh);
        FloatVector g = ((FloatVector) LOAD.invokeExact(gradients, dyAt + end * Float.BYTES))
                .mul(FloatVector.fromArray(SPECIES, gamma, end))
                .sub(va);
        STORE.invokeExact(g.sub(through).mul(vs).add(vb), to, dxAt + end * Float.BYTES);
    }

    /** See {@link InnerLoops#mapBackwardLanes}. */
    static void mapBackwardLanes(Tile dy, Tile x, Tile dx, LaneMap<float[]> map) {
        int n = x.length;
        try {
            int j = 0;
            for (; j <= n - 2 * LANES; j += 2 * LANES) {
                mapTwoVectors(dy, x, dx, map, j);
            }
            for (; j < n; j += LANES) {
                mapVector(dy, x, dx, map, Math.min(j, n - LANES));
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapTwoVectors(Tile dy, Tile x, Tile dx, LaneMap<float[]> c, int j) throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        Object to = dx.raw;
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int dxStep = dx.step * Float.BYTES;
        int rows = x.rows;
        FloatVector a0 = FloatVector.fromArray(SPECIES, c.gradientCenter, j);
        FloatVector m0 = FloatVector.fromArray(SPECIES, c.center, j);
        FloatVector h0 = FloatVector.fromArray(SPECIES, c.slope, j);
        FloatVector s0 = FloatVector.fromArray(SPECIES, c.scale, j);
        FloatVector b0 = FloatVector.fromArray(SPECIES, c.shift, j);
        FloatVector a1 = FloatVector.fromArray(SPECIES, c.gradientCenter, j + LANES);
        FloatVector m1 = FloatVector.fromArray(SPECIES, c.center, j + LANES);
        FloatVector h1 = FloatVector.fromArray(SPECIES, c.slope, j + LANES);
        FloatVector s1 = FloatVector.fromArray(SPECIES, c.scale, j + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, c.shift, j + LANES);
        int dyAt = bytes(dy, 0) + j * Float.BYTES;
        int xAt = bytes(x, 0) + j * Float.BYTES;
        int dxAt = bytes(dx, 0) + j * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector through0 =
                    ((FloatVector) LOAD.invokeExact(values, xAt)).sub(m0).mul(h0);
            FloatVector g0 = ((FloatVector) LOAD.invokeExact(gradients, dyAt)).sub(a0);
            STORE.invokeExact(g0.sub(through0).mul(s0).add(b0), to, dxAt);
            FloatVector through1 =
                    ((FloatVector) LOAD.invokeExact(values, xAt + STEP)).sub(m1).mul(h1);
            FloatVector g1 = ((FloatVector) LOAD.invokeExact(gradients, dyAt + STEP)).sub(a1);
            STORE.invokeExact(g1.sub(through1).mul(s1).add(b1), to, dxAt + STEP);
            dyAt += dyStep;
            xAt += xStep;
            dxAt += dxStep;
        }
    }

    private static void mapVector(Tile dy, Tile x, Tile dx, LaneMap<float[]> c, int j) throws Throwable {
        Object gradients = dy.raw;
        Object values = x.raw;
        Object to = dx.raw;
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int dxStep = dx.step * Float.BYTES;
        int rows = x.rows;
        FloatVector a = FloatVector.fromArray(SPECIES, c.gradientCenter, j);
        FloatVector m = FloatVector.fromArray(SPECIES, c.center, j);
        FloatVector h = FloatVector.fromArray(SPECIES, c.slope, j);
        FloatVector s = FloatVector.fromArray(SPECIES, c.scale, j);
        FloatVector b = FloatVector.fromArray(SPECIES, c.shift, j);
        int dyAt = bytes(dy, 0) + j * Float.BYTES;
        int xAt = bytes(x, 0) + j * Float.BYTES;
        int dxAt = bytes(dx, 0) + j * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            FloatVector through =
                    ((FloatVector) LOAD.invokeExact(values, xAt)).sub(m).mul(h);
            FloatVector g = ((FloatVector) LOAD.invokeExact(gradients, dyAt)).sub(a);
            STORE.invokeExact(g.sub(through).mul(s).add(b), to, dxAt);
            dyAt += dyStep;
            xAt += xStep;
            dxAt += dxStep;
        }
    }

    /** See {@link InnerLoops#reluBackward}. */
    static void reluBackward(Tile dy, Tile y, Tile dx) {
        try {
            for (int row = 0; row < y.rows; row++) {
                reluBackward(dy, y, dx, row);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void reluBackward(Tile dy, Tile y, Tile dx, int row) throws Throwable {
        Object gradients = dy.raw;
        Object outputs = y.raw;
        Object to = dx.raw;
        int dyAt = bytes(dy, row);
        int yAt = bytes(y, row);
        int dxAt = bytes(dx, row);
        FloatVector zero = FloatVector.zero(SPECIES);
        int end = (y.length - LANES) * Float.BYTES;
        for (int j = 0; j < end; j += STEP) {
            VectorMask<Float> open =
                    ((FloatVector) LOAD.invokeExact(outputs, yAt + j)).compare(VectorOperators.GT, zero);
            STORE.invokeExact(zero.blend((FloatVector) LOAD.invokeExact(gradients, dyAt + j), open), to, dxAt + j);
        }
        VectorMask<Float> open = ((FloatVector) LOAD.invokeExact(outputs, yAt + end)).compare(VectorOperators.GT, zero);
        STORE.invokeExact(zero.blend((FloatVector) LOAD.invokeExact(gradients, dyAt + end), open), to, dxAt + end);
    }
}
