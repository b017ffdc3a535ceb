package io.github.dl4jnorm.kernel;

import java.util.function.DoubleSupplier;

/**
 * One task of {@link Rows} at work: a place among the groups, and the chunk that is staged.
 *
 * @param <A> type of staging array
 */
final class RowTask<A> {
    /** Elements that are enough for a first guess at a mean. */
    private static final int GUESS_ELEMENTS = 16;

    final InnerLoops<A> loops;
    final Cursor group;
    final Sums sums = new Sums();
    final Sums segmentSums = new Sums();
    final Coefficients map = new Coefficients();

    /** Where contributions to dGamma and dBeta go; null for nowhere. */
    ParameterSums<A> parameters;

    /** The parameter that is number 0 there. */
    long firstParameter;

    private final RowGeometry rows;
    private final Plan<A> plan;
    private final NormPass<A> pass;
    private final Cursor run;

    /** Where that is; after the last run comes the first. */
    private long atRun;

    private final A in;
    private final A x;
    private final A gamma;
    private final A beta;
    private final A zeros;

    /** Where a backward pass repeats the forward map, and with which coefficients; else null. */
    private final A forward;

    private final Coefficients forwardMap = new Coefficients();
    private final double[] pair = new double[2];

    /** Whether the group is one chunk that is staged already, weighted with gamma in a backward pass. */
    private boolean staged;

    /** The numbers of the group, as {@link NormPass} orders them. */
    final double[] statistics = new double[Slot.STATISTICS];

    /** Which parameters are in gamma and beta. */
    private long loadedGroup = -1;

    private long loadedFrom;
    private int loadedCount;

    RowTask(Plan<A> plan, RowGeometry rows, Scratch<A> scratch) {
        this.rows = rows;
        this.plan = plan;
        this.pass = plan.pass;
        this.loops = scratch.loops;
        this.group = new Cursor(Slot.COUNT, plan.space.kept);
        this.run = new Cursor(Slot.COUNT, rows.outer);
        this.in = scratch.array(0);
        this.x = scratch.array(1);
        this.gamma = scratch.array(2);
        this.beta = scratch.array(3);
        this.zeros = scratch.zeros;
        this.forward = pass.repeatsForwardMap() ? scratch.array(4) : null;
    }

    void seek(long g) {
        group.seek(g);
        begin();
    }

    void nextGroup() {
        group.next();
        begin();
    }

    private void begin() {
        staged = false;
        if (pass.readsStatistics()) {
            for (int i = 0; i < statistics.length; i++) {
                statistics[i] = plan.get(Slot.STATISTIC + i, group.at[Slot.STATISTIC + i], 0);
            }
            pass.derive(statistics);
        }
        if (forward != null) {
            NormPass.forwardMap(statistics, ofGroup(Slot.GAMMA, 1), ofGroup(Slot.BETA, 0), forwardMap);
        }
    }

    /** The parameter of the whole group. */
    private double ofGroup(int slot, double absent) {
        return rows.varies ? absent : plan.get(slot, group.at[slot], absent);
    }

    /** Sums over a segment of the group. */
    void reduce(int segment, Sums to) {
        to.clear(base());
        if (pass.reduction() == Reduction.NONE) {
            return;
        }
        long end = rows.end(segment);
        for (long from = segment * RowGeometry.SEGMENT; from < end; ) {
            int n = rows.chunk(from, end);
            reduceChunk(from, n, to);
            from += n;
            staged = n == rows.groupSize;
        }
    }

    /** Sums over a segment of the group, in double throughout. */
    void reduceWide(int segment, Sums to) {
        to.clear(base());
        long end = rows.end(segment);
        for (long from = segment * RowGeometry.SEGMENT; from < end; ) {
            int n = rows.chunk(from, end);
            transfer(Slot.IN, from, n, in, false);
            to.add(n, WideRange.sum(loops, in, n), 0);
            from += n;
        }
    }

    /** See {@link NormPass#needsWideSums}. */
    boolean needsWideSums(Sums of) {
        return pass.needsWideSums(of, statistics, first());
    }

    /** What means of the group are counted from; the same for all its segments. */
    double base() {
        return pass.reduction() == Reduction.MOMENTS ? first() : 0;
    }

    private double first() {
        return plan.get(Slot.IN, group.at[Slot.IN], 0);
    }

    private void reduceChunk(long from, int n, Sums to) {
        boolean backward = pass.isBackward();
        stage(from, n, backward);
        if (backward && rows.varies) {
            collectAndWeigh(from, n);
        }
        switch (pass.reduction()) {
            case NONE -> throw new IllegalStateException("there is nothing to sum");
            case SUM -> to.add(n, orWide(loops.sum(in, n), () -> WideRange.sum(loops, in, n)), 0);
            case SQUARES -> {
                loops.moments(in, n, 0, pair);
                to.add(n, 0, orWide(pair[1], () -> WideRange.squares(loops, in, n)));
            }
            case MOMENTS -> addMoments(n, to);
            case DOTS -> {
                dots(n);
                to.add(n, pair[0], pair[1]);
            }
        }
    }

    /** A fast sum over the staged chunk if it is finite, or NaN because the data are; else what a slow one gives. */
    private double orWide(double fast, DoubleSupplier wide) {
        return Double.isFinite(fast) || startsWithNaN() ? fast : wide.getAsDouble();
    }

    private boolean startsWithNaN() {
        return Double.isNaN(loops.get(in, 0));
    }

    /** Sets the pair to Σdy, Σdy·(x−c) over the staged chunk. */
    private void dots(int n) {
        double center = statistics[NormPass.CENTER];
        loops.dots(in, x, n, center, pair);
        boolean finite = Double.isFinite(pair[0]) && Double.isFinite(pair[1]);
        if (!finite && !startsWithNaN() && !Double.isNaN(center)) {
            WideRange.dots(loops, in, x, n, center, pair);
        }
    }

    /**
     * Adds mean and squares of the staged chunk. They are taken around a value that is near the mean, as far as known;
     * if it was not near enough, again around the mean.
     */
    private void addMoments(int n, Sums to) {
        double shift = loops.round(to.count == 0 ? nearMean(n) : to.base + to.a);
        loops.moments(in, n, shift, pair);
        double offset = pair[0] / n;
        if (offset * offset > pair[1] / n - offset * offset) {
            shift = loops.round(shift + offset);
            loops.moments(in, n, shift, pair);
            offset = pair[0] / n;
        }
        if (Double.isFinite(pair[1]) || startsWithNaN()) {
            to.addMoments(n, shift - to.base + offset, Math.max(0, pair[1] - offset * pair[0]));
        } else {
            WideRange.moments(loops, in, n, pair);
            to.addMoments(n, pair[0] - to.base, pair[1]);
        }
    }

    /** The mean of the first few staged elements. */
    private double nearMean(int n) {
        int few = Math.min(n, GUESS_ELEMENTS);
        double sum = 0;
        for (int i = 0; i < few; i++) {
            sum += loops.get(in, i);
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
        long from = segment * RowGeometry.SEGMENT;
        long end = rows.end(segment);
        if (!staged && rows.mapsRuns) {
            mapRuns(from, end, c);
            return;
        }
        while (from < end) {
            int n = rows.chunk(from, end);
            if (!staged) {
                stage(from, n, pass.mapsX());
                if (pass.isBackward() && rows.varies) {
                    multiplyByGamma(from, n);
                }
            }
            mapStaged(from, n, c);
            transfer(Slot.OUT, from, n, in, true);
            from += n;
        }
    }

    /** Maps run by run, in pieces. */
    private void mapRuns(long from, long end, Coefficients c) {
        long length = rows.inner.size;
        long within = from % length;
        seekRun(from / length);
        for (long at = from; at < end; ) {
            int n = (int) Math.min(Math.min(Blocks.PIECE, length - within), end - at);
            copy(Slot.IN, placeInRun(Slot.IN, within), in, 0, n, false);
            if (pass.mapsX() || forward != null) {
                copy(Slot.X, placeInRun(Slot.X, within), x, 0, n, false);
            }
            if (forward != null) {
                passRectifier(at, n);
            }
            mapStaged(at, n, c);
            copy(Slot.OUT, placeInRun(Slot.OUT, within), in, 0, n, true);
            at += n;
            within += n;
            if (within == length) {
                within = 0;
                nextRun();
            }
        }
    }

    /** Maps one chunk of a backward pass and collects what it contributes to the gradients of the parameters. */
    void collectAndMap(long from, int n, Coefficients c) {
        stage(from, n, true);
        collectAndWeigh(from, n);
        mapStaged(from, n, c);
        transfer(Slot.OUT, from, n, in, true);
    }

    private void stage(long from, int n, boolean withX) {
        boolean both = withX || forward != null;
        if (both && rows.mapsRuns) {
            stageRuns(from, n);
        } else {
            transfer(Slot.IN, from, n, in, false);
            if (both) {
                transfer(Slot.X, from, n, x, false);
            }
        }
        if (forward != null) {
            passRectifier(from, n);
        }
    }

    /** Zeros the staged dy wherever the forward pass had a negative output, which it computes again. */
    private void passRectifier(long from, int n) {
        System.arraycopy(x, 0, forward, 0, n);
        mapForward(forward, from, n, forwardMap);
        loops.reluBackward(in, forward, n);
    }

    /** Brings dy and x to the staging arrays in turn, so that the processor fetches from two streams at once. */
    private void stageRuns(long from, int count) {
        long length = rows.inner.size;
        long within = from % length;
        seekRun(from / length);
        for (int at = 0; at < count; ) {
            int n = (int) Math.min(Math.min(Blocks.PIECE, length - within), count - at);
            copy(Slot.IN, placeInRun(Slot.IN, within), in, at, n, false);
            copy(Slot.X, placeInRun(Slot.X, within), x, at, n, false);
            at += n;
            within += n;
            if (within == length) {
                within = 0;
                nextRun();
            }
        }
    }

    private void mapStaged(long from, int n, Coefficients c) {
        if (pass.mapsX()) {
            loops.mapBackward(in, x, n, c.gradientCenter, c.center, c.slope, c.scale, c.shift);
        } else if (pass.isBackward()) {
            WideRange.map(loops, in, n, c.gradientCenter, c.scale, c.shift);
        } else {
            mapForward(in, from, n, c);
            if (pass.isRectified()) {
                loops.relu(in, n);
            }
        }
    }

    /** x ← γ·x̂ + β, rounded as {@link ColumnTask} does, because a backward pass may run there. */
    private void mapForward(A x, long from, int n, Coefficients c) {
        if (!rows.varies) {
            WideRange.map(loops, x, n, c.center, c.scale, c.shift);
        } else if (rows.variesInRun) {
            loadParameters(from, n);
            loops.mapAffine(x, n, c.center, c.scale, c.shift, gamma, beta);
        } else {
            loops.map(x, n, c.center, c.scale, c.shift);
            loops.map(x, n, 0, parameter(Slot.GAMMA, from, 1), parameter(Slot.BETA, from, 0));
        }
    }

    /** Takes what the staged chunk contributes to dGamma and dBeta, then multiplies dy by gamma. */
    private void collectAndWeigh(long from, int n) {
        if (parameters == null) {
            multiplyByGamma(from, n);
            return;
        }
        long first = place(Slot.PARAMETER, from) - firstParameter;
        if (rows.variesInRun) {
            loadParameters(from, n);
            ParameterSums.Lanes<A> lanes = parameters.take(first, n);
            loops.collectParameters(
                    in,
                    x,
                    n,
                    statistics[NormPass.CENTER],
                    statistics[NormPass.SCALE],
                    NormPass.xHatShift(statistics),
                    gamma,
                    lanes.forGamma,
                    lanes.forBeta);
        } else {
            dots(n);
            parameters.add(first, NormPass.sumOfGradientTimesXHat(pair[0], pair[1], statistics), pair[0]);
            multiplyByGamma(from, n);
        }
    }

    private void multiplyByGamma(long from, int n) {
        if (!plan.has(Slot.GAMMA)) {
            return;
        }
        if (rows.variesInRun) {
            loadParameters(from, n);
            loops.mapAffine(in, n, 0, 1, 0, gamma, zeros);
        } else {
            loops.map(in, n, 0, parameter(Slot.GAMMA, from, 1), 0);
        }
    }

    /** Brings the gamma and beta of a chunk to the indices of the chunk. */
    private void loadParameters(long from, int n) {
        long at = group.at[Slot.PARAMETER];
        if (at == loadedGroup && from == loadedFrom && n == loadedCount) {
            return;
        }
        loadOr(Slot.GAMMA, from, n, gamma, 1);
        loadOr(Slot.BETA, from, n, beta, 0);
        loadedGroup = at;
        loadedFrom = from;
        loadedCount = n;
    }

    private void loadOr(int slot, long from, int n, A to, double absent) {
        if (plan.has(slot)) {
            transfer(slot, from, n, to, false);
        } else {
            loops.fill(to, 0, n, absent);
        }
    }

    private double parameter(int slot, long from, double absent) {
        return plan.get(slot, place(slot, from), absent);
    }

    /** Where an element of the group is. */
    private long place(int slot, long element) {
        seekRun(element / rows.inner.size);
        return placeInRun(slot, element % rows.inner.size);
    }

    /** Stores the gradients of parameters [from, from+n), where every element of a group has its own. */
    void storeParameters(long from, int n, ParameterSums<A> gradients) {
        store(Slot.D_GAMMA, from, n, gradients.dGamma());
        store(Slot.D_BETA, from, n, gradients.dBeta());
    }

    private void store(int slot, long from, int n, double[] values) {
        if (plan.has(slot)) {
            for (int i = 0; i < n; i++) {
                loops.set(in, i, values[i]);
            }
            transfer(slot, from, n, in, true);
        }
    }

    /** Copies n elements of the group, from some element on, between memory and the beginning of an array. */
    private void transfer(int slot, long from, int n, A array, boolean toMemory) {
        long length = rows.inner.size;
        long within = from % length;
        seekRun(from / length);
        for (int done = 0; done < n; ) {
            long place = placeInRun(slot, within);
            int runs = within == 0 ? wholeRuns(slot, n - done) : 0;
            if (runs > 1) {
                copyRuns(slot, place, runs, array, done, toMemory);
                done += runs * (int) length;
                seekRun((from + done) / length);
            } else {
                int part = (int) Math.min(n - done, length - within);
                copy(slot, place, array, done, part, toMemory);
                done += part;
                within = 0;
                nextRun();
            }
        }
    }

    private void seekRun(long number) {
        if (number != atRun) {
            run.seek(number);
            atRun = number;
        }
    }

    private void nextRun() {
        run.next();
        atRun++;
    }

    /** Where an element of the run is. */
    private long placeInRun(int slot, long within) {
        return group.at[slot] + run.at[slot] + within * rows.inner.strides[slot];
    }

    /** How many of the next elements are runs of neighbours at equal distances. */
    private int wholeRuns(int slot, int elements) {
        return rows.outer.length == 1 && rows.inner.strides[slot] == 1 ? (int) (elements / rows.inner.size) : 0;
    }

    private void copyRuns(int slot, long place, int runs, A array, int at, boolean toMemory) {
        long step = rows.outer[0].strides[slot];
        int length = (int) rows.inner.size;
        if (toMemory) {
            plan.storeRuns(slot, place, step, runs, length, array, at);
        } else {
            plan.loadRuns(slot, place, step, runs, length, array, at);
        }
    }

    private void copy(int slot, long place, A array, int at, int n, boolean toMemory) {
        if (toMemory) {
            plan.store(slot, place, rows.inner.strides[slot], array, at, n);
        } else {
            plan.load(slot, place, rows.inner.strides[slot], array, at, n);
        }
    }
}
