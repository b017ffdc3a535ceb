package io.github.dl4jnorm.internal.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * A part of a {@link Memory} that one buffer can show.
 *
 * @param numbers the numbers, as a buffer of their type
 * @param raw the same memory as the Vector API of this JDK takes it: a {@code MemorySegment}, or a {@link ByteBuffer} up
 *     to JDK 18, which has no other way
 */
record Window(Buffer numbers, Object raw) {
    private static final Class<?> SEGMENT = segment();
    private static final MethodHandle SEGMENT_OF = segmentOf();

    private static Class<?> segment() {
        try {
            return Class.forName("java.lang.foreign.MemorySegment");
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    private static MethodHandle segmentOf() {
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
    static Class<?> segmentType() {
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
