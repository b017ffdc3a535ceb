package io.github.dl4jnorm.internal.kernel;

import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All that a pass does of one group, in double and element by element.
 *
 * @param <A> type of arrays
 */
final class WideGroup<A> {
    private final Plan<A> plan;
    private final NormPass<A> pass;
    private final InnerLoops<A> loops;

    /** Whether gamma and beta differ within the group; else they are part of its coefficients. */
    private final boolean varies;

    private final Cursor group;
    private final Cursor outer;
    private final long outerSize;
    private final Axis inner;

    /** Where along the inner axis. */
    private long along;

    private final double[] statistics = new double[Slot.STATISTICS];
    private final Sums sums = new Sums();
    private final Coefficients map = new Coefficients();
    private final Coefficients forward = new Coefficients();

    /** Whether the forward map rounds each of its results, as the fast loops do. */
    private boolean rounds;

    /** The same of a backward map, where g is dy, so that a gradient that does not depend on x has the same bits. */
    private boolean roundsBackward;

    private double gamma;
    private double beta;

    /** Something that is done for the element at which this is. */
    private interface Visit {
        void element();
    }

    WideGroup(Plan<A> plan, InnerLoops<A> loops) {
        this.plan = plan;
        this.pass = plan.pass;
        this.loops = loops;
        Axis[] reduced = plan.space.reduced;
        int last = reduced.length - 1;
        Axis[] rest = Arrays.copyOf(reduced, Math.max(0, last));
        this.varies = Arrays.stream(reduced).anyMatch(Axis::isAffine);
        this.group = new Cursor(Slot.COUNT, plan.space.kept);
        this.outer = new Cursor(Slot.COUNT, rest);
        this.outerSize = Cursor.count(rest);
        this.inner = last < 0 ? Axis.NONE : reduced[last];
    }

    /** Does a group, and notes its sums if so wanted. */
    void run(long g, @Nullable GroupSums to) {
        seek(g);
        reduce();
        if (to != null) {
            to.set(g, sums, statistics);
        }
        pass.finish(sums, statistics, gamma, beta, map, loops);
        if (!pass.readsStatistics()) {
            plan.putStatistics(group, Axis.NONE, 0, statistics);
        }
        if (pass.isBackward()) {
            roundsBackward = !varies && Range.holdsBackwardMap(loops, map);
            walk(this::mapBackward);
        } else {
            rounds = pass.holdsForwardMap(statistics, map, loops);
            walk(this::mapForward);
        }
    }

    /** Adds what a group contributes to the gradients of parameters that vary within it. */
    void collect(long g, ParameterSums<A> to) {
        seek(g);
        double center = statistics[NormPass.CENTER];
        double scale = statistics[NormPass.SCALE];
        double shift = NormPass.xHatShift(statistics);
        walk(() -> {
            double dy = gradient();
            to.add(place(Slot.PARAMETER), dy * ((get(Slot.X, 0) - center) * scale + shift), dy);
        });
    }

    private void seek(long g) {
        group.seek(g);
        outer.seek(0);
        along = 0;
        gamma = varies ? 1 : get(Slot.GAMMA, 1);
        beta = varies ? 0 : get(Slot.BETA, 0);
        if (!pass.readsStatistics()) {
            return;
        }
        plan.getStatistics(group, Axis.NONE, 0, statistics);
        boolean scaleLost = pass.isScaleLost(statistics, loops);
        boolean floorLost = pass.isFloorLost(statistics, loops);
        pass.derive(statistics);
        if (scaleLost || floorLost) {
            statistics[NormPass.MEASURE] = measureOfX();
        }
        if (scaleLost) {
            statistics[NormPass.SCALE] = pass.statistic().scale().of(statistics[NormPass.MEASURE], pass.spec.eps());
        }
        if (pass.repeatsForwardMap()) {
            NormPass.forwardMap(statistics, gamma, beta, forward);
            rounds = pass.holdsForwardMap(statistics, forward, loops);
        }
    }

    private double measureOfX() {
        Statistic of = pass.statistic();
        double sum = of.measure() == Statistic.Measure.SUM_OF_VALUES
                ? sum(Slot.X)
                : squares(Slot.X, statistics[NormPass.CENTER] + statistics[NormPass.RESIDUAL]);
        return of.measure().of(sum, sums.count);
    }

    private void walk(Visit visit) {
        for (long place = 0; place < outerSize; place++) {
            outer.seek(place);
            for (along = 0; along < inner.size; along++) {
                visit.element();
            }
        }
    }

    private long place(int slot) {
        return group.at[slot] + outer.at[slot] + along * inner.strides[slot];
    }

    private double get(int slot, double absent) {
        return plan.get(slot, place(slot), absent);
    }

    private double sum(int slot) {
        sums.clear();
        walk(() -> sums.add(1, get(slot, 0), 0));
        return sums.a;
    }

    private void reduce() {
        switch (pass.reduction()) {
            case NONE -> sums.clear();
            case SUM -> sum(Slot.IN);
            case SQUARES -> squares(Slot.IN, 0);
            case MOMENTS -> moments();
            case DOTS -> dots();
        }
    }

    /** Sums up d and d² with d = x − center. */
    private double squares(int slot, double center) {
        sums.clear();
        walk(() -> {
            double d = get(slot, 0) - center;
            sums.add(1, d, d * d);
        });
        return sums.b;
    }

    private void moments() {
        double mean = sum(Slot.IN) / sums.count;
        squares(Slot.IN, mean);
        double n = sums.count;
        double offset = sums.a / n;
        double squares = sums.b - offset * sums.a;
        sums.clear();
        // A mean that is infinite has no rest.
        sums.addMoments(n, mean, Double.isFinite(offset) ? offset : 0, squares);
    }

    private void dots() {
        double center = statistics[NormPass.CENTER];
        sums.clear();
        walk(() -> {
            double g = weighted(gradient());
            sums.add(1, g, g * (get(Slot.X, 0) - center));
        });
    }

    /** dy, or what the activation lets through of it: the forward pass rounded y before it compared. */
    private double gradient() {
        double dy = get(Slot.IN, 0);
        return !pass.repeatsForwardMap() || loops.round(mapped(get(Slot.X, 0), forward)) > 0 ? dy : 0;
    }

    private double weighted(double dy) {
        return varies ? dy * get(Slot.GAMMA, 1) : dy;
    }

    /** γ·x̂ + β, with the bits of the fast loops where these can compute it. */
    private double mapped(double x, Coefficients c) {
        double xHat = round(round(round(x - round(c.center)) * round(c.scale)) + round(c.shift));
        return varies ? round(round(xHat * get(Slot.GAMMA, 1)) + get(Slot.BETA, 0)) : xHat;
    }

    private double round(double value) {
        return rounds ? loops.round(value) : value;
    }

    private double roundBackward(double value) {
        return roundsBackward ? loops.round(value) : value;
    }

    private void mapForward() {
        double y = mapped(get(Slot.IN, 0), map);
        plan.put(Slot.OUT, place(Slot.OUT), pass.isRectified() ? Math.max(y, 0) : y);
    }

    private void mapBackward() {
        double dx = roundBackward(weighted(gradient()) - roundBackward(map.gradientCenter));
        if (pass.mapsX()) {
            double centered = roundBackward(get(Slot.X, 0) - roundBackward(map.center));
            dx = roundBackward(dx - roundBackward(centered * roundBackward(map.slope)));
        }
        plan.put(Slot.OUT, place(Slot.OUT), roundBackward(dx * roundBackward(map.scale)) + roundBackward(map.shift));
    }
}
