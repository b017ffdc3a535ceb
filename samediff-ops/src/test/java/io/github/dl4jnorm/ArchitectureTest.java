package io.github.dl4jnorm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.dl4jnorm.testing.Doors;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Arrows between packages run one way: SameDiff ops and eager functions → engines → kernels → the table. */
class ArchitectureTest {
    private static final String ROOT = "io.github.dl4jnorm";
    private static final String SPEC = ROOT + ".spec..";
    private static final String ENGINE = ROOT + ".internal.engine..";
    private static final String KERNEL = ROOT + ".internal.kernel..";
    private static final String SAMEDIFF = ROOT + ".internal.samediff..";
    private static final String ANNOTATIONS = "org.jspecify.annotations";

    /** The classes of this module by name; what they depend on need not be read. */
    private static final JavaClasses CLASSES = mainClasses();

    private static JavaClasses mainClasses() {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .importUrl(NDNorm.class.getProtectionDomain().getCodeSource().getLocation());
    }

    @Test
    void usersSeeThisOnly() {
        assertEquals(
                List.of(
                        "FusedActivation",
                        "Groups",
                        "NDNorm",
                        "NormAxes",
                        "NormEngines",
                        "NormGradients",
                        "NormSpec",
                        "Normalized",
                        "RunningStatistics",
                        "SDNorm",
                        "Statistic"),
                Doors.of(CLASSES));
        assertEquals(List.of(), Doors.internalsShown(CLASSES));
    }

    @Test
    void nothingKnowsDeeplearning4j() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.deeplearning4j..")
                .because("networks are the business of the layer module")
                .check(CLASSES);
    }

    @Test
    void enginesKnowNeitherSameDiffNorTheFunctionsOnTop() {
        noClasses()
                .that()
                .resideInAPackage(ENGINE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT, SAMEDIFF, "org.nd4j.autodiff..")
                .check(CLASSES);
    }

    @Test
    void onlySDNormKnowsTheSameDiffOps() {
        noClasses()
                .that()
                .resideInAPackage(ROOT)
                .and()
                .haveSimpleNameNotStartingWith("SDNorm")
                .and()
                .doNotHaveSimpleName("RunningStatistics")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SAMEDIFF, "org.nd4j.autodiff..")
                .check(CLASSES);
    }

    @Test
    void theTableKnowsPlainJavaOnly() {
        classes()
                .that()
                .resideInAPackage(SPEC)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", ANNOTATIONS, SPEC)
                .check(CLASSES);
    }

    @Test
    void kernelsKnowTheTableAndPlainMemoryOnly() {
        classes()
                .that()
                .resideInAPackage(KERNEL)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "jdk.incubator.vector..", ANNOTATIONS, SPEC, KERNEL)
                .check(CLASSES);
    }

    /** No two top-level classes of the kernels need each other, not even by way of others. */
    @Test
    void kernelsHaveNoCycles() {
        Map<String, Set<String>> uses = uses(ROOT + ".internal.kernel");
        assertTrue(uses.size() > 30, uses.keySet()::toString);
        assertTrue(uses.get(ROOT + ".internal.kernel.NormKernels").contains(ROOT + ".internal.kernel.Rows"));
        assertEquals(List.of(), Cycles.of(uses));
    }

    /** What each top-level class of a package uses of it; nested classes count as the class around them. */
    private static Map<String, Set<String>> uses(String thePackage) {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass javaClass : CLASSES) {
            if (javaClass.getPackageName().equals(thePackage)) {
                String user = topLevel(javaClass);
                Set<String> used = uses.computeIfAbsent(user, name -> new TreeSet<>());
                javaClass.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                        .filter(target -> target.getPackageName().equals(thePackage))
                        .map(ArchitectureTest::topLevel)
                        .filter(name -> !name.equals(user))
                        .forEach(used::add);
            }
        }
        return uses;
    }

    private static String topLevel(JavaClass javaClass) {
        String name = javaClass.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    @Test
    void cyclesAreFound() {
        Map<String, Set<String>> graph = Map.of(
                "a", Set.of("b", "e"),
                "b", Set.of("c"),
                "c", Set.of("b", "d"),
                "d", Set.of(),
                "e", Set.of("f"),
                "f", Set.of("g", "d"),
                "g", Set.of("e"));
        assertEquals(List.of(Set.of("b", "c"), Set.of("e", "f", "g")), Cycles.of(graph));
    }

    @Test
    void vectorLoopsAloneUseTheIncubatorModule() {
        noClasses()
                .that()
                .haveNameNotMatching(".*\\.kernel\\.Vector(Access|Float\\w+|Double\\w+)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator..")
                .because("the module may be absent at run time")
                .check(CLASSES);
    }

    @Test
    void onlyEnginesUseKernels() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT, SAMEDIFF)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(KERNEL)
                .check(CLASSES);
    }
}
