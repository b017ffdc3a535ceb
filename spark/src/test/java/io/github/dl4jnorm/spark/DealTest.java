package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DealTest {
    @Test
    void examples() {
        assertArrayEquals(new int[] {1, 1, 1, 1}, new Deal(4, 4, 4).perWorker());
        assertArrayEquals(new int[] {3, 4}, new Deal(7, 2, 4).perWorker());
        assertArrayEquals(new int[] {31, 32}, new Deal(63, 2, 4).perWorker());
        assertArrayEquals(new int[] {0, 0, 1}, new Deal(1, 3, 1).perWorker());
        assertEquals(List.of(List.of(0, 1, 2, 3), List.of(4)), new Deal(5, 2, 2).rounds(List.of(0, 1, 2, 3, 4)));
    }

    @Test
    void anAveragingWithoutEnd() {
        Deal deal = new Deal(5, 2, Integer.MAX_VALUE);
        assertEquals(List.of(List.of(0, 1, 2, 3, 4)), deal.rounds(List.of(0, 1, 2, 3, 4)));
        assertArrayEquals(new int[] {2, 3}, deal.perWorker());
    }

    @Property
    void everyBatchIsDealtOnce(
            @ForAll @IntRange(min = 1, max = 200) int batches,
            @ForAll @IntRange(min = 1, max = 20) int workers,
            @ForAll @IntRange(min = 1, max = 9) int averaging) {
        Deal deal = new Deal(batches, workers, averaging);
        List<Integer> epoch = IntStream.range(0, batches).boxed().toList();
        List<List<Integer>> rounds = deal.rounds(epoch);
        assertEquals(epoch, rounds.stream().flatMap(List::stream).toList());
        for (List<Integer> round : rounds) {
            assertTrue(round.size() <= workers * averaging);
            assertTrue(deal.steps(round.size()) <= averaging);
        }
        int[] perWorker = deal.perWorker();
        assertEquals(batches, Arrays.stream(perWorker).sum());
        assertEquals(batches < workers, Arrays.stream(perWorker).anyMatch(number -> number == 0));
    }
}
