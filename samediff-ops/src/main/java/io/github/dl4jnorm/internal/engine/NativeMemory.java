package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.internal.kernel.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The memory under arrays of the CPU backend, from the beginning of an array's buffer to its last element. The array must
 * stay reachable while its memory is in use.
 *
 * <p>What was made last for an address is kept: it is no more than a way to look at that address, and ND4J's workspaces
 * and pools use the same ones again and again. It is used for an array that lives there only.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
final class NativeMemory<A> {
    /** A power of two. */
    private static final int KEPT = 1024;

    /** What the addresses of two large arrays differ by at least. */
    private static final int ALIGNMENT = 64;

    private final long windowBytes;
    private final Function<List<ByteBuffer>, Memory<A>> type;
    private final AtomicReferenceArray<Kept<A>> kept = new AtomicReferenceArray<>(KEPT);

    /**
     * Memory of a type.
     *
     * @param windowBytes how many bytes one buffer may have
     * @param type makes memory of buffers
     */
    NativeMemory(long windowBytes, Function<List<ByteBuffer>, Memory<A>> type) {
        this.windowBytes = windowBytes;
        this.type = type;
    }

    private record Kept<A>(long address, long bytes, Memory<A> memory) {}

    Memory<A> of(INDArray array) {
        long bytes = (array.offset() + span(array)) * array.data().getElementSize();
        long address = array.data().pointer().address();
        int place = (int) ((address / ALIGNMENT * 31 + bytes) & (KEPT - 1));
        Kept<A> there = kept.get(place);
        if (there == null || there.address != address || there.bytes != bytes) {
            there = new Kept<>(address, bytes, type.apply(windows(array, bytes)));
            kept.set(place, there);
        }
        return there.memory;
    }

    private List<ByteBuffer> windows(INDArray array, long bytes) {
        List<ByteBuffer> windows = new ArrayList<>(1);
        BytePointer base = new BytePointer(array.data().pointer());
        for (long from = 0; from < bytes; from += windowBytes) {
            BytePointer window = base.getPointer(from);
            window.position(0).capacity(Math.min(windowBytes, bytes - from));
            windows.add(window.asByteBuffer().order(ByteOrder.nativeOrder()));
        }
        return windows;
    }

    /** Number of elements from the first one to the last one in memory. */
    private static long span(INDArray array) {
        long[] shape = array.shape();
        long[] strides = array.stride();
        long span = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            span += (shape[axis] - 1) * strides[axis];
        }
        return span;
    }
}
