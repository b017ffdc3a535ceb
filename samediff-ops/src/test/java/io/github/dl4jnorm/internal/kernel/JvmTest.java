package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JvmTest {
    private static final String SERVER = "OpenJDK 64-Bit Server VM";
    private static final String MIXED = "mixed mode, sharing";
    private static final String MODULE = "--add-modules=jdk.incubator.vector";
    private static final String NO_C2 = "the JVM runs without its compiler C2";
    private static final String ADD_MODULES = "start Java with --add-modules jdk.incubator.vector for faster ones";

    private static void assertObjection(String expected, Jvm jvm) {
        assertEquals(expected, jvm.objection().orElse("none"));
    }

    private static Jvm jvm(String name, String mode, int vectorBits) {
        return new Jvm(name, mode, vectorBits, Map.<String, String>of()::get);
    }

    private static Jvm server(int vectorBits, String flag, String value) {
        return new Jvm(SERVER, MIXED, vectorBits, Map.of(flag, value)::get);
    }

    @Test
    void hotSpotWithC2IsFast() {
        assertObjection("none", jvm(SERVER, MIXED, 512));
        assertObjection("none", jvm("Java HotSpot(TM) 64-Bit Server VM", "compiled mode", 128));
        assertObjection("none", server(256, "TieredStopAtLevel", "4"));
        assertObjection("none", server(256, "UseJVMCICompiler", "false"));
        assertObjection("none", server(256, "EnableVectorSupport", "true"));
    }

    @Test
    void saysToAddTheModuleOnlyWhereThatHelps() {
        assertObjection(ADD_MODULES, jvm(SERVER, MIXED, 0));
        assertObjection(ADD_MODULES, server(0, "EnableVectorSupport", "false"));
        assertObjection(NO_C2, server(0, "TieredStopAtLevel", "3"));
        assertObjection("the JVM runs in interpreted mode", jvm(SERVER, "interpreted mode, sharing", 0));
    }

    @Test
    void narrowVectorsAreSlow() {
        assertObjection("vectors of this JVM have 64 bit only", jvm(SERVER, MIXED, 64));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Eclipse OpenJ9 VM", "OpenJDK 64-Bit Client VM", "OpenJDK 64-Bit Zero VM", "Substrate VM", ""})
    void otherMachinesHaveNoC2(String name) {
        assertObjection("the JVM is " + name + ", without HotSpot's compiler C2", jvm(name, MIXED, 256));
    }

    @Test
    void whatStandsInTheWayOfC2() {
        assertObjection("the JVM runs in interpreted mode", jvm(SERVER, "interpreted mode, sharing", 512));
        assertObjection(NO_C2, jvm(SERVER, "mixed mode, emulated-client, sharing", 512));
        assertObjection(NO_C2, server(512, "TieredStopAtLevel", "0"));
        assertObjection("the JVM has another compiler in the place of C2", server(512, "UseJVMCICompiler", "true"));
        assertObjection("the JVM runs with -XX:-EnableVectorSupport", server(512, "EnableVectorSupport", "false"));
    }

    private static List<String> report(String... jvmArguments) throws IOException, InterruptedException {
        return JavaProcess.run(Report.class, jvmArguments).lines().toList();
    }

    private static void assertPrints(String pattern, List<String> lines) {
        assertTrue(lines.stream().anyMatch(line -> line.matches(pattern)), lines::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "-Xint, the JVM runs in interpreted mode",
        "-XX:TieredStopAtLevel=1, the JVM runs without its compiler C2",
        "-XX:TieredStopAtLevel=3, the JVM runs without its compiler C2",
        "-XX:-EnableVectorSupport, the JVM runs with -XX:-EnableVectorSupport"
    })
    void seesHowItRuns(String flag, String reason) throws IOException, InterruptedException {
        assertPrints("scalar kernels \\(" + reason + "\\)", report("-XX:+UnlockExperimentalVMOptions", flag, MODULE));
        assertPrints(
                "vector kernels \\([0-9]+ bit, slow here: " + reason + "\\)",
                report("-XX:+UnlockExperimentalVMOptions", flag, MODULE, "-Ddl4jnorm.kernels=vector"));
    }

    /** What cannot be asked without the modules of the management interfaces is assumed to be as usual. */
    @ParameterizedTest
    @ValueSource(strings = {"java.base", "java.management", "jdk.management"})
    void takesTheVectorKernelsWhereTheyAreFast(String modules) throws IOException, InterruptedException {
        assertPrints("vector kernels \\([0-9]+ bit\\)", report("--limit-modules=" + modules, MODULE));
    }

    /** Whoever loads all classes of the jar must find that only the vector kernels miss their module. */
    @Test
    void allElseLoadsWithoutTheModule() throws IOException, InterruptedException {
        List<String> lines = report();
        assertEquals("scalar kernels (" + ADD_MODULES + ")", lines.get(0));
        assertTrue(lines.contains("not loaded: VectorFloats"), lines::toString);
        assertTrue(lines.contains("not loaded: VectorDoubles"), lines::toString);
        lines.stream().skip(1).forEach(line -> assertTrue(line.startsWith("not loaded: Vector"), line));
    }

    /** Prints what is chosen, and which classes of this package cannot be loaded. */
    static final class Report {
        private Report() {}

        public static void main(String[] args) throws Exception {
            System.out.println(KernelChoice.configured().describe());
            Path folder = Path.of(
                            KernelChoice.class.getResource("KernelChoice.class").toURI())
                    .getParent();
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith(".class"))
                        .forEach(file -> load(file.substring(0, file.lastIndexOf('.'))));
            }
        }

        private static void load(String name) {
            try {
                Class.forName(Report.class.getPackageName() + "." + name).getDeclaredMethods();
            } catch (ClassNotFoundException | LinkageError e) {
                System.out.println("not loaded: " + name);
            }
        }
    }
}
