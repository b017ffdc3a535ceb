package io.github.dl4jnorm.engine;

import io.github.dl4jnorm.kernel.DoubleMemory;
import io.github.dl4jnorm.kernel.FloatMemory;
import io.github.dl4jnorm.kernel.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The memory under an array of the CPU backend, from the beginning of its buffer to the array's last element. The array
 * must stay reachable while the memory is in use.
 */
final class NativeMemory {
    private NativeMemory() {}

    static Memory<float[]> floats(INDArray array) {
        List<FloatBuffer> buffers = new ArrayList<>(1);
        for (ByteBuffer window : windows(array, (long) Float.BYTES << FloatMemory.WINDOW_SHIFT)) {
            buffers.add(window.asFloatBuffer());
        }
        return new FloatMemory(buffers);
    }

    static Memory<double[]> doubles(INDArray array) {
        List<DoubleBuffer> buffers = new ArrayList<>(1);
        for (ByteBuffer window : windows(array, (long) Double.BYTES << DoubleMemory.WINDOW_SHIFT)) {
            buffers.add(window.asDoubleBuffer());
        }
        return new DoubleMemory(buffers);
    }

    private static List<ByteBuffer> windows(INDArray array, long windowBytes) {
        DataBuffer data = array.data();
        long bytes = (array.offset() + span(array)) * data.getElementSize();
        List<ByteBuffer> windows = new ArrayList<>(1);
        BytePointer base = new BytePointer(data.pointer());
        for (long from = 0; from < bytes; from += windowBytes) {
            BytePointer window = base.getPointer(from);
            window.position(0).capacity(Math.min(windowBytes, bytes - from));
            windows.add(window.asByteBuffer().order(ByteOrder.nativeOrder()));
        }
        return windows;
    }

    /** Number of elements from the first one to the last one in memory. */
    private static long span(INDArray array) {
        long span = 1;
        for (int axis = 0; axis < array.rank(); axis++) {
            span += (array.size(axis) - 1) * array.stride(axis);
        }
        return span;
    }
}
