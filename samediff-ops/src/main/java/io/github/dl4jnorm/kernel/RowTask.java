package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * A thread at work for {@link Rows}: a place among the groups, and a tile of the group.
 *
 * @param <A> type of arrays
 */
final class RowTask<A> {
    /** Elements that are enough for a first guess at a mean. */
    private static final int GUESS_ELEMENTS = 4;

    private static final long NONE = -1;

    final InnerLoops<A> loops;
    final Cursor group = new Cursor(Slot.COUNT);
    final Sums sums = new Sums();
    final Sums segmentSums = new Sums();
    final Coefficients map = new Coefficients();

    /** Coefficients of the groups of a batch. */
    final Coefficients[] maps = new Coefficients[RowGeometry.MAX_BATCH];

    /** The numbers of the group, as {@link NormPass} orders them. */
    final double[] statistics = new double[Slot.STATISTICS];

    /** Where contributions to dGamma and dBeta go; null for nowhere. */
    ParameterSums<A> parameters;

    /** The parameter that is number 0 there. */
    long firstParameter;

    private final Tiles<A> tiles;
    private final Cursor outer = new Cursor(Slot.COUNT);

    /** Where that is. */
    private long atOuter;

    private final A gamma;
    private final A beta;
    private final A zeros;
    private final A nowhere;

    /** With which coefficients a backward pass repeats the forward map, if it does. */
    private final Coefficients forwardMap = new Coefficients();

    private RowGeometry rows;
    private Plan<A> plan;
    private NormPass<A> pass;

    private final double[] pair = new double[2];

    /** The open tile: its number, its first run along {@link RowGeometry#next}, and its place in the run. */
    private long open;

    private long firstRun;
    private int runs;
    private long from;
    private int length;

    /** The input, x in a backward pass, and the gradient behind the activation in the open tile, if asked for already. */
    private Tile in;

    private Tile x;
    private Tile rectified;

    /** What means of the group are counted from. */
    private double base;

    /** Which parameters are in gamma and beta. */
    private long loadedGroup = NONE;

    private long loadedTile;

    RowTask(Scratch<A> scratch) {
        this.loops = scratch.loops;
        this.tiles = new Tiles<>(scratch);
        this.gamma = scratch.array(0);
        this.beta = scratch.array(1);
        this.nowhere = scratch.array(2);
        this.zeros = scratch.zeros;
        Arrays.setAll(maps, i -> new Coefficients());
    }

    /** Begins to work for a pass. */
    RowTask<A> start(Plan<A> of, RowGeometry geometry) {
        rows = geometry;
        plan = of;
        pass = of.pass;
        tiles.start(of);
        group.start(of.space.kept);
        outer.start(geometry.outer);
        atOuter = 0;
        firstRun = 0;
        runs = geometry.tileRuns;
        from = 0;
        length = geometry.pieceLength;
        parameters = null;
        firstParameter = 0;
        loadedGroup = NONE;
        return this;
    }

    void seek(long g) {
        group.seek(g);
        begin();
    }

    void nextGroup() {
        group.next();
        begin();
    }

    /** As {@link #seek}, for groups whose sums are known. */
    void seekToMap(long g) {
        group.seek(g);
        beginToMap();
    }

    void nextToMap() {
        group.next();
        beginToMap();
    }

    private void beginToMap() {
        if (pass.repeatsForwardMap()) {
            begin();
        } else {
            open = NONE;
        }
    }

    private void begin() {
        open = NONE;
        base = pass.reduction() == Reduction.MOMENTS ? plan.get(Slot.IN, group.at[Slot.IN], 0) : 0;
        if (pass.readsStatistics()) {
            for (int i = 0; i < statistics.length; i++) {
                statistics[i] = plan.get(Slot.STATISTIC + i, group.at[Slot.STATISTIC + i], 0);
            }
            pass.derive(statistics);
        }
        if (pass.repeatsForwardMap()) {
            NormPass.forwardMap(statistics, ofGroup(Slot.GAMMA, 1), ofGroup(Slot.BETA, 0), forwardMap);
        }
    }

    /** The parameter of the whole group. */
    private double ofGroup(int slot, double absent) {
        return rows.varies ? absent : plan.get(slot, group.at[slot], absent);
    }

    private void open(long tile) {
        if (tile == open) {
            return;
        }
        open = tile;
        in = null;
        x = null;
        rectified = null;
        if (rows.tiles == 1) {
            return;
        }
        from = tile % rows.pieces * rows.pieceLength;
        length = (int) Math.min(rows.pieceLength, rows.inner.size - from);
        long place = tile / rows.pieces;
        firstRun = place % rows.tilesAlongNext * rows.tileRuns;
        runs = (int) Math.min(rows.tileRuns, rows.next.size - firstRun);
        long band = place / rows.tilesAlongNext;
        if (band != atOuter) {
            outer.seek(band);
            atOuter = band;
        }
    }

    /** Where the open tile begins. */
    private long place(int slot) {
        return group.at[slot] + outer.at[slot] + firstRun * rows.next.strides[slot] + from * rows.inner.strides[slot];
    }

    private Tile in() {
        if (in == null) {
            in = read(Slot.IN);
        }
        return in;
    }

    private Tile x() {
        if (x == null) {
            x = read(Slot.X);
        }
        return x;
    }

    private Tile read(int slot) {
        long step = rows.next.strides[slot];
        return tiles.read(slot, place(slot), step, rows.inner.strides[slot], runs, length, rows.join(runs));
    }

    private Tile toWrite() {
        long step = rows.next.strides[Slot.OUT];
        return tiles.toWrite(place(Slot.OUT), step, rows.inner.strides[Slot.OUT], runs, length, rows.join(runs));
    }

    /** dy, or what the activation lets through of it. */
    private Tile gradient() {
        Tile dy = in();
        if (!pass.repeatsForwardMap()) {
            return dy;
        }
        if (rectified == null) {
            Tile y = tiles.spare(0, dy);
            mapForward(x(), y, forwardMap);
            rectified = tiles.spare(1, dy);
            loops.reluBackward(dy, y, rectified);
        }
        return rectified;
    }

    /** Sums over a segment of the group. */
    void reduce(int segment, Sums to) {
        to.clear(base);
        if (pass.reduction() == Reduction.NONE) {
            return;
        }
        for (long tile = rows.firstTile(segment); tile < rows.firstTile(segment + 1); tile++) {
            open(tile);
            reduceTile((long) runs * length, to);
        }
    }

    /** What means of the group are counted from; the same for all its segments. */
    double base() {
        return base;
    }

    private void reduceTile(long n, Sums to) {
        switch (pass.reduction()) {
            case NONE -> throw new IllegalStateException("there is nothing to sum");
            case SUM -> {
                Tile x = in();
                double sum = loops.sum(x);
                to.add(n, isTrue(sum, x) ? sum : WideRange.sum(loops, x), 0);
            }
            case SQUARES -> {
                Tile x = in();
                loops.moments(x, 0, pair);
                to.add(n, 0, isTrue(pair[1], x) ? pair[1] : WideRange.squares(loops, x));
            }
            case MOMENTS -> addMoments(in(), n, to);
            case DOTS -> {
                sumGradient();
                to.add(n, pair[0], pair[1]);
            }
        }
    }

    /** Whether a fast sum over a tile is right: it is if it is finite, or NaN because the data are. */
    private boolean isTrue(double sum, Tile of) {
        return Double.isFinite(sum) || Double.isNaN(loops.get(of, 0, 0));
    }

    /** Sets the pair to Σg, Σg·(x−c) over the open tile, g = γ·dy, and takes what it contributes to dGamma and dBeta. */
    private void sumGradient() {
        if (rows.variesInRun) {
            sumWeightedGradient();
            return;
        }
        dots(gradient(), x());
        if (rows.varies) {
            if (parameters != null) {
                double forGamma = NormPass.sumOfGradientTimesXHat(pair[0], pair[1], statistics);
                parameters.add(place(Slot.PARAMETER) - firstParameter, forGamma, pair[0]);
            }
            double weight = parameter(Slot.GAMMA, 1);
            pair[0] *= weight;
            pair[1] *= weight;
        }
    }

    private void dots(Tile dy, Tile x) {
        double center = statistics[NormPass.CENTER];
        loops.dots(dy, x, center, pair);
        if (needsWideDots(dy)) {
            WideRange.dots(loops, dy, x, center, null, pair);
        }
    }

    private void sumWeightedGradient() {
        loadParameters();
        A forGamma = nowhere;
        A forBeta = nowhere;
        if (parameters != null) {
            ParameterSums.Lanes<A> lanes = parameters.take(place(Slot.PARAMETER) - firstParameter, length);
            forGamma = lanes.forGamma;
            forBeta = lanes.forBeta;
        }
        double center = statistics[NormPass.CENTER];
        Tile dy = gradient();
        Tile x = x();
        loops.dotsAffine(
                dy,
                x,
                center,
                statistics[NormPass.SCALE],
                NormPass.xHatShift(statistics),
                gamma,
                forGamma,
                forBeta,
                pair);
        if (needsWideDots(dy)) {
            WideRange.dots(loops, dy, x, center, gamma, pair);
        }
    }

    private boolean needsWideDots(Tile dy) {
        boolean right = isTrue(pair[0], dy) && isTrue(pair[1], dy);
        return !right && !Double.isNaN(statistics[NormPass.CENTER]);
    }

    /**
     * Adds mean and squares of the open tile. They are taken around a value that is near the mean, as far as known; if it
     * was not near enough, again around the mean.
     */
    private void addMoments(Tile x, long n, Sums to) {
        double shift = loops.round(to.count == 0 ? nearMean(x) : to.base + to.a);
        loops.moments(x, shift, pair);
        double offset = pair[0] / n;
        if (offset * offset > pair[1] / n - offset * offset) {
            shift = loops.round(shift + offset);
            loops.moments(x, shift, pair);
            offset = pair[0] / n;
        }
        if (isTrue(pair[1], x)) {
            to.addMoments(n, shift - to.base + offset, Math.max(0, pair[1] - offset * pair[0]));
        } else {
            WideRange.moments(loops, x, pair);
            to.addMoments(n, pair[0] - to.base, pair[1]);
        }
    }

    /** The mean of the first few elements of a tile. */
    private double nearMean(Tile x) {
        int few = Math.min(x.length, GUESS_ELEMENTS);
        double sum = 0;
        for (int i = 0; i < few; i++) {
            sum += loops.get(x, 0, i);
        }
        return sum / few;
    }

    /** Sets the coefficients of the group. */
    void finish(Sums total, Coefficients to) {
        pass.finish(total, statistics, ofGroup(Slot.GAMMA, 1), ofGroup(Slot.BETA, 0), to, loops);
        if (!pass.readsStatistics()) {
            for (int i = 0; i < statistics.length; i++) {
                plan.put(Slot.STATISTIC + i, group.at[Slot.STATISTIC + i], statistics[i]);
            }
        }
    }

    /** Maps a segment of the group. */
    void map(int segment, Coefficients c) {
        for (long tile = rows.firstTile(segment); tile < rows.firstTile(segment + 1); tile++) {
            open(tile);
            mapTile(c);
        }
    }

    /** Maps one tile of a backward pass and takes what it contributes to the gradients of the parameters. */
    void collectAndMap(long tile, Coefficients c) {
        open(tile);
        sumGradient();
        mapTile(c);
    }

    private void mapTile(Coefficients c) {
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
    private void mapForward(Tile x, Tile y, Coefficients c) {
        if (!rows.varies) {
            WideRange.map(loops, x, y, c.center, c.scale, c.shift);
        } else if (rows.variesInRun) {
            loadParameters();
            loops.mapAffine(x, y, c.center, c.scale, c.shift, gamma, beta);
        } else {
            double weight = parameter(Slot.GAMMA, 1);
            loops.mapAffine(x, y, c.center, c.scale, c.shift, weight, parameter(Slot.BETA, 0));
        }
    }

    private void mapBackward(Tile g, Tile dx, Coefficients c) {
        if (!pass.mapsX()) {
            WideRange.map(loops, weighted(g), dx, c.gradientCenter, c.scale, c.shift);
            return;
        }
        Tile x = x();
        if (!rows.varies) {
            loops.mapBackward(g, x, dx, c.gradientCenter, c.center, c.slope, c.scale, c.shift);
        } else if (rows.variesInRun) {
            loadParameters();
            loops.mapBackwardAffine(g, x, dx, c.gradientCenter, c.center, c.slope, c.scale, c.shift, gamma);
        } else {
            double weight = parameter(Slot.GAMMA, 1);
            loops.mapBackwardAffine(g, x, dx, c.gradientCenter, c.center, c.slope, c.scale, c.shift, weight);
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
            loops.mapAffine(g, to, 0, 1, 0, gamma, zeros);
        } else {
            loops.map(g, to, 0, parameter(Slot.GAMMA, 1), 0);
        }
        return to;
    }

    /** Brings gamma and beta of the columns of the open tile to arrays. */
    private void loadParameters() {
        long at = group.at[Slot.PARAMETER];
        if (at == loadedGroup && open == loadedTile) {
            return;
        }
        loadOr(Slot.GAMMA, gamma, 1);
        loadOr(Slot.BETA, beta, 0);
        loadedGroup = at;
        loadedTile = open;
    }

    private void loadOr(int slot, A to, double absent) {
        if (plan.has(slot)) {
            plan.load(slot, place(slot), rows.inner.strides[slot], to, 0, length);
        } else {
            loops.fill(to, 0, length, absent);
        }
    }

    /** The parameter of the open tile, where it differs from tile to tile only. */
    private double parameter(int slot, double absent) {
        return plan.get(slot, place(slot), absent);
    }

    /** Begins to collect the gradients of the parameters of one tile, where every element of a group has its own. */
    void collectOnly(long tile) {
        open(tile);
        parameters = new ParameterSums<>(length, loops);
        firstParameter = place(Slot.PARAMETER);
    }

    /** Stores what has been collected of that tile. */
    void storeCollected(long tile) {
        open(tile);
        parameters.flush();
        store(Slot.D_GAMMA, parameters.dGamma());
        store(Slot.D_BETA, parameters.dBeta());
    }

    private void store(int slot, double[] values) {
        if (plan.has(slot)) {
            loops.narrow(values, length, nowhere);
            plan.store(slot, place(slot), rows.inner.strides[slot], nowhere, 0, length);
        }
    }
}
