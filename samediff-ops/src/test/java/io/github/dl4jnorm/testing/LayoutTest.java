package io.github.dl4jnorm.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class LayoutTest {
    @ParameterizedTest
    @EnumSource
    void holdsTheSameValues(Layout layout) {
        for (long[] shape :
                new long[][] {{1}, {5}, {1, 1}, {4, 3}, {1, 3}, {3, 1}, {2, 3, 4}, {4, 3, 5, 5}, {1, 2, 1, 3, 2}}) {
            double[] values = IntStream.range(0, Doubles.length(shape))
                    .mapToDouble(i -> i + 1)
                    .toArray();
            for (DataType type :
                    new DataType[] {DataType.DOUBLE, DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16}) {
                INDArray array = layout.create(type, shape, values);
                INDArray dense = Doubles.toArray(type, shape, values);
                assertEquals(type, array.dataType());
                assertArrayEquals(shape, array.shape());
                assertArrayEquals(Doubles.of(dense), Doubles.of(array), layout + " " + Arrays.toString(shape));
            }
        }
    }

    @Test
    void strides() {
        assertStrides(Layout.C, 75, 25, 5, 1);
        assertStrides(Layout.F, 1, 4, 12, 60);
        assertStrides(Layout.REVERSED, 1, 4, 12, 60);
        assertStrides(Layout.CHANNEL_MAJOR, 25, 100, 5, 1);
        assertStrides(Layout.LAST_SWAPPED, 75, 25, 1, 5);
        assertStrides(Layout.OFFSET, 75, 25, 5, 1);
        assertStrides(Layout.STRIDED, 2 * 7 * 11 * 11, 2 * 11 * 11, 2 * 11, 2);
        assertStrides(Layout.STRIDED_F, 2, 2 * 9, 2 * 9 * 7, 2 * 9 * 7 * 11);
        assertArrayEquals(
                new long[] {25, 5, 1, 100},
                Layout.LAST_OUTERMOST
                        .create(DataType.FLOAT, new long[] {4, 5, 5, 3}, new double[300])
                        .stride());
    }

    private static void assertStrides(Layout layout, long... strides) {
        INDArray array = layout.create(DataType.FLOAT, new long[] {4, 3, 5, 5}, new double[300]);
        assertArrayEquals(strides, array.stride(), layout.toString());
    }

    @Test
    void surroundingsAreNaN() {
        INDArray array = Layout.STRIDED.create(DataType.FLOAT, new long[] {2, 2}, 1, 2, 3, 4);
        DataBuffer memory = array.data().originalDataBuffer();
        assertEquals(6, array.offset());
        assertEquals(25, memory.length());
        long nans = IntStream.range(0, 25)
                .filter(i -> Float.isNaN(memory.getFloat(i)))
                .count();
        assertEquals(21, nans);
    }

    @Test
    void broadcastRowsShareMemory() {
        INDArray array = Layout.broadcast(Doubles.toArray(DataType.DOUBLE, new long[] {3}, 1, 2, 3), 2);
        assertArrayEquals(new long[] {0, 1}, array.stride());
        assertArrayEquals(new double[] {1, 2, 3, 1, 2, 3}, Doubles.of(array));
    }
}
