package io.github.dl4jnorm.internal.kernel;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over lanes with the Vector API: blocks of neighbouring vectors are walked down all rows, with their sums and
 * coefficients in registers. See {@link VectorFloatLoops}.
 */
abstract class VectorFloatLanes extends ScalarFloatLoops {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    /** Bytes of a vector. */
    static final int STEP = LANES * Float.BYTES;

    static final MethodHandle LOAD = VectorAccess.load(FloatVector.class, SPECIES);
    static final MethodHandle STORE = VectorAccess.store(FloatVector.class);

    /** Sums of the lanes of one vector. */
    private final float[] lanes = new float[LANES];

    private final float[] moreLanes = new float[LANES];

    @Override
    public int columns() {
        return 4 * LANES;
    }

    /** Where a row of a tile begins, in bytes. */
    static int bytes(Tile tile, int row) {
        return tile.row(row) * Float.BYTES;
    }

    @Override
    public void sumLanes(Tile x, float[] s, float[] rest) {
        int n = x.length;
        if (n < LANES) {
            super.sumLanes(x, s, rest);
            return;
        }
        int step = x.step * Float.BYTES;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                sum4Lanes(x.raw, bytes(x, 0) + j * Float.BYTES, step, x.rows, s, rest, j);
            }
            for (; j <= n - LANES; j += LANES) {
                sum1Lanes(x.raw, bytes(x, 0) + j * Float.BYTES, step, x.rows, s, rest, j);
            }
            if (j < n) {
                clearLanes();
                sum1Lanes(x.raw, bytes(x, 0) + (n - LANES) * Float.BYTES, step, x.rows, lanes, moreLanes, 0);
                for (int k = j; k < n; k++) {
                    float v = lanes[k - (n - LANES)];
                    float t = s[k] + v;
                    float b = t - s[k];
                    rest[k] += (s[k] - (t - b)) + (v - b) + moreLanes[k - (n - LANES)];
                    s[k] = t;
                }
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private void clearLanes() {
        Arrays.fill(lanes, 0);
        Arrays.fill(moreLanes, 0);
    }

    private static void sum4Lanes(Object x, int at, int step, int rows, float[] sums, float[] rest, int j)
            throws Throwable {
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, j + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, j + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, j + 3 * LANES);
        FloatVector q0 = FloatVector.fromArray(SPECIES, rest, j);
        FloatVector q1 = FloatVector.fromArray(SPECIES, rest, j + LANES);
        FloatVector q2 = FloatVector.fromArray(SPECIES, rest, j + 2 * LANES);
        FloatVector q3 = FloatVector.fromArray(SPECIES, rest, j + 3 * LANES);
        int a = at;
        for (int row = 0; row < rows; row++) {
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

    private static void sum1Lanes(Object x, int at, int step, int rows, float[] sums, float[] rest, int j)
            throws Throwable {
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector q0 = FloatVector.fromArray(SPECIES, rest, j);
        int a = at;
        for (int row = 0; row < rows; row++) {
            FloatVector v0 = (FloatVector) LOAD.invokeExact(x, a);
            FloatVector t0 = s0.add(v0);
            FloatVector b0 = t0.sub(s0);
            q0 = q0.add(s0.sub(t0.sub(b0)).add(v0.sub(b0)));
            s0 = t0;
            a += step;
        }
        s0.intoArray(sums, j);
        q0.intoArray(rest, j);
    }

    @Override
    public void momentsLanes(Tile x, float[] shift, float[] s, float[] squares) {
        int n = x.length;
        if (n < LANES) {
            super.momentsLanes(x, shift, s, squares);
            return;
        }
        int step = x.step * Float.BYTES;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                moments4Lanes(x.raw, bytes(x, 0) + j * Float.BYTES, step, x.rows, shift, s, squares, j);
            }
            for (; j <= n - LANES; j += LANES) {
                moments1Lanes(x.raw, bytes(x, 0) + j * Float.BYTES, step, x.rows, shift, j, s, squares, j);
            }
            if (j < n) {
                int from = n - LANES;
                clearLanes();
                moments1Lanes(x.raw, bytes(x, 0) + from * Float.BYTES, step, x.rows, shift, from, lanes, moreLanes, 0);
                addLast(j, n, s, squares);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    /** Adds the sums of the last lanes, without those that were summed already. */
    private void addLast(int from, int n, float[] s, float[] t) {
        for (int k = from; k < n; k++) {
            s[k] += lanes[k - (n - LANES)];
            t[k] += moreLanes[k - (n - LANES)];
        }
    }

    private static void moments4Lanes(
            Object x, int at, int step, int rows, float[] shift, float[] sums, float[] squares, int j)
            throws Throwable {
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
        int a = at;
        for (int row = 0; row < rows; row++) {
            FloatVector d0 = ((FloatVector) LOAD.invokeExact(x, a)).sub(m0);
            FloatVector d1 = ((FloatVector) LOAD.invokeExact(x, a + STEP)).sub(m1);
            FloatVector d2 = ((FloatVector) LOAD.invokeExact(x, a + 2 * STEP)).sub(m2);
            FloatVector d3 = ((FloatVector) LOAD.invokeExact(x, a + 3 * STEP)).sub(m3);
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

    private static void moments1Lanes(
            Object x, int at, int step, int rows, float[] shift, int from, float[] sums, float[] squares, int j)
            throws Throwable {
        FloatVector m = FloatVector.fromArray(SPECIES, shift, from);
        FloatVector s = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector q = FloatVector.fromArray(SPECIES, squares, j);
        int a = at;
        for (int row = 0; row < rows; row++) {
            FloatVector d = ((FloatVector) LOAD.invokeExact(x, a)).sub(m);
            s = s.add(d);
            q = q.add(d.mul(d));
            a += step;
        }
        s.intoArray(sums, j);
        q.intoArray(squares, j);
    }

    @Override
    public void dotsLanes(Tile dy, Tile x, float[] center, float[] s, float[] products) {
        int n = x.length;
        if (n < LANES) {
            super.dotsLanes(dy, x, center, s, products);
            return;
        }
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                int at = j * Float.BYTES;
                dots4Lanes(
                        dy.raw,
                        bytes(dy, 0) + at,
                        dyStep,
                        x.raw,
                        bytes(x, 0) + at,
                        xStep,
                        x.rows,
                        center,
                        s,
                        products,
                        j);
            }
            for (; j <= n - LANES; j += LANES) {
                int at = j * Float.BYTES;
                dots1Lanes(
                        dy.raw,
                        bytes(dy, 0) + at,
                        dyStep,
                        x.raw,
                        bytes(x, 0) + at,
                        xStep,
                        x.rows,
                        center,
                        j,
                        s,
                        products,
                        j);
            }
            if (j < n) {
                int from = n - LANES;
                int at = from * Float.BYTES;
                clearLanes();
                dots1Lanes(
                        dy.raw,
                        bytes(dy, 0) + at,
                        dyStep,
                        x.raw,
                        bytes(x, 0) + at,
                        xStep,
                        x.rows,
                        center,
                        from,
                        lanes,
                        moreLanes,
                        0);
                addLast(j, n, s, products);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void dots4Lanes(
            Object dy,
            int dyAt,
            int dyStep,
            Object x,
            int xAt,
            int xStep,
            int rows,
            float[] center,
            float[] sums,
            float[] products,
            int j)
            throws Throwable {
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
        int a = dyAt;
        int b = xAt;
        for (int row = 0; row < rows; row++) {
            FloatVector g0 = (FloatVector) LOAD.invokeExact(dy, a);
            s0 = s0.add(g0);
            q0 = q0.add(g0.mul(((FloatVector) LOAD.invokeExact(x, b)).sub(m0)));
            FloatVector g1 = (FloatVector) LOAD.invokeExact(dy, a + STEP);
            s1 = s1.add(g1);
            q1 = q1.add(g1.mul(((FloatVector) LOAD.invokeExact(x, b + STEP)).sub(m1)));
            FloatVector g2 = (FloatVector) LOAD.invokeExact(dy, a + 2 * STEP);
            s2 = s2.add(g2);
            q2 = q2.add(g2.mul(((FloatVector) LOAD.invokeExact(x, b + 2 * STEP)).sub(m2)));
            FloatVector g3 = (FloatVector) LOAD.invokeExact(dy, a + 3 * STEP);
            s3 = s3.add(g3);
            q3 = q3.add(g3.mul(((FloatVector) LOAD.invokeExact(x, b + 3 * STEP)).sub(m3)));
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

    private static void dots1Lanes(
            Object dy,
            int dyAt,
            int dyStep,
            Object x,
            int xAt,
            int xStep,
            int rows,
            float[] center,
            int from,
            float[] sums,
            float[] products,
            int j)
            throws Throwable {
        FloatVector m = FloatVector.fromArray(SPECIES, center, from);
        FloatVector s = FloatVector.fromArray(SPECIES, sums, j);
        FloatVector p = FloatVector.fromArray(SPECIES, products, j);
        int a = dyAt;
        int b = xAt;
        for (int row = 0; row < rows; row++) {
            FloatVector g = (FloatVector) LOAD.invokeExact(dy, a);
            s = s.add(g);
            p = p.add(g.mul(((FloatVector) LOAD.invokeExact(x, b)).sub(m)));
            a += dyStep;
            b += xStep;
        }
        s.intoArray(sums, j);
        p.intoArray(products, j);
    }

    @Override
    public void mapLanes(Tile x, Tile y, float[] center, float[] scale, float[] shift) {
        int n = x.length;
        if (n < LANES) {
            super.mapLanes(x, y, center, scale, shift);
            return;
        }
        int xStep = x.step * Float.BYTES;
        int yStep = y.step * Float.BYTES;
        try {
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                int at = j * Float.BYTES;
                map4Lanes(
                        x.raw,
                        bytes(x, 0) + at,
                        xStep,
                        y.raw,
                        bytes(y, 0) + at,
                        yStep,
                        x.rows,
                        center,
                        scale,
                        shift,
                        j);
            }
            for (; j < n; j += LANES) {
                int from = Math.min(j, n - LANES);
                int at = from * Float.BYTES;
                map1Lanes(
                        x.raw,
                        bytes(x, 0) + at,
                        xStep,
                        y.raw,
                        bytes(y, 0) + at,
                        yStep,
                        x.rows,
                        center,
                        scale,
                        shift,
                        from);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void map4Lanes(
            Object x,
            int xAt,
            int xStep,
            Object y,
            int yAt,
            int yStep,
            int rows,
            float[] center,
            float[] scale,
            float[] shift,
            int j)
            throws Throwable {
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
        int a = xAt;
        int to = yAt;
        for (int row = 0; row < rows; row++) {
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(x, a)).sub(m0).mul(s0).add(b0), y, to);
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(x, a + STEP))
                            .sub(m1)
                            .mul(s1)
                            .add(b1),
                    y,
                    to + STEP);
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(x, a + 2 * STEP))
                            .sub(m2)
                            .mul(s2)
                            .add(b2),
                    y,
                    to + 2 * STEP);
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(x, a + 3 * STEP))
                            .sub(m3)
                            .mul(s3)
                            .add(b3),
                    y,
                    to + 3 * STEP);
            a += xStep;
            to += yStep;
        }
    }

    private static void map1Lanes(
            Object x,
            int xAt,
            int xStep,
            Object y,
            int yAt,
            int yStep,
            int rows,
            float[] center,
            float[] scale,
            float[] shift,
            int j)
            throws Throwable {
        FloatVector m = FloatVector.fromArray(SPECIES, center, j);
        FloatVector s = FloatVector.fromArray(SPECIES, scale, j);
        FloatVector b = FloatVector.fromArray(SPECIES, shift, j);
        int a = xAt;
        int to = yAt;
        for (int row = 0; row < rows; row++) {
            STORE.invokeExact(
                    ((FloatVector) LOAD.invokeExact(x, a)).sub(m).mul(s).add(b), y, to);
            a += xStep;
            to += yStep;
        }
    }

    @Override
    public void mapBackwardLanes(
            Tile dy,
            Tile x,
            Tile dx,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift) {
        int n = x.length;
        if (n < LANES) {
            super.mapBackwardLanes(dy, x, dx, gradientCenter, center, slope, scale, shift);
            return;
        }
        int dyStep = dy.step * Float.BYTES;
        int xStep = x.step * Float.BYTES;
        int dxStep = dx.step * Float.BYTES;
        try {
            int j = 0;
            for (; j <= n - 2 * LANES; j += 2 * LANES) {
                int at = j * Float.BYTES;
                mapBackward2Lanes(
                        dy.raw,
                        bytes(dy, 0) + at,
                        dyStep,
                        x.raw,
                        bytes(x, 0) + at,
                        xStep,
                        dx.raw,
                        bytes(dx, 0) + at,
                        dxStep,
                        x.rows,
                        gradientCenter,
                        center,
                        slope,
                        scale,
                        shift,
                        j);
            }
            for (; j < n; j += LANES) {
                int from = Math.min(j, n - LANES);
                int at = from * Float.BYTES;
                mapBackward1Lanes(
                        dy.raw,
                        bytes(dy, 0) + at,
                        dyStep,
                        x.raw,
                        bytes(x, 0) + at,
                        xStep,
                        dx.raw,
                        bytes(dx, 0) + at,
                        dxStep,
                        x.rows,
                        gradientCenter,
                        center,
                        slope,
                        scale,
                        shift,
                        from);
            }
        } catch (Throwable e) {
            throw VectorAccess.failure(e);
        }
    }

    private static void mapBackward2Lanes(
            Object dy,
            int dyAt,
            int dyStep,
            Object x,
            int xAt,
            int xStep,
            Object dx,
            int dxAt,
            int dxStep,
            int rows,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift,
            int j)
            throws Throwable {
        FloatVector c0 = FloatVector.fromArray(SPECIES, gradientCenter, j);
        FloatVector m0 = FloatVector.fromArray(SPECIES, center, j);
        FloatVector h0 = FloatVector.fromArray(SPECIES, slope, j);
        FloatVector s0 = FloatVector.fromArray(SPECIES, scale, j);
        FloatVector t0 = FloatVector.fromArray(SPECIES, shift, j);
        FloatVector c1 = FloatVector.fromArray(SPECIES, gradientCenter, j + LANES);
        FloatVector m1 = FloatVector.fromArray(SPECIES, center, j + LANES);
        FloatVector h1 = FloatVector.fromArray(SPECIES, slope, j + LANES);
        FloatVector s1 = FloatVector.fromArray(SPECIES, scale, j + LANES);
        FloatVector t1 = FloatVector.fromArray(SPECIES, shift, j + LANES);
        int a = dyAt;
        int b = xAt;
        int to = dxAt;
        for (int row = 0; row < rows; row++) {
            FloatVector through0 =
                    ((FloatVector) LOAD.invokeExact(x, b)).sub(m0).mul(h0);
            FloatVector g0 = ((FloatVector) LOAD.invokeExact(dy, a)).sub(c0);
            STORE.invokeExact(g0.sub(through0).mul(s0).add(t0), dx, to);
            FloatVector through1 =
                    ((FloatVector) LOAD.invokeExact(x, b + STEP)).sub(m1).mul(h1);
            FloatVector g1 = ((FloatVector) LOAD.invokeExact(dy, a + STEP)).sub(c1);
            STORE.invokeExact(g1.sub(through1).mul(s1).add(t1), dx, to + STEP);
            a += dyStep;
            b += xStep;
            to += dxStep;
        }
    }

    private static void mapBackward1Lanes(
            Object dy,
            int dyAt,
            int dyStep,
            Object x,
            int xAt,
            int xStep,
            Object dx,
            int dxAt,
            int dxStep,
            int rows,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift,
            int j)
            throws Throwable {
        FloatVector c = FloatVector.fromArray(SPECIES, gradientCenter, j);
        FloatVector m = FloatVector.fromArray(SPECIES, center, j);
        FloatVector h = FloatVector.fromArray(SPECIES, slope, j);
        FloatVector s = FloatVector.fromArray(SPECIES, scale, j);
        FloatVector t = FloatVector.fromArray(SPECIES, shift, j);
        int a = dyAt;
        int b = xAt;
        int to = dxAt;
        for (int row = 0; row < rows; row++) {
            FloatVector through = ((FloatVector) LOAD.invokeExact(x, b)).sub(m).mul(h);
            FloatVector g = ((FloatVector) LOAD.invokeExact(dy, a)).sub(c);
            STORE.invokeExact(g.sub(through).mul(s).add(t), dx, to);
            a += dyStep;
            b += xStep;
            to += dxStep;
        }
    }
}
