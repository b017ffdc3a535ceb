package io.github.dl4jnorm.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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
}
