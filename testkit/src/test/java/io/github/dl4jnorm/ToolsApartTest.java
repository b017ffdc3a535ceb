package io.github.dl4jnorm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** A check must not lean on what it checks. */
class ToolsApartTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.github.dl4jnorm.gradcheck", "io.github.dl4jnorm.layercheck");

    @Test
    void gradientToolsKnowTheTableAndArrays() {
        classes()
                .that()
                .resideInAPackage("io.github.dl4jnorm.gradcheck")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.imageio..",
                        "org.apache.commons.math3.linear..",
                        "org.jspecify.annotations",
                        "org.knowm.xchart..",
                        "org.nd4j.linalg..",
                        "org.nd4j.common..",
                        "io.github.dl4jnorm.gradcheck",
                        "io.github.dl4jnorm.spec")
                .check(CLASSES);
    }

    @Test
    void theLayerCheckKnowsDl4jAndNoLayerOfOurs() {
        classes()
                .that()
                .resideInAPackage("io.github.dl4jnorm.layercheck")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify.annotations",
                        "org.nd4j..",
                        "org.deeplearning4j..",
                        "org.slf4j..",
                        "io.github.dl4jnorm.layercheck")
                .check(CLASSES);
    }
}
