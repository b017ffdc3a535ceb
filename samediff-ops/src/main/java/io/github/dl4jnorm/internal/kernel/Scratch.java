package io.github.dl4jnorm.internal.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * The scratch arrays and memory of one thread.
 *
 * @param <A> type of the arrays
 */
final class Scratch<A> {
    final InnerLoops<A> loops;
    private final List<A> arrays = new ArrayList<>();
    private final List<Memory<A>> memories = new ArrayList<>();
    private final List<double[]> lanes = new ArrayList<>();
    private final List<LaneMap<A>> laneMaps = new ArrayList<>();

    /** An array of zeros; not to be modified. */
    final A zeros;

    private final Cursor cursor = new Cursor(Slot.COUNT);

    Scratch(InnerLoops<A> loops) {
        this.loops = loops;
        this.zeros = loops.allocate(InnerLoops.CHUNK);
    }

    /** A cursor to start. */
    Cursor cursor() {
        return cursor;
    }

    /** The i-th array, of {@link InnerLoops#CHUNK} elements; made when first asked for, never cleared. */
    A array(int i) {
        while (arrays.size() <= i) {
            arrays.add(loops.allocate(InnerLoops.CHUNK));
        }
        return arrays.get(i);
    }

    /** The i-th array of doubles for {@link Columns}, one per lane; made when first asked for, never cleared. */
    double[] lanes(int i) {
        while (lanes.size() <= i) {
            lanes.add(new double[ColumnGeometry.WIDTH]);
        }
        return lanes.get(i);
    }

    /** The i-th memory for a tile; made when first asked for, never cleared. */
    Memory<A> memory(int i) {
        while (memories.size() <= i) {
            memories.add(loops.allocateMemory(InnerLoops.TILE));
        }
        return memories.get(i);
    }

    /** The i-th coefficients for a tile; made when first asked for, never cleared. */
    LaneMap<A> laneMap(int i) {
        while (laneMaps.size() <= i) {
            laneMaps.add(new LaneMap<>(() -> loops.allocate(ColumnGeometry.WIDTH)));
        }
        return laneMaps.get(i);
    }
}
