package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * A thread at work for {@link Rows}: sums and maps of the groups at which it is. Of several groups, which are the rows of
 * a tile, all sums are formed before the first is mapped.
 *
 * @param <A> type of arrays
 */
final class RowTask<A> extends RowTiles<A> {
    /** Elements that are enough for a first guess at a mean. */
    private static final int GUESS_ELEMENTS = 4;

    private static final int MAX = RowGeometry.MAX_BATCH;
    private static final long NONE = -1;

    final InnerLoops<A> loops;

    /** Sums and map of each group. */
    final Sums[] sums = new Sums[MAX];

    final Coefficients[] maps = new Coefficients[MAX];
    final Sums segmentSums = new Sums();

    /** The numbers of each group, as {@link NormPass} orders them. */
    final double[][] statistics = new double[MAX][Slot.STATISTICS];

    /** Where contributions to dGamma and dBeta go; null for nowhere. */
    ParameterSums<A> parameters;

    /** The parameter that is number 0 there. */
    long firstParameter;

    private final A gamma;
    private final A beta;
    private final A zeros;
    private final A nowhere;

    /** With which coefficients a backward pass repeats the forward map, if it does; and x̂. */
    private final Coefficients[] forwardMaps = new Coefficients[MAX];

    private final Coefficients[] xHats = new Coefficients[MAX];

    /** What is mapped with the coefficients of one group. */
    private final Coefficients[] oneMap = new Coefficients[1];

    private final Coefficients[] identities = new Coefficients[MAX];

    private NormPass<A> pass;
    private WideGroups<A> wide;

    /** The first of the groups at which it is. */
    private long firstGroup;

    private final double[] pair = new double[2];

    /** Of each row: what deviations are taken from, and two sums. */
    private final double[] shifts = new double[MAX];

    private final double[] first = new double[MAX];
    private final double[] second = new double[MAX];

    private final Tile row = new Tile();
    private final Tile otherRow = new Tile();

    /** The gradient behind the activation in the open tile, if asked for already. */
    private Tile rectified;

    /** Which parameters are in gamma and beta. */
    private long loadedGroup = NONE;

    private long loadedTile;

    RowTask(Scratch<A> scratch) {
        super(scratch);
        this.loops = scratch.loops;
        this.gamma = scratch.array(0);
        this.beta = scratch.array(1);
        this.nowhere = scratch.array(2);
        this.zeros = scratch.zeros;
        Arrays.setAll(sums, i -> new Sums());
        for (Coefficients[] all : List.of(maps, forwardMaps, xHats, identities)) {
            Arrays.setAll(all, i -> new Coefficients());
        }
        for (Coefficients identity : identities) {
            identity.scale = 1;
        }
    }

    /**
     * Begins to work for a pass.
     *
     * @param of the pass
     * @param geometry how to walk through it
     * @param wideGroups told the number of every group that the range of the type is too small for
     */
    RowTask<A> start(Plan<A> of, RowGeometry geometry, WideGroups<A> wideGroups) {
        startWalk(of, geometry);
        wide = wideGroups;
        pass = of.pass;
        parameters = null;
        firstParameter = 0;
        loadedGroup = NONE;
        return this;
    }

    /** Goes to one group. */
    void seek(long g) {
        seek(g, 1);
    }

    /** Goes to some groups. */
    void seek(long g, int count) {
        goTo(g, count);
        firstGroup = g;
        begin();
    }

    void nextGroup() {
        goToNext();
        firstGroup++;
        begin();
    }

    private void begin() {
        for (int i = 0; i < groups; i++) {
            if (pass.readsStatistics()) {
                readStatistics(i);
            }
            if (pass.repeatsForwardMap()) {
                NormPass.forwardMap(statistics[i], ofGroup(Slot.GAMMA, 1), ofGroup(Slot.BETA, 0), forwardMaps[i]);
            }
        }
    }

    private void readStatistics(int i) {
        double[] of = statistics[i];
        for (int k = 0; k < of.length; k++) {
            int slot = Slot.STATISTIC + k;
            of[k] = plan.get(slot, placeOfGroup(slot, i), 0);
        }
        pass.derive(of);
        if (rows.variesInRun) {
            xHats[i].center = of[NormPass.CENTER];
            xHats[i].scale = of[NormPass.SCALE];
            xHats[i].shift = NormPass.xHatShift(of);
        }
    }

    /** The parameter of the whole group. */
    private double ofGroup(int slot, double absent) {
        return rows.varies ? absent : plan.get(slot, placeOfGroup(slot, 0), absent);
    }

    private void openTile(long tile) {
        if (open(tile)) {
            rectified = null;
        }
    }

    /** dy, or what the activation lets through of it. */
    private Tile gradient() {
        Tile dy = in();
        if (!pass.repeatsForwardMap()) {
            return dy;
        }
        if (rectified == null) {
            Tile y = tiles.spare(0, dy);
            mapForward(x(), y, forwardMaps);
            rectified = tiles.spare(1, dy);
            loops.reluBackward(dy, y, rectified);
        }
        return rectified;
    }

    /** Sums over a segment of the group. */
    void reduce(int segment, Sums to) {
        to.clear();
        if (pass.reduction() == Reduction.NONE) {
            return;
        }
        for (long tile = rows.firstTile(segment); tile < rows.firstTile(segment + 1); tile++) {
            openTile(tile);
            reduceTile(to);
        }
    }

    /** Begins the sums of the group, to merge those of its segments. */
    void clearSums() {
        sums[0].clear();
    }

    /** Sums over each of the groups. */
    void reduceRows() {
        for (int i = 0; i < groups; i++) {
            sums[i].clear();
        }
        openTile(0);
        switch (pass.reduction()) {
            case NONE -> {}
            case SUM, SQUARES -> {
                for (int i = 0; i < groups; i++) {
                    reduceTile(row.rowOf(in(), i), sums[i]);
                }
            }
            case MOMENTS -> momentsOfRows();
            case DOTS -> {
                dotsOfRows();
                for (int i = 0; i < groups; i++) {
                    sums[i].add(length(), first[i], second[i]);
                }
            }
        }
    }

    private void reduceTile(Sums to) {
        if (pass.reduction() == Reduction.DOTS) {
            sumGradient();
            to.add(size(), pair[0], pair[1]);
        } else {
            reduceTile(in(), to);
        }
    }

    private void reduceTile(Tile x, Sums to) {
        long n = (long) x.rows * x.length;
        switch (pass.reduction()) {
            case NONE, DOTS -> throw new IllegalStateException("these are no sums of one array");
            case SUM -> to.add(n, loops.sum(x), 0);
            case SQUARES -> {
                loops.moments(x, 0, pair);
                to.add(n, 0, pair[1]);
            }
            case MOMENTS -> addMoments(x, n, to);
        }
    }

    /** Sets the pair to Σg, Σg·(x−c) over the open tile, g = γ·dy, and takes what it contributes to dGamma and dBeta. */
    private void sumGradient() {
        if (rows.variesInRun) {
            dotsOfRows();
            pair[0] = first[0];
            pair[1] = second[0];
            return;
        }
        loops.dots(gradient(), x(), statistics[0][NormPass.CENTER], pair);
        if (rows.varies) {
            if (parameters != null) {
                double forGamma = NormPass.sumOfGradientTimesXHat(pair[0], pair[1], statistics[0]);
                parameters.add(place(Slot.PARAMETER) - firstParameter, forGamma, pair[0]);
            }
            double weight = parameter(Slot.GAMMA, 1);
            pair[0] *= weight;
            pair[1] *= weight;
        }
    }

    /** Sets first and second to Σg and Σg·(x−c) of each row, and takes what it contributes to dGamma and dBeta. */
    private void dotsOfRows() {
        loadParameters();
        A forGamma = nowhere;
        A forBeta = nowhere;
        if (parameters != null) {
            ParameterSums.Lanes<A> lanes = parameters.take(place(Slot.PARAMETER) - firstParameter, length(), groups);
            forGamma = lanes.forGamma;
            forBeta = lanes.forBeta;
        }
        loops.dotsRows(gradient(), x(), xHats, gamma, forGamma, forBeta, first, second);
    }

    /** Sets mean and squares of each row, taken around a value that is near the mean if the guess is a good one. */
    private void momentsOfRows() {
        Tile x = in();
        double n = length();
        for (int i = 0; i < groups; i++) {
            shifts[i] = loops.round(nearMean(x, i));
        }
        loops.momentsRows(x, shifts, first, second);
        for (int i = 0; i < groups; i++) {
            double offset = first[i] / n;
            if (Double.isFinite(second[i]) && isNear(offset, second[i] / n)) {
                addMoments(n, shifts[i], offset, first[i], second[i], sums[i]);
            } else {
                addMoments(row.rowOf(x, i), length(), sums[i]);
            }
        }
    }

    /**
     * Adds mean and squares of a tile. They are taken around a value that is near the mean, as far as known; if it was not
     * near enough, again around the mean.
     */
    private void addMoments(Tile x, long n, Sums to) {
        double shift = loops.round(to.count == 0 ? nearMean(x, 0) : to.a);
        loops.moments(x, shift, pair);
        double offset = pair[0] / n;
        if (!isNear(offset, pair[1] / n)) {
            shift = loops.round(shift + offset);
            loops.moments(x, shift, pair);
            offset = pair[0] / n;
        }
        addMoments(n, shift, offset, pair[0], pair[1], to);
    }

    /** Whether a mean is at most a standard deviation away; given it and the mean of the squares, both from one value. */
    private static boolean isNear(double offset, double squares) {
        return !(offset * offset > squares - offset * offset);
    }

    private static void addMoments(double n, double shift, double offset, double sum, double squares, Sums to) {
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

    /** Sets the map of each of the groups from its sums. */
    void finish() {
        for (int i = 0; i < groups; i++) {
            finish(i, maps[i]);
        }
    }

    /** Sets the map of the i-th group from its sums. */
    void finish(int i, Coefficients to) {
        double[] of = statistics[i];
        pass.finish(sums[i], of, ofGroup(Slot.GAMMA, 1), ofGroup(Slot.BETA, 0), to, loops);
        if (!pass.readsStatistics()) {
            for (int k = 0; k < of.length; k++) {
                int slot = Slot.STATISTIC + k;
                plan.put(slot, placeOfGroup(slot, i), of[k]);
            }
        }
        boolean overflows =
                pass.overflows(sums[i], of) && !Double.isNaN(plan.get(Slot.IN, placeOfGroup(Slot.IN, i), 0));
        if (overflows || !pass.fits(sums[i], of, to, forwardMaps[i], loops)) {
            wide.add(firstGroup + i);
        }
    }

    /** Maps each of the groups, which are rows. */
    void mapRows() {
        openTile(0);
        mapTile(maps);
    }

    /** Maps a segment of the group. */
    void map(int segment, Coefficients c) {
        oneMap[0] = c;
        for (long tile = rows.firstTile(segment); tile < rows.firstTile(segment + 1); tile++) {
            openTile(tile);
            mapTile(oneMap);
        }
    }

    /** Maps one tile of a backward pass and takes what it contributes to the gradients of the parameters. */
    void collectAndMap(long tile, Coefficients c) {
        openTile(tile);
        sumGradient();
        oneMap[0] = c;
        mapTile(oneMap);
    }

    private void mapTile(Coefficients[] c) {
        if (pass.isBackward()) {
            Tile g = gradient();
            mapBackward(g, toWrite(), c);
        } else {
            Tile x = in();
            Tile y = toWrite();
            mapForward(x, y, c);
            if (pass.isRectified()) {
                loops.relu(y);
            }
        }
        tiles.written();
    }

    /** y = γ·x̂ + β, rounded as {@link ColumnTask} does, because a backward pass may run there. */
    private void mapForward(Tile x, Tile y, Coefficients[] maps) {
        if (rows.variesInRun) {
            loadParameters();
            loops.mapRows(x, y, maps, gamma, beta);
            return;
        }
        Coefficients c = maps[0];
        if (!rows.varies) {
            loops.map(x, y, c.center, c.scale, c.shift);
        } else {
            double weight = parameter(Slot.GAMMA, 1);
            loops.mapAffine(x, y, c.center, c.scale, c.shift, weight, parameter(Slot.BETA, 0));
        }
    }

    private void mapBackward(Tile g, Tile dx, Coefficients[] maps) {
        if (!pass.mapsX()) {
            mapGradient(weighted(g), dx, maps);
            return;
        }
        Tile x = x();
        if (rows.variesInRun) {
            loadParameters();
            loops.mapBackwardRows(g, x, dx, maps, gamma);
            return;
        }
        Coefficients c = maps[0];
        if (!rows.varies) {
            loops.mapBackward(g, x, dx, c.gradientCenter, c.center, c.slope, c.scale, c.shift);
        } else {
            double weight = parameter(Slot.GAMMA, 1);
            loops.mapBackwardAffine(g, x, dx, c.gradientCenter, c.center, c.slope, c.scale, c.shift, weight);
        }
    }

    private void mapGradient(Tile g, Tile dx, Coefficients[] maps) {
        if (groups == 1) {
            loops.map(g, dx, maps[0].gradientCenter, maps[0].scale, maps[0].shift);
            return;
        }
        for (int i = 0; i < groups; i++) {
            Coefficients c = maps[i];
            loops.map(row.rowOf(g, i), otherRow.rowOf(dx, i), c.gradientCenter, c.scale, c.shift);
        }
    }

    /** The gradient times gamma, where that differs within the group. */
    private Tile weighted(Tile g) {
        if (!rows.varies || !plan.has(Slot.GAMMA)) {
            return g;
        }
        Tile to = tiles.spare(2, g);
        if (rows.variesInRun) {
            loadParameters();
            loops.mapRows(g, to, identities, gamma, zeros);
        } else {
            loops.map(g, to, 0, parameter(Slot.GAMMA, 1), 0);
        }
        return to;
    }

    /** Brings gamma and beta of the columns of the open tile to arrays. */
    private void loadParameters() {
        long at = placeOfGroup(Slot.PARAMETER, 0);
        if (at == loadedGroup && openTile() == loadedTile) {
            return;
        }
        loadOr(Slot.GAMMA, gamma, 1);
        loadOr(Slot.BETA, beta, 0);
        loadedGroup = at;
        loadedTile = openTile();
    }

    private void loadOr(int slot, A to, double absent) {
        if (plan.has(slot)) {
            plan.load(slot, place(slot), rows.inner.strides[slot], to, 0, length());
        } else {
            loops.fill(to, 0, length(), absent);
        }
    }

    /** The parameter of the open tile, where it differs from tile to tile only. */
    private double parameter(int slot, double absent) {
        return plan.get(slot, place(slot), absent);
    }

    /** Begins to collect the gradients of the parameters of one tile, where every element of a group has its own. */
    void collectOnly(long tile) {
        openTile(tile);
        parameters = new ParameterSums<>(length(), loops);
        firstParameter = place(Slot.PARAMETER);
    }

    /** Stores what has been collected of that tile. */
    void storeCollected(long tile) {
        openTile(tile);
        parameters.flush();
        wide.check(parameters);
        store(Slot.D_GAMMA, parameters.dGamma());
        store(Slot.D_BETA, parameters.dBeta());
    }

    private void store(int slot, double[] values) {
        if (plan.has(slot)) {
            loops.narrow(values, length(), nowhere);
            plan.store(slot, place(slot), rows.inner.strides[slot], nowhere, 0, length());
        }
    }
}
