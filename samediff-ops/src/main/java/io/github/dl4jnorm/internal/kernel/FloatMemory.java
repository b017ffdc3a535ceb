package io.github.dl4jnorm.internal.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Memory of type float. */
public final class FloatMemory extends Memory<float[]> {
    /** Bytes per window. */
    public static final long WINDOW_BYTES = 1L << 30;

    /**
     * Memory seen through buffers of {@link #WINDOW_BYTES} each; the last may be shorter.
     *
     * @param buffers one or more direct buffers in native order
     */
    public FloatMemory(List<ByteBuffer> buffers) {
        this(buffers, Long.numberOfTrailingZeros(WINDOW_BYTES / Float.BYTES));
    }

    /** Memory seen through windows of 2^shift elements. */
    FloatMemory(List<ByteBuffer> buffers, int shift) {
        super(
                buffers.stream()
                        .map(bytes -> new Window(bytes.asFloatBuffer(), Window.raw(bytes)))
                        .toArray(Window[]::new),
                shift);
    }

    /** New memory. */
    static FloatMemory allocate(int elements) {
        return new FloatMemory(
                List.of(ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.nativeOrder())));
    }

    private FloatBuffer numbers(long index) {
        return (FloatBuffer) window(index).numbers();
    }

    @Override
    void load(long index, long stride, float[] to, int at, int count) {
        if (stride != 1) {
            for (int i = 0; i < count; i++) {
                to[at + i] = read(index + i * stride);
            }
            return;
        }
        for (int done = 0; done < count; ) {
            int part = together(index + done, count - done);
            numbers(index + done).get(within(index + done), to, at + done, part);
            done += part;
        }
    }

    @Override
    void store(long index, long stride, float[] from, int at, int count) {
        if (stride != 1) {
            for (int i = 0; i < count; i++) {
                write(index + i * stride, from[at + i]);
            }
            return;
        }
        for (int done = 0; done < count; ) {
            int part = together(index + done, count - done);
            numbers(index + done).put(within(index + done), from, at + done, part);
            done += part;
        }
    }

    @Override
    void load(long index, long step, long stride, Tile to) {
        FloatBuffer numbers = (FloatBuffer) to.numbers;
        for (int row = 0; row < to.rows; row++) {
            long from = index + row * step;
            int at = to.row(row);
            if (stride == 1 && together(from, to.length) == to.length) {
                numbers.put(at, numbers(from), within(from), to.length);
            } else {
                for (int i = 0; i < to.length; i++) {
                    numbers.put(at + i, read(from + i * stride));
                }
            }
        }
    }

    @Override
    void store(long index, long step, long stride, Tile from) {
        FloatBuffer numbers = (FloatBuffer) from.numbers;
        for (int row = 0; row < from.rows; row++) {
            long to = index + row * step;
            int at = from.row(row);
            if (stride == 1 && together(to, from.length) == from.length) {
                numbers(to).put(within(to), numbers, at, from.length);
            } else {
                for (int i = 0; i < from.length; i++) {
                    write(to + i * stride, numbers.get(at + i));
                }
            }
        }
    }

    @Override
    double get(long index) {
        return read(index);
    }

    @Override
    void put(long index, double value) {
        write(index, (float) value);
    }

    private float read(long index) {
        return numbers(index).get(within(index));
    }

    private void write(long index, float value) {
        numbers(index).put(within(index), value);
    }
}
