package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A thread at work for {@link Rows}: sums and maps of the groups at which it is. Of several groups, which are the rows of
 * a tile, all sums are formed before the first is mapped.
 *
 * @param <A> type of arrays
 */
final class RowTask<A> extends RowMaps<A> {
    private static final int MAX = RowGeometry.MAX_BATCH;

    /** Sums and map of each group. */
    final Sums[] sums = new Sums[MAX];

    final Coefficients[] maps = Coefficients.newArray(MAX);
    final Sums segmentSums = new Sums();

    /** The numbers of each group, as {@link NormPass} orders them. */
    final double[][] statistics = new double[MAX][Slot.STATISTICS];

    /** Where contributions to dGamma and dBeta go; null for nowhere. */
    @Nullable ParameterSums<A> parameters;

    /** The parameter that is number 0 there. */
    long firstParameter;

    /** With which coefficients each x becomes x̂. */
    private final Coefficients[] xHats = Coefficients.newArray(MAX);

    /** What is mapped with the coefficients of one group. */
    private final Coefficients[] oneMap = new Coefficients[1];

    /** What nobody asks for, and what is on its way to memory. */
    private final A nowhere;

    private WideGroups<A> wide;

    /** The first of the groups at which it is. */
    private long firstGroup;

    private final RowMoments<A> moments;
    private final double[] pair = new double[2];

    /** Two sums of each row. */
    private final double[] first = new double[MAX];

    private final double[] second = new double[MAX];

    private final Tile row = new Tile();

    RowTask(Scratch<A> scratch) {
        super(scratch);
        this.nowhere = scratch.array(2);
        this.moments = new RowMoments<>(loops);
        Arrays.setAll(sums, i -> new Sums());
    }

    /**
     * Begins to work for a pass.
     *
     * @param of the pass
     * @param geometry how to walk through it
     * @param wideGroups told the number of every group that the range of the type is too small for
     */
    RowTask<A> start(Plan<A> of, RowGeometry geometry, WideGroups<A> wideGroups) {
        startMaps(of, geometry);
        wide = wideGroups;
        parameters = null;
        firstParameter = 0;
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
        plan.getStatistics(group, rows.along, i, of);
        pass.derive(of);
        if (rows.variesInRun) {
            xHats[i].center = of[NormPass.CENTER];
            xHats[i].scale = of[NormPass.SCALE];
            xHats[i].shift = NormPass.xHatShift(of);
        }
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
            case MOMENTS -> moments.addRows(in(), sums);
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
        switch (pass.reduction()) {
            case NONE, DOTS -> throw new IllegalStateException("these are no sums of one array");
            case SUM -> to.add(x.size(), loops.sum(x), 0);
            case SQUARES -> {
                loops.moments(x, 0, pair);
                to.add(x.size(), 0, pair[1]);
            }
            case MOMENTS -> moments.add(x, to);
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
            plan.putStatistics(group, rows.along, i, of);
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
