package io.github.dl4jnorm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** Arrows between packages run one way: SameDiff ops and eager functions → engines → kernels. */
class ArchitectureTest {
    private static final String ROOT = "io.github.dl4jnorm";
    private static final String ENGINE = ROOT + ".engine..";
    private static final String KERNEL = ROOT + ".kernel..";
    private static final String SAMEDIFF = ROOT + ".samediff..";
    private static final String GRADCHECK = ROOT + ".gradcheck..";
    private static final String ND4J = "org.nd4j..";

    /** The classes of this module by name; what they depend on need not be read. */
    private static final JavaClasses CLASSES = mainClasses();

    private static JavaClasses mainClasses() {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .importUrl(NDNorm.class.getProtectionDomain().getCodeSource().getLocation());
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
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SAMEDIFF, "org.nd4j.autodiff..")
                .check(CLASSES);
    }

    @Test
    void kernelsKnowPlainMemoryOnly() {
        noClasses()
                .that()
                .resideInAPackage(KERNEL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ND4J, "org.bytedeco..", ROOT, ENGINE, SAMEDIFF)
                .check(CLASSES);
    }

    @Test
    void gradientToolsStandOnTopAndApart() {
        noClasses()
                .that()
                .resideOutsideOfPackage(GRADCHECK)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(GRADCHECK)
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(GRADCHECK)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT, KERNEL, SAMEDIFF, "org.nd4j.autodiff..")
                .because("a check must not lean on what it checks")
                .check(CLASSES);
    }

    @Test
    void oneClassUsesTheIncubatorModule() {
        noClasses()
                .that()
                .haveSimpleNameNotStartingWith("VectorFloatLoops")
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
