package io.github.dl4jnorm.layer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.github.dl4jnorm");

    @Test
    void onlyLayersKnowDl4j() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.github.dl4jnorm.layer..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.deeplearning4j..")
                .because("the mathematics serves SameDiff users too")
                .check(CLASSES);
    }

    @Test
    void layersUseTheEnginesAndNothingBehindThem() {
        classes()
                .that()
                .resideInAPackage("io.github.dl4jnorm.layer..")
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackage("io.github.dl4jnorm..")
                .orShould()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.deeplearning4j..",
                        "org.nd4j..",
                        "org.slf4j..",
                        "io.github.dl4jnorm.layer..",
                        "io.github.dl4jnorm.engine..",
                        "io.github.dl4jnorm.spec..")
                .because("engines choose kernels, and examples come after layers")
                .check(CLASSES);
    }
}
