package io.github.dl4jnorm.internal.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorSpecies;

/**
 * How the Vector API of this JDK reads and writes memory outside the heap: through a {@code ByteBuffer} up to JDK 18,
 * through a {@code MemorySegment} from 19 on. One set of class files calls either by method handles, which C2 inlines
 * completely where they are constants.
 */
final class VectorAccess {
    private VectorAccess() {}

    /** A handle (memory, byte offset) → vector, of type (Object, int)V. */
    static MethodHandle load(Class<? extends Vector<?>> vector, VectorSpecies<?> species) {
        return find((lookup, memory, offset) -> {
            MethodHandle load = lookup.findStatic(
                    vector,
                    "from" + memory.getSimpleName(),
                    MethodType.methodType(vector, VectorSpecies.class, memory, offset, ByteOrder.class));
            load = MethodHandles.insertArguments(load, 3, ByteOrder.nativeOrder());
            load = MethodHandles.insertArguments(load, 0, species);
            return MethodHandles.explicitCastArguments(load, MethodType.methodType(vector, Object.class, int.class));
        });
    }

    /** A handle that stores a vector, of type (V, Object, int)void. */
    static MethodHandle store(Class<? extends Vector<?>> vector) {
        return find((lookup, memory, offset) -> {
            MethodHandle store = lookup.findVirtual(
                    vector,
                    "into" + memory.getSimpleName(),
                    MethodType.methodType(void.class, memory, offset, ByteOrder.class));
            store = MethodHandles.insertArguments(store, 3, ByteOrder.nativeOrder());
            return MethodHandles.explicitCastArguments(
                    store, MethodType.methodType(void.class, vector, Object.class, int.class));
        });
    }

    private interface Finder {
        MethodHandle find(MethodHandles.Lookup lookup, Class<?> memory, Class<?> offset)
                throws ReflectiveOperationException;
    }

    private static MethodHandle find(Finder finder) {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        try {
            Class<?> segment = Window.segmentType();
            return segment == null
                    ? finder.find(lookup, ByteBuffer.class, int.class)
                    : finder.find(lookup, segment, long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the Vector API of this JDK cannot reach memory outside the heap", e);
        }
    }

    /** What a loop throws when a handle has thrown: the same, as handles declare {@link Throwable}. */
    static IllegalStateException failure(Throwable e) {
        if (e instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
