package io.github.dl4jnorm.internal.kernel;

/**
 * The inner loops in plain Java: pieces of tiles are copied to arrays ({@link ScalarFloatPieces}), computed with there
 * ({@link ScalarFloatArrays}), and copied back.
 *
 * <p>The build derives the loops in double from these files, by replacing the names of types.
 */
class ScalarFloatLoops extends FloatType {
    private final float[] first = new float[CHUNK];
    private final float[] second = new float[CHUNK];

    private final Tile one = new Tile();
    private final double[] pair = new double[2];

    /** Never modified. */
    private final float[] zeros = new float[CHUNK];

    @Override
    public int columns() {
        return CHUNK / 8;
    }

    @Override
    public double sum(Tile x) {
        double sum = 0;
        for (int at = 0, n; at < x.size(); at += n) {
            n = ScalarFloatPieces.load(x, at, first);
            sum += ScalarFloatArrays.inDouble(first, 0, n);
        }
        return sum;
    }

    @Override
    public void moments(Tile x, double shift, double[] sums) {
        sums[0] = 0;
        sums[1] = 0;
        for (int at = 0, n; at < x.size(); at += n) {
            n = ScalarFloatPieces.load(x, at, first);
            ScalarFloatArrays.deviations(first, n, (float) shift, second);
            sums[0] += ScalarFloatArrays.total(first, n);
            sums[1] += ScalarFloatArrays.total(second, n);
        }
    }

    @Override
    public void dots(Tile dy, Tile x, double center, double[] sums) {
        sums[0] = 0;
        sums[1] = 0;
        for (int at = 0, n; at < x.size(); at += n) {
            ScalarFloatPieces.load(dy, at, first);
            n = ScalarFloatPieces.load(x, at, second);
            ScalarFloatArrays.products(first, second, n, (float) center);
            sums[0] += ScalarFloatArrays.total(first, n);
            sums[1] += ScalarFloatArrays.total(second, n);
        }
    }

    @Override
    public void momentsRows(Tile x, double[] shift, double[] sums, double[] squares) {
        momentsRows(x, 0, shift, sums, squares);
    }

    /** As {@link #momentsRows}, row by row, from a row on. */
    final void momentsRows(Tile x, int from, double[] shift, double[] sums, double[] squares) {
        for (int row = from; row < x.rows; row++) {
            moments(one.rowOf(x, row), shift[row], pair);
            sums[row] = pair[0];
            squares[row] = pair[1];
        }
    }

    @Override
    public void dotsRows(
            Tile dy,
            Tile x,
            Coefficients[] xHat,
            float[] gamma,
            float[] dGamma,
            float[] dBeta,
            double[] sums,
            double[] products) {
        int n = x.length;
        for (int row = 0; row < x.rows; row++) {
            float center = (float) xHat[row].center;
            ScalarFloatPieces.loadRow(dy, row, first);
            ScalarFloatPieces.loadRow(x, row, second);
            ScalarFloatArrays.addProducts(
                    first, second, n, center, (float) xHat[row].scale, (float) xHat[row].shift, dGamma);
            ScalarFloatArrays.add(first, n, dBeta);
            ScalarFloatArrays.multiply(first, n, gamma);
            ScalarFloatArrays.products(first, second, n, center);
            sums[row] = ScalarFloatArrays.total(first, n);
            products[row] = ScalarFloatArrays.total(second, n);
        }
    }

    @Override
    public void map(Tile x, Tile y, double center, double scale, double shift) {
        for (int at = 0, n; at < x.size(); at += n) {
            n = ScalarFloatPieces.load(x, at, first);
            ScalarFloatArrays.map(first, n, (float) center, (float) scale, (float) shift);
            ScalarFloatPieces.store(first, n, y, at);
        }
    }

    @Override
    public void mapAffine(Tile x, Tile y, Coefficients map, double gamma, double beta) {
        for (int at = 0, n; at < x.size(); at += n) {
            n = ScalarFloatPieces.load(x, at, first);
            ScalarFloatArrays.mapAffine(first, n, map, (float) gamma, (float) beta);
            ScalarFloatPieces.store(first, n, y, at);
        }
    }

    @Override
    public void mapRows(Tile x, Tile y, Coefficients[] map, float[] gamma, float[] beta) {
        for (int row = 0; row < x.rows; row++) {
            ScalarFloatPieces.loadRow(x, row, first);
            ScalarFloatArrays.mapAffine(first, x.length, map[row], gamma, beta);
            ScalarFloatPieces.storeRow(first, y, row);
        }
    }

    @Override
    public void mapBackward(Tile dy, Tile x, Tile dx, Coefficients map, double gamma) {
        for (int at = 0, n; at < x.size(); at += n) {
            ScalarFloatPieces.load(dy, at, first);
            n = ScalarFloatPieces.load(x, at, second);
            if (gamma != 1) {
                ScalarFloatArrays.multiply(first, n, (float) gamma);
            }
            ScalarFloatArrays.mapBackward(first, second, n, map);
            ScalarFloatPieces.store(first, n, dx, at);
        }
    }

    @Override
    public void mapBackwardRows(Tile dy, Tile x, Tile dx, Coefficients[] map, float[] gamma) {
        for (int row = 0; row < x.rows; row++) {
            ScalarFloatPieces.loadRow(dy, row, first);
            ScalarFloatPieces.loadRow(x, row, second);
            ScalarFloatArrays.multiply(first, x.length, gamma);
            ScalarFloatArrays.mapBackward(first, second, x.length, map[row]);
            ScalarFloatPieces.storeRow(first, dx, row);
        }
    }

    @Override
    public void relu(Tile y) {
        for (int at = 0, n; at < y.size(); at += n) {
            n = ScalarFloatPieces.load(y, at, first);
            ScalarFloatArrays.relu(first, n);
            ScalarFloatPieces.store(first, n, y, at);
        }
    }

    @Override
    public void reluBackward(Tile dy, Tile y, Tile dx) {
        for (int at = 0, n; at < y.size(); at += n) {
            ScalarFloatPieces.load(dy, at, first);
            n = ScalarFloatPieces.load(y, at, second);
            ScalarFloatArrays.reluBackward(first, second, n, zeros);
            ScalarFloatPieces.store(second, n, dx, at);
        }
    }

    @Override
    public void sumLanes(Tile x, float[] sums, float[] rest) {
        for (int row = 0; row < x.rows; row++) {
            ScalarFloatPieces.loadRow(x, row, first);
            ScalarFloatArrays.add(first, x.length, sums, rest);
        }
    }

    /** Of two rows at a time: C2 of JDK 17 does not vectorize a loop over four. */
    @Override
    public void momentsLanes(Tile x, float[] shift, float[] sums, float[] squares) {
        int row = 0;
        for (; row <= x.rows - 2; row += 2) {
            ScalarFloatPieces.loadRow(x, row, first);
            ScalarFloatPieces.loadRow(x, row + 1, second);
            ScalarFloatArrays.addDeviations(first, second, x.length, shift, sums, squares);
        }
        if (row < x.rows) {
            ScalarFloatPieces.loadRow(x, row, first);
            ScalarFloatArrays.addDeviations(first, x.length, shift, sums, squares);
        }
    }

    @Override
    public void dotsLanes(Tile dy, Tile x, float[] center, float[] sums, float[] products) {
        for (int row = 0; row < x.rows; row++) {
            ScalarFloatPieces.loadRow(dy, row, first);
            ScalarFloatPieces.loadRow(x, row, second);
            ScalarFloatArrays.addDots(first, second, x.length, center, sums, products);
        }
    }

    @Override
    public void mapLanes(Tile x, Tile y, float[] center, float[] scale, float[] shift) {
        for (int row = 0; row < x.rows; row++) {
            ScalarFloatPieces.loadRow(x, row, first);
            ScalarFloatArrays.map(first, x.length, center, scale, shift);
            ScalarFloatPieces.storeRow(first, y, row);
        }
    }

    @Override
    public void mapBackwardLanes(Tile dy, Tile x, Tile dx, LaneMap<float[]> map) {
        for (int row = 0; row < x.rows; row++) {
            ScalarFloatPieces.loadRow(dy, row, first);
            ScalarFloatPieces.loadRow(x, row, second);
            ScalarFloatArrays.mapBackward(first, second, x.length, map);
            ScalarFloatPieces.storeRow(first, dx, row);
        }
    }
}
