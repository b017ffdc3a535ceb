package io.github.dl4jnorm.internal.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A part of a {@link Memory} that one buffer can show.
 *
 * @param numbers the numbers, as a buffer of their type
 * @param raw the same memory as the Vector API of this JDK takes it: a {@code MemorySegment}, or a {@link ByteBuffer} up
 *     to JDK 18, which has no other way
 */
record Window(Buffer numbers, Object raw) {
    private static final @Nullable Class<?> SEGMENT = segment();
    private static final @Nullable MethodHandle SEGMENT_OF = segmentOf();

    private static @Nullable Class<?> segment() {
        try {
            return Class.forName("java.lang.foreign.MemorySegment");
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    private static @Nullable MethodHandle segmentOf() {
        if (SEGMENT == null) {
            return null;
        }
        try {
            return MethodHandles.publicLookup()
                    .findStatic(SEGMENT, "ofBuffer", MethodType.methodType(SEGMENT, Buffer.class))
                    .asType(MethodType.methodType(Object.class, Buffer.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The class MemorySegment, or null where raw memory is a byte buffer. */
    static @Nullable Class<?> segmentType() {
        return SEGMENT;
    }

    static Object raw(ByteBuffer bytes) {
        if (SEGMENT == null) {
            return bytes;
        }
        try {
            return SEGMENT_OF.invokeExact((Buffer) bytes);
        } catch (Throwable e) {
            throw new IllegalStateException("a buffer cannot be seen as a memory segment", e);
        }
    }
}
