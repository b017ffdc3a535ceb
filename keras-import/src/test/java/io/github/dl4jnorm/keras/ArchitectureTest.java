package io.github.dl4jnorm.keras;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.dl4jnorm.internal.engine.RunningVariance;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void theImportUsesLayersAndNothingBehindThem() {
        classes()
                .that()
                .resideInAPackage("io.github.dl4jnorm.keras..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java..",
                                "org.bytedeco..",
                                "org.deeplearning4j..",
                                "org.jspecify.annotations",
                                "org.nd4j..",
                                "org.slf4j..",
                                "io.github.dl4jnorm.keras..",
                                "io.github.dl4jnorm.layer")
                        .or(type(RunningVariance.class)))
                .because(
                        "Keras' layers become layers of this library, whatever computes them; which variances these take, one"
                                + " class knows")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.github.dl4jnorm.keras"));
    }

    @Test
    void arrowsRunOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("door")
                .definedBy("io.github.dl4jnorm.keras")
                .layer("passes")
                .definedBy("..keras.internal.passes")
                .layer("layers")
                .definedBy("..keras.internal.layers")
                .layer("file")
                .definedBy("..keras.internal.file")
                .layer("model")
                .definedBy("..keras.internal.model")
                .layer("support")
                .definedBy("..keras.internal.support")
                .layer("report")
                .definedBy("..keras.report")
                .layer("network")
                .definedBy("..keras.network")
                .whereLayer("door")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("passes")
                .mayOnlyBeAccessedByLayers("door")
                .whereLayer("support")
                .mayOnlyBeAccessedByLayers("door", "passes")
                .whereLayer("layers")
                .mayOnlyBeAccessedByLayers("door", "passes", "support")
                .whereLayer("file")
                .mayOnlyBeAccessedByLayers("door")
                .whereLayer("model")
                .mayOnlyAccessLayers("report")
                .whereLayer("report")
                .mayNotAccessAnyLayer()
                .whereLayer("network")
                .mayNotAccessAnyLayer()
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.github.dl4jnorm.keras"));
    }
}
