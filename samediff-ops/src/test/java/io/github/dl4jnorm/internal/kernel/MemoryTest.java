package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory in windows of four elements, the last one shorter: 0 1 2 3 | 4 5 6 7 | 8 9 10. */
class MemoryTest {
    private static final int SHIFT = 2;
    private static final int SIZE = 11;

    /** Every element of the memory is its index. */
    private record Numbered<A>(Memory<A> memory, InnerLoops<A> loops) {
        Numbered {
            for (int i = 0; i < SIZE; i++) {
                memory.put(i, i);
            }
        }

        A array(double... values) {
            A array = loops.allocate(values.length);
            loops.narrow(values, values.length, array);
            return array;
        }

        void assertArray(A array, double... expected) {
            double[] values = new double[expected.length];
            loops.widen(array, values.length, values);
            assertArrayEquals(expected, values);
        }

        /** A tile of other memory, filled with -1, -2 and so on, gaps included. */
        Tile tile(int rows, int length, int step) {
            int size = rows * step;
            Memory<A> other = loops.allocateMemory(size);
            for (int i = 0; i < size; i++) {
                other.put(i, -1 - i);
            }
            Tile tile = shape(rows, length);
            assertTrue(other.show(0, step, tile));
            return tile;
        }

        void assertTile(Tile tile, double... expected) {
            double[] values = IntStream.range(0, tile.rows * tile.length)
                    .mapToDouble(i -> loops.get(tile, i / tile.length, i % tile.length))
                    .toArray();
            assertArrayEquals(expected, values);
        }

        void assertMemory(double... expected) {
            assertArrayEquals(
                    expected, IntStream.range(0, SIZE).mapToDouble(memory::get).toArray());
        }

        @Override
        public String toString() {
            return memory.getClass().getSimpleName();
        }
    }

    private static Tile shape(int rows, int length) {
        Tile tile = new Tile();
        tile.rows = rows;
        tile.length = length;
        return tile;
    }

    private static Stream<Numbered<?>> types() {
        return Stream.of(
                new Numbered<>(new FloatMemory(windows(Float.BYTES), SHIFT), new ScalarFloatLoops()),
                new Numbered<>(new DoubleMemory(windows(Double.BYTES), SHIFT), new ScalarDoubleLoops()));
    }

    private static List<ByteBuffer> windows(int bytes) {
        return Stream.of(4, 4, 3)
                .map(elements -> ByteBuffer.allocateDirect(elements * bytes).order(ByteOrder.nativeOrder()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("types")
    void elementsAreFoundInTheirWindows(Numbered<?> n) {
        n.assertMemory(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        assertEquals(3, n.memory.within(7));
        assertEquals(1, n.memory.together(7, 5));
        assertEquals(4, n.memory.together(4, 5));
        assertEquals(2, n.memory.together(4, 2));
    }

    @ParameterizedTest
    @MethodSource("types")
    <A> void arraysCrossWindows(Numbered<A> n) {
        A array = n.array(new double[12]);
        n.memory.load(1, 1, array, 2, 10);
        n.assertArray(array, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        n.memory.load(1, 4, array, 1, 3);
        n.assertArray(array, 0, 1, 5, 9, 3, 4, 5, 6, 7, 8, 9, 10);
        n.memory.load(10, -3, array, 0, 4);
        n.assertArray(array, 10, 7, 4, 1, 3);
        n.memory.load(5, 0, array, 0, 2);
        n.assertArray(array, 5, 5, 4, 1, 3);
        n.memory.store(2, 1, n.array(-1, -2, -3, -4, -5, -6, -7), 1, 6);
        n.assertMemory(0, 1, -2, -3, -4, -5, -6, -7, 8, 9, 10);
        n.memory.store(0, 5, n.array(50, 60, 70), 0, 3);
        n.assertMemory(50, 1, -2, -3, -4, 60, -6, -7, 8, 9, 70);
    }

    @ParameterizedTest
    @MethodSource("types")
    void aTileShowsTheMemoryItself(Numbered<?> n) {
        Tile tile = shape(2, 1);
        assertTrue(n.memory.show(5, 2, tile));
        n.assertTile(tile, 5, 7);
        assertSame(n.memory.window(4).numbers(), tile.numbers);
        assertSame(n.memory.window(4).raw(), tile.raw);
        n.memory.put(7, 70);
        n.assertTile(tile, 5, 70);
    }

    @ParameterizedTest
    @MethodSource("types")
    void aTileShowsOverlappingAndBackwardRows(Numbered<?> n) {
        Tile tile = shape(2, 3);
        assertTrue(n.memory.show(4, 1, tile));
        n.assertTile(tile, 4, 5, 6, 5, 6, 7);
        assertTrue(n.memory.show(8, 0, tile));
        n.assertTile(tile, 8, 9, 10, 8, 9, 10);
        assertTrue(n.memory.show(5, -1, tile));
        n.assertTile(tile, 5, 6, 7, 4, 5, 6);
    }

    @ParameterizedTest
    @MethodSource("types")
    void aTileShowsNothingOfTwoWindows(Numbered<?> n) {
        Tile tile = shape(1, 3);
        assertFalse(n.memory.show(2, 0, tile));
        assertFalse(n.memory.show(3, 0, tile));
        tile = shape(2, 1);
        assertFalse(n.memory.show(0, 4, tile));
        assertFalse(n.memory.show(4, -1, tile));
        assertNull(tile.numbers);
        assertNull(tile.raw);
        // The step of a single row does not matter.
        assertTrue(n.memory.show(3, 100, shape(1, 1)));
    }

    @ParameterizedTest
    @MethodSource("types")
    void tilesAreLoadedAcrossWindows(Numbered<?> n) {
        Tile tile = n.tile(2, 3, 4);
        n.memory.load(1, 4, 1, tile);
        n.assertTile(tile, 1, 2, 3, 5, 6, 7);
        n.memory.load(2, 5, 1, tile);
        n.assertTile(tile, 2, 3, 4, 7, 8, 9);
        n.memory.load(0, 1, 4, tile);
        n.assertTile(tile, 0, 4, 8, 1, 5, 9);
        n.memory.load(3, 0, 2, tile);
        n.assertTile(tile, 3, 5, 7, 3, 5, 7);
        n.memory.load(6, 3, 0, tile);
        n.assertTile(tile, 6, 6, 6, 9, 9, 9);
        // What is between the rows is as it was.
        tile.length = 4;
        n.assertTile(tile, 6, 6, 6, -4, 9, 9, 9, -8);
    }

    @ParameterizedTest
    @MethodSource("types")
    void tilesAreStoredAcrossWindows(Numbered<?> n) {
        Tile tile = n.tile(2, 2, 3);
        n.memory.store(4, 2, 1, tile);
        n.assertMemory(0, 1, 2, 3, -1, -2, -4, -5, 8, 9, 10);
        n.memory.store(3, 4, 1, tile);
        n.assertMemory(0, 1, 2, -1, -2, -2, -4, -4, -5, 9, 10);
        n.memory.store(0, 1, 9, tile);
        n.assertMemory(-1, -4, 2, -1, -2, -2, -4, -4, -5, -2, -5);
    }

    @ParameterizedTest
    @MethodSource("types")
    <A> void newMemoryIsOneWindow(Numbered<A> n) {
        Memory<A> memory = n.loops.allocateMemory(InnerLoops.TILE);
        Tile tile = shape(4, InnerLoops.CHUNK);
        assertTrue(memory.show(0, InnerLoops.CHUNK, tile));
        memory.put(InnerLoops.TILE - 1, 5);
        assertEquals(5, n.loops.get(tile, 3, InnerLoops.CHUNK - 1));
    }
}
