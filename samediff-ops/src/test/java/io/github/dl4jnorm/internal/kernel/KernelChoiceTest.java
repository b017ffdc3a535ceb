package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

    static List<String> names() {
        return Kernels.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void givesWhatIsDemanded(String name) {
        System.setProperty(KernelChoice.PROPERTY, name);
        assertEquals(name, KernelChoice.configured().name());
        assertEquals(name, KernelChoice.named(name).name());
    }

    @Test
    void takesTheVectorKernelsIfNothingObjects() {
        System.clearProperty(KernelChoice.PROPERTY);
        KernelChoice choice = KernelChoice.configured();
        String objection = Jvm.current().objection().orElse(null);
        if (objection == null) {
            assertEquals(KernelChoice.VECTOR, choice.name());
            assertTrue(choice.describe().matches("vector kernels \\([0-9]+ bit\\)"), choice.describe());
        } else {
            assertEquals(KernelChoice.SCALAR, choice.name());
            assertEquals("scalar kernels (" + objection + ")", choice.describe());
        }
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

    /** Whoever demands slow kernels gets them, to measure or to test. */
    @Test
    void aSlowMachineGetsVectorKernelsOnDemandOnly() {
        Jvm slow = new Jvm("OpenJDK 64-Bit Server VM", "interpreted mode", 512, flag -> null);
        System.clearProperty(KernelChoice.PROPERTY);
        assertEquals(
                "scalar kernels (the JVM runs in interpreted mode)",
                KernelChoice.configured(slow).describe());
        if (Kernels.isVectorModuleHere()) {
            System.setProperty(KernelChoice.PROPERTY, KernelChoice.VECTOR);
            String description = KernelChoice.configured(slow).describe();
            assertTrue(
                    description.matches("vector kernels \\([0-9]+ bit, slow here: the JVM runs in interpreted mode\\)"),
                    description);
        }
    }

    /** The class of the vector kernels may be missing from a jar that somebody made smaller. */
    @Test
    void vectorKernelsThatCannotBeLoadedAreNotChosen() {
        Jvm fast = new Jvm("OpenJDK 64-Bit Server VM", "mixed mode", 512, flag -> null);
        System.clearProperty(KernelChoice.PROPERTY);
        String expected = Kernels.isVectorModuleHere()
                ? "vector kernels \\([0-9]+ bit\\)"
                : "scalar kernels \\(the vector kernels cannot run: java.lang.NoClassDefFoundError: .*\\)";
        String description = KernelChoice.configured(fast).describe();
        assertTrue(description.matches(expected), description);
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
