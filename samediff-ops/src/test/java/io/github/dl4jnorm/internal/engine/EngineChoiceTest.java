package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.testing.JavaProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

class EngineChoiceTest {
    private final String before = System.getProperty(EngineChoice.PROPERTY);
    private final INDArray x = Nd4j.ones(DataType.FLOAT, 2, 3);

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(EngineChoice.PROPERTY);
        } else {
            System.setProperty(EngineChoice.PROPERTY, before);
        }
    }

    @Test
    void takesTheFusedEngineWhereItRuns() {
        System.clearProperty(EngineChoice.PROPERTY);
        assertEquals(
                Nd4j.getEnvironment().isCPU() ? "fused" : "nd4j",
                EngineChoice.current().name());
    }

    @Test
    void forcesAnEngineByName() {
        System.setProperty(EngineChoice.PROPERTY, Nd4jEngine.NAME);
        assertInstanceOf(Nd4jEngine.class, EngineChoice.current());
        assertEquals("nd4j", EngineChoice.describe());
        assumeTrue(FusedEngine.isAvailable());
        System.setProperty(EngineChoice.PROPERTY, FusedEngine.NAME);
        assertInstanceOf(FusedEngine.class, EngineChoice.current());
        assertTrue(EngineChoice.describe().startsWith("fused: "), EngineChoice.describe());
    }

    @Test
    void refusesAnUnknownName() {
        System.setProperty(EngineChoice.PROPERTY, "fusd");
        String message = assertThrows(IllegalStateException.class, () -> new NDNorm().sumNorm(x, 0, 1))
                .getMessage();
        assertTrue(message.startsWith("System property dl4jnorm.engine: expected one of [nd4j"), message);
        assertTrue(message.endsWith("got \"fusd\""), message);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "7,     3,     2,  4, 7", // the property wins, and may ask for more than there are
                "9999,  3,     2,  4, 9999",
                "-,     3,     2,  4, 3", // then OpenMP's variable
                "-,     64,    2,  4, 64",
                "-,     -,     2,  4, 2", // then ND4J's limit
                "-,     -,     8,  4, 4", // which may exceed the processors
                "-,     -,     0,  4, 4", // or be none
                "-,     -,    -1,  4, 4",
                "-,     0,     2,  4, 2", // what OpenMP would not take either
                "-,     -3,    2,  4, 2",
                "-,     10000, 2,  4, 2"
            })
    void threadsAreThoseOfTheFirstThatSays(String property, String openMp, int nd4j, int processors, int expected) {
        assertEquals(expected, EngineChoice.threads(property, openMp, nd4j, processors));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10000", "", " 3", "3,2", "many", "0x3"})
    void refusesAPropertyThatIsNoNumberOfThreads(String property) {
        assertEquals(
                "System property dl4jnorm.threads: expected a number from 1 to 9999, got \"" + property + "\"",
                assertThrows(IllegalStateException.class, () -> EngineChoice.threads(property, "3", 2, 4))
                        .getMessage());
    }

    /** Both are read once per JVM, so that it takes others. */
    @Test
    void theEngineHasTheThreadsThatWereAskedFor() throws IOException, InterruptedException {
        assumeTrue(FusedEngine.isAvailable());
        Map<String, String> openMp = Map.of("OMP_NUM_THREADS", "3");
        String environment = JavaProcess.run(openMp, Description.class);
        assertTrue(environment.trim().endsWith("threads: 3"), environment);
        String property = JavaProcess.run(openMp, Description.class, "-Ddl4jnorm.threads=5");
        assertTrue(property.trim().endsWith("threads: 5"), property);
    }

    /** Prints what runs. */
    static final class Description {
        private Description() {}

        public static void main(String[] args) {
            System.out.println(EngineChoice.describe());
        }
    }

    /** In a JVM without options, as most people start it: the log says once what an option would bring. */
    @Test
    void theLogSaysOnceWhatRuns() throws IOException, InterruptedException {
        assumeTrue(FusedEngine.isAvailable());
        List<String> lines = JavaProcess.run(LogOfThreeCalls.class)
                .lines()
                .filter(line -> line.startsWith("["))
                .toList();
        assertEquals(1, lines.size(), lines::toString);
        String pattern = "\\[INFO] Normalizations run on the fused engine: scalar kernels"
                + " \\(start Java with --add-modules jdk.incubator.vector for faster ones\\), threads: [0-9]+;"
                + " docs/performance.md has more";
        assertTrue(lines.get(0).matches(pattern), lines.get(0));
    }

    /** Prints what the choice of the engine logs. */
    static final class LogOfThreeCalls {
        private LogOfThreeCalls() {}

        public static void main(String[] args) {
            Logger logger = (Logger) LoggerFactory.getLogger(EngineChoice.class);
            ListAppender<ILoggingEvent> events = new ListAppender<>();
            events.start();
            logger.setLevel(Level.ALL);
            logger.setAdditive(false);
            logger.addAppender(events);
            EngineChoice.current();
            EngineChoice.describe();
            new NDNorm().sumNorm(Nd4j.ones(DataType.FLOAT, 2, 3), 0, 1);
            events.list.forEach(System.out::println);
        }
    }
}
