package io.github.dl4jnorm.internal.kernel;

/**
 * Mean and squares of rows. They are taken around a value that is near the mean, as far as known; if it was not near
 * enough, again around the mean.
 *
 * @param <A> type of arrays
 */
final class RowMoments<A> {
    /** Elements that are enough for a first guess at a mean. */
    private static final int GUESS_ELEMENTS = 4;

    private final InnerLoops<A> loops;
    private final double[] pair = new double[2];

    /** Of each row: what deviations are taken from, and two sums. */
    private final double[] shifts = new double[RowGeometry.MAX_BATCH];

    private final double[] first = new double[RowGeometry.MAX_BATCH];
    private final double[] second = new double[RowGeometry.MAX_BATCH];

    private final Tile row = new Tile();

    RowMoments(InnerLoops<A> loops) {
        this.loops = loops;
    }

    /** Adds those of each row. Modified: to. */
    void addRows(Tile x, Sums[] to) {
        double n = x.length;
        for (int i = 0; i < x.rows; i++) {
            shifts[i] = loops.round(nearMean(x, i));
        }
        loops.momentsRows(x, shifts, first, second);
        for (int i = 0; i < x.rows; i++) {
            double offset = first[i] / n;
            if (Double.isFinite(second[i]) && isNear(offset, second[i] / n)) {
                add(n, shifts[i], offset, first[i], second[i], to[i]);
            } else {
                add(row.rowOf(x, i), to[i]);
            }
        }
    }

    /** Adds those of a tile. Modified: to. */
    void add(Tile x, Sums to) {
        double n = x.size();
        double shift = loops.round(to.count == 0 ? nearMean(x, 0) : to.a);
        loops.moments(x, shift, pair);
        double offset = pair[0] / n;
        if (!isNear(offset, pair[1] / n)) {
            shift = loops.round(shift + offset);
            loops.moments(x, shift, pair);
            offset = pair[0] / n;
        }
        add(n, shift, offset, pair[0], pair[1], to);
    }

    /** Whether a mean is at most a standard deviation away; given it and the mean of the squares, both from one value. */
    private static boolean isNear(double offset, double squares) {
        return !(offset * offset > squares - offset * offset);
    }

    private static void add(double n, double shift, double offset, double sum, double squares, Sums to) {
        to.addMoments(n, shift, offset, Math.max(0, squares - offset * sum));
    }

    /** The mean of the first few elements of a row. */
    private double nearMean(Tile x, int row) {
        int few = Math.min(x.length, GUESS_ELEMENTS);
        double sum = 0;
        for (int i = 0; i < few; i++) {
            sum += loops.get(x, row, i);
        }
        return sum / few;
    }
}
