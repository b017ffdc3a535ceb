package io.github.dl4jnorm.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory in windows of four elements, which every transfer crosses. */
class MemoryTest {
    private static final int SHIFT = 2;

    @Test
    void floatsCrossWindows() {
        FloatMemory memory = new FloatMemory(
                List.of(FloatBuffer.allocate(4), FloatBuffer.allocate(4), FloatBuffer.allocate(3)), SHIFT);
        for (int i = 0; i < 11; i++) {
            memory.put(i, i);
        }
        float[] array = new float[12];
        memory.load(1, 1, array, 2, 10);
        assertArrayEquals(new float[] {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, array);
        memory.load(10, -3, array, 0, 4);
        assertArrayEquals(new float[] {10, 7, 4, 1}, Arrays.copyOf(array, 4));
        memory.load(5, 0, array, 0, 2);
        assertArrayEquals(new float[] {5, 5}, Arrays.copyOf(array, 2));
        memory.store(2, 1, new float[] {-1, -2, -3, -4, -5, -6, -7}, 1, 6);
        memory.store(0, 10, new float[] {50, 60}, 0, 2);
        double[] expected = {50, 1, -2, -3, -4, -5, -6, -7, 8, 9, 60};
        for (int i = 0; i < 11; i++) {
            assertEquals(expected[i], memory.get(i));
        }
    }

    @Test
    void doublesCrossWindows() {
        DoubleMemory memory = new DoubleMemory(
                List.of(DoubleBuffer.allocate(4), DoubleBuffer.allocate(4), DoubleBuffer.allocate(3)), SHIFT);
        for (int i = 0; i < 11; i++) {
            memory.put(i, i);
        }
        double[] array = new double[11];
        memory.load(0, 1, array, 0, 11);
        assertArrayEquals(new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, array);
        memory.load(9, -4, array, 1, 3);
        assertArrayEquals(new double[] {0, 9, 5, 1}, Arrays.copyOf(array, 4));
        memory.store(3, 1, new double[] {-1, -2, -3}, 0, 3);
        memory.store(8, 2, new double[] {-8, -10}, 0, 2);
        double[] expected = {0, 1, 2, -1, -2, -3, 6, 7, -8, 9, -10};
        for (int i = 0; i < 11; i++) {
            assertEquals(expected[i], memory.get(i));
        }
    }
}
