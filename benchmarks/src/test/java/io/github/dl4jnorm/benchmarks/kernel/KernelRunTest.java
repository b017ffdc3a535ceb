package io.github.dl4jnorm.benchmarks.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.benchmarks.WorkerMain;
import io.github.dl4jnorm.benchmarks.measure.Effort;
import io.github.dl4jnorm.benchmarks.measure.Series;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Real processes, without the peers that are fetched for a run only. */
class KernelRunTest {
    private static final double TOLERANCE = 1e-5;

    @Test
    void contendersOfEveryKindOfNormalizationAreRightAndTimed() {
        List<Contender> contenders =
                List.of(Contender.SCALAR, Contender.BUILTIN, Contender.ND4J_LAYER_NORM, Contender.COPY);
        try (KernelRun run = new KernelRun(contenders, 1, WorkerMain.class)) {
            List<KernelRow> rows = run.measure(Workload.smallest(), new Effort(0, 1e-4, 3, 0));
            assertEquals(3 * Kind.values().length, rows.size());
            for (KernelRow row : rows) {
                assertTrue(row.series().keySet().containsAll(List.of(Contender.SCALAR, Contender.COPY)));
                for (Series series : row.series().values()) {
                    assertTrue(series.milliseconds().median() > 0, row::toString);
                }
                row.errors().keySet().forEach(contender -> assertTrue(row.error(contender) < TOLERANCE, row::toString));
            }
            String table = KernelTable.of(rows);
            assertTrue(table.contains("| BN [8,16,8,8] | forward |"), table);
        }
    }
}
