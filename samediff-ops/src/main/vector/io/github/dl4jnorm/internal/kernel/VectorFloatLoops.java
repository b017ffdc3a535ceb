package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;

/**
 * Loops over {@code float} with the Vector API, as wide as the processor is, straight on memory outside the heap. Rows
 * that are shorter than a vector are left to the scalar loops.
 *
 * <p>Maps compute the same as the scalar loops, bit by bit. Their last vector overlaps the one before it, in place of a
 * loop over what is left; in sums the lanes that were counted already are masked. Loops over lanes walk blocks of
 * neighbouring vectors down all rows, with their sums and coefficients in registers.
 *
 * <p>The classes behind this one write out what is alike in them, for C2 wants it so. No method takes or returns a vector,
 * and none has a loop in a loop with vectors that live in both: each vector would become an object. Sums live in an
 * array between two calls. And four vectors of a row, of four rows, and of four rows at a time down their columns are
 * three loops, because one with any distance between vectors checks the bounds of every access.
 */
final class VectorFloatLoops extends ScalarFloatLoops {
    private final VectorFloatSums sums = new VectorFloatSums();
    private final VectorFloatMoments moments = new VectorFloatMoments();
    private final VectorFloatDots dots = new VectorFloatDots();
    private final VectorFloatRowDots rowDots = new VectorFloatRowDots();

    /** Creates the loops of one thread. */
    VectorFloatLoops() {}

    @Override
    public String toString() {
        return SPECIES.vectorBitSize() + " bit";
    }

    @Override
    public int columns() {
        return 4 * LANES;
    }

    @Override
    public double sum(Tile x) {
        if (x.length < LANES) {
            return super.sum(x);
        } else {
            return sums.sum(x);
        }
    }

    @Override
    public void moments(Tile x, double shift, double[] to) {
        if (x.length < LANES) {
            super.moments(x, shift, to);
        } else {
            moments.moments(x, shift, to);
        }
    }

    @Override
    public void dots(Tile dy, Tile x, double center, double[] to) {
        if (x.length < LANES) {
            super.dots(dy, x, center, to);
        } else {
            dots.dots(dy, x, center, to);
        }
    }

    @Override
    public void map(Tile x, Tile y, double center, double scale, double shift) {
        if (x.length < LANES) {
            super.map(x, y, center, scale, shift);
        } else {
            VectorFloatMaps.map(x, y, (float) center, (float) scale, (float) shift);
        }
    }

    @Override
    public void mapAffine(Tile x, Tile y, Coefficients map, double gamma, double beta) {
        if (x.length < LANES) {
            super.mapAffine(x, y, map, gamma, beta);
        } else {
            VectorFloatMaps.mapAffine(x, y, map, (float) gamma, (float) beta);
        }
    }

    @Override
    public void mapBackward(Tile dy, Tile x, Tile dx, Coefficients map, double gamma) {
        if (x.length < LANES) {
            super.mapBackward(dy, x, dx, map, gamma);
        } else {
            VectorFloatBackwardMaps.mapBackward(dy, x, dx, map, (float) gamma);
        }
    }

    @Override
    public void relu(Tile y) {
        if (y.length < LANES) {
            super.relu(y);
        } else {
            VectorFloatMaps.relu(y);
        }
    }

    @Override
    public void reluBackward(Tile dy, Tile y, Tile dx) {
        if (y.length < LANES) {
            super.reluBackward(dy, y, dx);
        } else {
            VectorFloatBackwardMaps.reluBackward(dy, y, dx);
        }
    }

    @Override
    public void momentsRows(Tile x, double[] shift, double[] to, double[] squares) {
        int done = x.length < LANES ? 0 : moments.momentsRows(x, shift, to, squares);
        momentsRows(x, done, shift, to, squares);
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
        } else {
            rowDots.dotsRows(dy, x, xHat, gamma, dGamma, dBeta, to, products);
        }
    }

    @Override
    public void mapRows(Tile x, Tile y, Coefficients[] map, float[] gamma, float[] beta) {
        if (x.length < LANES) {
            super.mapRows(x, y, map, gamma, beta);
        } else {
            VectorFloatMaps.mapRows(x, y, map, gamma, beta);
        }
    }

    @Override
    public void mapBackwardRows(Tile dy, Tile x, Tile dx, Coefficients[] map, float[] gamma) {
        if (x.length < LANES) {
            super.mapBackwardRows(dy, x, dx, map, gamma);
        } else {
            VectorFloatBackwardMaps.mapBackwardRows(dy, x, dx, map, gamma);
        }
    }

    @Override
    public void sumLanes(Tile x, float[] to, float[] rest) {
        if (x.length < LANES) {
            super.sumLanes(x, to, rest);
        } else {
            sums.sumLanes(x, to, rest);
        }
    }

    @Override
    public void momentsLanes(Tile x, float[] shift, float[] to, float[] squares) {
        if (x.length < LANES) {
            super.momentsLanes(x, shift, to, squares);
        } else {
            moments.momentsLanes(x, shift, to, squares);
        }
    }

    @Override
    public void dotsLanes(Tile dy, Tile x, float[] center, float[] to, float[] products) {
        if (x.length < LANES) {
            super.dotsLanes(dy, x, center, to, products);
        } else {
            dots.dotsLanes(dy, x, center, to, products);
        }
    }

    @Override
    public void mapLanes(Tile x, Tile y, float[] center, float[] scale, float[] shift) {
        if (x.length < LANES) {
            super.mapLanes(x, y, center, scale, shift);
        } else {
            VectorFloatMaps.mapLanes(x, y, center, scale, shift);
        }
    }

    @Override
    public void mapBackwardLanes(Tile dy, Tile x, Tile dx, LaneMap<float[]> map) {
        if (x.length < LANES) {
            super.mapBackwardLanes(dy, x, dx, map);
        } else {
            VectorFloatBackwardMaps.mapBackwardLanes(dy, x, dx, map);
        }
    }
}
