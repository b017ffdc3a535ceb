package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;

/** A place in an iteration over axes, the last one fastest: for each operand, how far it is from its start. */
final class Cursor {
    private Axis[] axes;
    private long[] index;

    /** Distance from the start per operand; read only. */
    final long[] at;

    Cursor(int operands, Axis... axes) {
        this.axes = axes;
        this.index = new long[axes.length];
        this.at = new long[operands];
    }

    /** Goes to the first place of another iteration. */
    void start(Axis... over) {
        axes = over;
        if (index.length != axes.length) {
            index = new long[axes.length];
        }
        seek(0);
    }

    /** Number of places. */
    static long count(Axis... axes) {
        long count = 1;
        for (Axis axis : axes) {
            count *= axis.size;
        }
        return count;
    }

    /** Goes to a place, counted from 0. */
    void seek(long place) {
        Arrays.fill(at, 0);
        long rest = place;
        for (int a = axes.length - 1; a >= 0; a--) {
            Axis axis = axes[a];
            index[a] = rest % axis.size;
            rest /= axis.size;
            for (int i = 0; i < at.length; i++) {
                at[i] += index[a] * axis.strides[i];
            }
        }
    }

    /** Goes to the next place; after the last comes the first. */
    void next() {
        for (int a = axes.length - 1; a >= 0; a--) {
            Axis axis = axes[a];
            boolean carry = ++index[a] == axis.size;
            long steps = carry ? 1 - axis.size : 1;
            for (int i = 0; i < at.length; i++) {
                at[i] += steps * axis.strides[i];
            }
            if (!carry) {
                return;
            }
            index[a] = 0;
        }
    }
}
