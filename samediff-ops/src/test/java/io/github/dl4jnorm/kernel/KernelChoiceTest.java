package io.github.dl4jnorm.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {
    private final String before = System.getProperty(KernelChoice.PROPERTY);

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(KernelChoice.PROPERTY);
        } else {
            System.setProperty(KernelChoice.PROPERTY, before);
        }
    }

    /** Whoever demands kernels must not be tested on others. */
    @Test
    void givesWhatIsDemanded() {
        if (before != null) {
            assertEquals(before, KernelChoice.configured().name());
        }
    }

    @Test
    void takesTheVectorKernelsIfTheirModuleIsHere() {
        System.clearProperty(KernelChoice.PROPERTY);
        KernelChoice choice = KernelChoice.configured();
        assertEquals(Kernels.isVectorModuleHere() ? KernelChoice.VECTOR : KernelChoice.SCALAR, choice.name());
        String expected = Kernels.isVectorModuleHere()
                ? "vector kernels \\([0-9]+ bit\\)"
                : "scalar kernels \\(.*start Java with --add-modules jdk.incubator.vector\\)";
        assertTrue(choice.describe().matches(expected), choice.describe());
    }

    @Test
    void aDemandThatCannotBeMetIsAnError() {
        System.setProperty(KernelChoice.PROPERTY, KernelChoice.VECTOR);
        if (Kernels.isVectorModuleHere()) {
            assertEquals(KernelChoice.VECTOR, KernelChoice.configured().name());
        } else {
            String message = assertThrows(IllegalStateException.class, KernelChoice::configured)
                    .getMessage();
            assertEquals("the vector kernels cannot run: start Java with --add-modules jdk.incubator.vector", message);
        }
    }

    @Test
    void scalarKernelsCanAlwaysBeHad() {
        System.setProperty(KernelChoice.PROPERTY, KernelChoice.SCALAR);
        assertEquals("scalar kernels (as demanded)", KernelChoice.configured().describe());
    }

    @Test
    void refusesAnUnknownName() {
        System.setProperty(KernelChoice.PROPERTY, "vectr");
        assertEquals(
                "System property dl4jnorm.kernels: expected scalar or vector, got \"vectr\"",
                assertThrows(IllegalStateException.class, KernelChoice::configured)
                        .getMessage());
    }
}
