package io.github.dl4jnorm.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over {@code float[]} with the Vector API, as wide as the processor is. The only class that touches the
 * incubator module; it uses no more of it than JDK 17 to 25 have in common.
 *
 * <p>Sums are kept in several registers, so that additions overlap, and folded in double. Maps compute the same as the
 * scalar loops, bit by bit.
 *
 * <p>No method here takes or returns a vector: where the JIT does not inline such a method, because the call is too deep
 * or the caller too large, each vector becomes an object. The methods of the API itself are always inlined.
 */
final class VectorFloatLoops extends ScalarFloatLoops {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private final float[] lanes = new float[LANES];

    /** Creates the loops of one thread. */
    VectorFloatLoops() {}

    @Override
    public String toString() {
        return SPECIES.vectorBitSize() + " bit";
    }

    /** The sum of what {@link #lanes} holds, in an order of our own: that of reduceLanes depends on the compiler. */
    private double foldLanes() {
        double even = 0;
        double odd = 0;
        for (int i = 0; i < LANES; i += 2) {
            even += lanes[i];
            odd += lanes[i + 1];
        }
        return even + odd;
    }

    @Override
    public double sum(float[] x, int n) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        int j = 0;
        for (; j <= n - 4 * LANES; j += 4 * LANES) {
            s0 = s0.add(FloatVector.fromArray(SPECIES, x, j));
            s1 = s1.add(FloatVector.fromArray(SPECIES, x, j + LANES));
            s2 = s2.add(FloatVector.fromArray(SPECIES, x, j + 2 * LANES));
            s3 = s3.add(FloatVector.fromArray(SPECIES, x, j + 3 * LANES));
        }
        for (; j <= n - LANES; j += LANES) {
            s0 = s0.add(FloatVector.fromArray(SPECIES, x, j));
        }
        s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
        double sum = foldLanes();
        for (; j < n; j++) {
            sum += x[j];
        }
        return sum;
    }

    @Override
    public void moments(float[] x, int n, double shift, double[] sums) {
        float m = (float) shift;
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector q0 = FloatVector.zero(SPECIES);
        FloatVector q1 = FloatVector.zero(SPECIES);
        FloatVector q2 = FloatVector.zero(SPECIES);
        FloatVector q3 = FloatVector.zero(SPECIES);
        int j = 0;
        for (; j <= n - 4 * LANES; j += 4 * LANES) {
            FloatVector d0 = FloatVector.fromArray(SPECIES, x, j).sub(vm);
            FloatVector d1 = FloatVector.fromArray(SPECIES, x, j + LANES).sub(vm);
            FloatVector d2 = FloatVector.fromArray(SPECIES, x, j + 2 * LANES).sub(vm);
            FloatVector d3 = FloatVector.fromArray(SPECIES, x, j + 3 * LANES).sub(vm);
            s0 = s0.add(d0);
            s1 = s1.add(d1);
            s2 = s2.add(d2);
            s3 = s3.add(d3);
            q0 = q0.add(d0.mul(d0));
            q1 = q1.add(d1.mul(d1));
            q2 = q2.add(d2.mul(d2));
            q3 = q3.add(d3.mul(d3));
        }
        for (; j <= n - LANES; j += LANES) {
            FloatVector d = FloatVector.fromArray(SPECIES, x, j).sub(vm);
            s0 = s0.add(d);
            q0 = q0.add(d.mul(d));
        }
        s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
        double sum = foldLanes();
        q0.add(q1).add(q2.add(q3)).intoArray(lanes, 0);
        double squares = foldLanes();
        for (; j < n; j++) {
            float d = x[j] - m;
            sum += d;
            squares += d * d;
        }
        sums[0] = sum;
        sums[1] = squares;
    }

    @Override
    public void dots(float[] dy, float[] x, int n, double center, double[] sums) {
        float m = (float) center;
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = FloatVector.zero(SPECIES);
        FloatVector p2 = FloatVector.zero(SPECIES);
        FloatVector p3 = FloatVector.zero(SPECIES);
        int j = 0;
        for (; j <= n - 4 * LANES; j += 4 * LANES) {
            FloatVector g0 = FloatVector.fromArray(SPECIES, dy, j);
            FloatVector g1 = FloatVector.fromArray(SPECIES, dy, j + LANES);
            FloatVector g2 = FloatVector.fromArray(SPECIES, dy, j + 2 * LANES);
            FloatVector g3 = FloatVector.fromArray(SPECIES, dy, j + 3 * LANES);
            s0 = s0.add(g0);
            s1 = s1.add(g1);
            s2 = s2.add(g2);
            s3 = s3.add(g3);
            p0 = p0.add(g0.mul(FloatVector.fromArray(SPECIES, x, j).sub(vm)));
            p1 = p1.add(g1.mul(FloatVector.fromArray(SPECIES, x, j + LANES).sub(vm)));
            p2 = p2.add(g2.mul(FloatVector.fromArray(SPECIES, x, j + 2 * LANES).sub(vm)));
            p3 = p3.add(g3.mul(FloatVector.fromArray(SPECIES, x, j + 3 * LANES).sub(vm)));
        }
        for (; j <= n - LANES; j += LANES) {
            FloatVector g = FloatVector.fromArray(SPECIES, dy, j);
            s0 = s0.add(g);
            p0 = p0.add(g.mul(FloatVector.fromArray(SPECIES, x, j).sub(vm)));
        }
        s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
        double sum = foldLanes();
        p0.add(p1).add(p2.add(p3)).intoArray(lanes, 0);
        double products = foldLanes();
        for (; j < n; j++) {
            sum += dy[j];
            products += dy[j] * (x[j] - m);
        }
        sums[0] = sum;
        sums[1] = products;
    }

    @Override
    public void map(float[] x, int n, double center, double scale, double shift) {
        float m = (float) center;
        float s = (float) scale;
        float b = (float) shift;
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            FloatVector.fromArray(SPECIES, x, j).sub(vm).mul(vs).add(vb).intoArray(x, j);
        }
        for (; j < n; j++) {
            x[j] = (x[j] - m) * s + b;
        }
    }

    @Override
    public void mapAffine(float[] x, int n, double center, double scale, double shift, float[] gamma, float[] beta) {
        float m = (float) center;
        float s = (float) scale;
        float b = (float) shift;
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            FloatVector.fromArray(SPECIES, x, j)
                    .sub(vm)
                    .mul(vs)
                    .add(vb)
                    .mul(FloatVector.fromArray(SPECIES, gamma, j))
                    .add(FloatVector.fromArray(SPECIES, beta, j))
                    .intoArray(x, j);
        }
        for (; j < n; j++) {
            x[j] = ((x[j] - m) * s + b) * gamma[j] + beta[j];
        }
    }

    @Override
    public void mapBackward(
            float[] dy,
            float[] x,
            int n,
            double gradientCenter,
            double center,
            double slope,
            double scale,
            double shift) {
        float a = (float) gradientCenter;
        float m = (float) center;
        float h = (float) slope;
        float s = (float) scale;
        float b = (float) shift;
        FloatVector va = FloatVector.broadcast(SPECIES, a);
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vh = FloatVector.broadcast(SPECIES, h);
        FloatVector vs = FloatVector.broadcast(SPECIES, s);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            FloatVector through = FloatVector.fromArray(SPECIES, x, j).sub(vm).mul(vh);
            FloatVector.fromArray(SPECIES, dy, j)
                    .sub(va)
                    .sub(through)
                    .mul(vs)
                    .add(vb)
                    .intoArray(dy, j);
        }
        for (; j < n; j++) {
            dy[j] = ((dy[j] - a) - (x[j] - m) * h) * s + b;
        }
    }

    @Override
    public void relu(float[] y, int n) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            FloatVector.fromArray(SPECIES, y, j).max(zero).intoArray(y, j);
        }
        for (; j < n; j++) {
            y[j] = Math.max(y[j], 0);
        }
    }

    @Override
    public void reluBackward(float[] dy, float[] y, int n) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            zero.blend(
                            FloatVector.fromArray(SPECIES, dy, j),
                            FloatVector.fromArray(SPECIES, y, j).compare(VectorOperators.GT, zero))
                    .intoArray(dy, j);
        }
        for (; j < n; j++) {
            dy[j] = y[j] > 0 ? dy[j] : 0;
        }
    }

    @Override
    public void collectParameters(
            float[] dy,
            float[] x,
            int n,
            double center,
            double scale,
            double shift,
            float[] gamma,
            float[] dGamma,
            float[] dBeta) {
        float m = (float) center;
        float r = (float) scale;
        float b = (float) shift;
        FloatVector vm = FloatVector.broadcast(SPECIES, m);
        FloatVector vr = FloatVector.broadcast(SPECIES, r);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            FloatVector g = FloatVector.fromArray(SPECIES, dy, j);
            FloatVector xHat =
                    FloatVector.fromArray(SPECIES, x, j).sub(vm).mul(vr).add(vb);
            FloatVector.fromArray(SPECIES, dGamma, j).add(g.mul(xHat)).intoArray(dGamma, j);
            FloatVector.fromArray(SPECIES, dBeta, j).add(g).intoArray(dBeta, j);
            g.mul(FloatVector.fromArray(SPECIES, gamma, j)).intoArray(dy, j);
        }
        for (; j < n; j++) {
            dGamma[j] += dy[j] * ((x[j] - m) * r + b);
            dBeta[j] += dy[j];
            dy[j] *= gamma[j];
        }
    }

    @Override
    public void sumLanes(float[][] rows, int count, int n, float[] sums) {
        int vectors = n - n % LANES;
        int row = 0;
        for (; row <= count - 4; row += 4) {
            float[] x0 = rows[row];
            float[] x1 = rows[row + 1];
            float[] x2 = rows[row + 2];
            float[] x3 = rows[row + 3];
            for (int j = 0; j < vectors; j += LANES) {
                FloatVector s = FloatVector.fromArray(SPECIES, x0, j)
                        .add(FloatVector.fromArray(SPECIES, x1, j))
                        .add(FloatVector.fromArray(SPECIES, x2, j).add(FloatVector.fromArray(SPECIES, x3, j)));
                FloatVector.fromArray(SPECIES, sums, j).add(s).intoArray(sums, j);
            }
            for (int j = vectors; j < n; j++) {
                sums[j] += (x0[j] + x1[j]) + (x2[j] + x3[j]);
            }
        }
        for (; row < count; row++) {
            add(rows[row], n, sums);
        }
    }

    @Override
    public void momentsLanes(float[][] rows, int count, int n, float[] shift, float[] sums, float[] squares) {
        int vectors = n - n % LANES;
        int row = 0;
        for (; row <= count - 4; row += 4) {
            float[] x0 = rows[row];
            float[] x1 = rows[row + 1];
            float[] x2 = rows[row + 2];
            float[] x3 = rows[row + 3];
            for (int j = 0; j < vectors; j += LANES) {
                FloatVector m = FloatVector.fromArray(SPECIES, shift, j);
                FloatVector d0 = FloatVector.fromArray(SPECIES, x0, j).sub(m);
                FloatVector d1 = FloatVector.fromArray(SPECIES, x1, j).sub(m);
                FloatVector d2 = FloatVector.fromArray(SPECIES, x2, j).sub(m);
                FloatVector d3 = FloatVector.fromArray(SPECIES, x3, j).sub(m);
                FloatVector.fromArray(SPECIES, sums, j)
                        .add(d0.add(d1).add(d2.add(d3)))
                        .intoArray(sums, j);
                FloatVector q = d0.mul(d0).add(d1.mul(d1)).add(d2.mul(d2).add(d3.mul(d3)));
                FloatVector.fromArray(SPECIES, squares, j).add(q).intoArray(squares, j);
            }
            for (int i = row; i < row + 4; i++) {
                addDeviations(rows[i], vectors, n, shift, sums, squares);
            }
        }
        for (; row < count; row++) {
            addDeviations(rows[row], 0, n, shift, sums, squares);
        }
    }

    @Override
    public void dotsLanes(float[][] dy, float[][] x, int count, int n, float[] center, float[] sums, float[] products) {
        int vectors = n - n % LANES;
        int row = 0;
        for (; row <= count - 2; row += 2) {
            float[] x0 = x[row];
            float[] x1 = x[row + 1];
            float[] g0 = dy[row];
            float[] g1 = dy[row + 1];
            for (int j = 0; j < vectors; j += LANES) {
                FloatVector m = FloatVector.fromArray(SPECIES, center, j);
                FloatVector v0 = FloatVector.fromArray(SPECIES, g0, j);
                FloatVector v1 = FloatVector.fromArray(SPECIES, g1, j);
                FloatVector.fromArray(SPECIES, sums, j).add(v0.add(v1)).intoArray(sums, j);
                FloatVector p = v0.mul(FloatVector.fromArray(SPECIES, x0, j).sub(m))
                        .add(v1.mul(FloatVector.fromArray(SPECIES, x1, j).sub(m)));
                FloatVector.fromArray(SPECIES, products, j).add(p).intoArray(products, j);
            }
            addDots(g0, x0, vectors, n, center, sums, products);
            addDots(g1, x1, vectors, n, center, sums, products);
        }
        if (row < count) {
            addDots(dy[row], x[row], 0, n, center, sums, products);
        }
    }

    @Override
    public void mapLanes(float[][] rows, int count, int n, float[] center, float[] scale, float[] shift) {
        int vectors = n - n % LANES;
        for (int row = 0; row < count; row++) {
            float[] x = rows[row];
            for (int j = 0; j < vectors; j += LANES) {
                FloatVector.fromArray(SPECIES, x, j)
                        .sub(FloatVector.fromArray(SPECIES, center, j))
                        .mul(FloatVector.fromArray(SPECIES, scale, j))
                        .add(FloatVector.fromArray(SPECIES, shift, j))
                        .intoArray(x, j);
            }
            for (int j = vectors; j < n; j++) {
                x[j] = (x[j] - center[j]) * scale[j] + shift[j];
            }
        }
    }

    @Override
    public void mapBackwardLanes(
            float[][] dy,
            float[][] x,
            int count,
            int n,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift) {
        int vectors = n - n % LANES;
        for (int row = 0; row < count; row++) {
            float[] g = dy[row];
            float[] v = x[row];
            for (int j = 0; j < vectors; j += LANES) {
                FloatVector through = FloatVector.fromArray(SPECIES, v, j)
                        .sub(FloatVector.fromArray(SPECIES, center, j))
                        .mul(FloatVector.fromArray(SPECIES, slope, j));
                FloatVector.fromArray(SPECIES, g, j)
                        .sub(FloatVector.fromArray(SPECIES, gradientCenter, j))
                        .sub(through)
                        .mul(FloatVector.fromArray(SPECIES, scale, j))
                        .add(FloatVector.fromArray(SPECIES, shift, j))
                        .intoArray(g, j);
            }
            for (int j = vectors; j < n; j++) {
                g[j] = ((g[j] - gradientCenter[j]) - (v[j] - center[j]) * slope[j]) * scale[j] + shift[j];
            }
        }
    }
}
