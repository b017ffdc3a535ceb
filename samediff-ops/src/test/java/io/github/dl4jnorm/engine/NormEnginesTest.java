package io.github.dl4jnorm.engine;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

class NormEnginesTest {
    private final String before = System.getProperty(NormEngines.PROPERTY);
    private final INDArray x = Nd4j.ones(DataType.FLOAT, 2, 3);

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(NormEngines.PROPERTY);
        } else {
            System.setProperty(NormEngines.PROPERTY, before);
        }
    }

    /** Whoever runs the tests with the property set must not be tested on another engine. */
    @Test
    void runsTheEngineThatThePropertyNames() {
        if (before != null) {
            assertEquals(before, NormEngines.current().name());
        }
    }

    @Test
    void forcesAnEngineByName() {
        System.setProperty(NormEngines.PROPERTY, Nd4jEngine.NAME);
        assertInstanceOf(Nd4jEngine.class, NormEngines.current());
        assertEquals("nd4j", NormEngines.current().name());
    }

    @Test
    void refusesAnUnknownName() {
        System.setProperty(NormEngines.PROPERTY, "fusd");
        String message = assertThrows(IllegalStateException.class, () -> new NDNorm().sumNorm(x, 0, 1))
                .getMessage();
        assertTrue(message.startsWith("System property dl4jnorm.engine: expected one of [nd4j"), message);
        assertTrue(message.endsWith("got \"fusd\""), message);
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
            Logger logger = (Logger) LoggerFactory.getLogger(NormEngines.class);
            ListAppender<ILoggingEvent> events = new ListAppender<>();
            events.start();
            logger.setLevel(Level.ALL);
            logger.setAdditive(false);
            logger.addAppender(events);
            NormEngines.current();
            NormEngines.describe();
            new NDNorm().sumNorm(Nd4j.ones(DataType.FLOAT, 2, 3), 0, 1);
            events.list.forEach(System.out::println);
        }
    }
}
