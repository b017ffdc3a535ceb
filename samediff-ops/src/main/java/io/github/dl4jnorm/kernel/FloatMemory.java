package io.github.dl4jnorm.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/** Memory of type float. */
public final class FloatMemory implements Memory<float[]> {
    /** Elements per window, as a power of two. */
    public static final int WINDOW_SHIFT = 28;

    /** Longest run that is copied element by element: calling the bulk copy costs about as much. */
    private static final int SHORT = 16;

    private final FloatBuffer[] buffers;
    private final Windows windows;

    /**
     * Memory seen through buffers of 2^{@value #WINDOW_SHIFT} elements each; the last may be shorter.
     *
     * @param buffers one or more buffers, in order
     */
    public FloatMemory(List<FloatBuffer> buffers) {
        this(buffers, WINDOW_SHIFT);
    }

    FloatMemory(List<FloatBuffer> buffers, int shift) {
        this.buffers = buffers.toArray(FloatBuffer[]::new);
        this.windows = new Windows(shift);
    }

    @Override
    public void load(long index, long stride, float[] to, int at, int count) {
        if (stride == 1) {
            loadNeighbours(index, to, at, count);
        } else {
            for (int i = 0; i < count; i++) {
                to[at + i] = read(index + i * stride);
            }
        }
    }

    private void loadNeighbours(long index, float[] to, int at, int count) {
        int done = 0;
        while (done < count) {
            int part = windows.together(index + done, count - done);
            buffers[windows.window(index + done)].get(windows.within(index + done), to, at + done, part);
            done += part;
        }
    }

    @Override
    public void store(long index, long stride, float[] from, int at, int count) {
        if (stride == 1) {
            storeNeighbours(index, from, at, count);
        } else {
            for (int i = 0; i < count; i++) {
                write(index + i * stride, from[at + i]);
            }
        }
    }

    private void storeNeighbours(long index, float[] from, int at, int count) {
        int done = 0;
        while (done < count) {
            int part = windows.together(index + done, count - done);
            buffers[windows.window(index + done)].put(windows.within(index + done), from, at + done, part);
            done += part;
        }
    }

    @Override
    public void loadRuns(long index, long step, int runs, int length, float[] to, int at) {
        if (buffers.length > 1 || length > SHORT) {
            Memory.super.loadRuns(index, step, runs, length, to, at);
            return;
        }
        FloatBuffer buffer = buffers[0];
        int next = at;
        for (int run = 0; run < runs; run++) {
            int from = (int) (index + run * step);
            for (int i = 0; i < length; i++) {
                to[next++] = buffer.get(from + i);
            }
        }
    }

    @Override
    public void storeRuns(long index, long step, int runs, int length, float[] from, int at) {
        if (buffers.length > 1 || length > SHORT) {
            Memory.super.storeRuns(index, step, runs, length, from, at);
            return;
        }
        FloatBuffer buffer = buffers[0];
        int next = at;
        for (int run = 0; run < runs; run++) {
            int to = (int) (index + run * step);
            for (int i = 0; i < length; i++) {
                buffer.put(to + i, from[next++]);
            }
        }
    }

    @Override
    public double get(long index) {
        return read(index);
    }

    @Override
    public void put(long index, double value) {
        write(index, (float) value);
    }

    private float read(long index) {
        return buffers[windows.window(index)].get(windows.within(index));
    }

    private void write(long index, float value) {
        buffers[windows.window(index)].put(windows.within(index), value);
    }
}
