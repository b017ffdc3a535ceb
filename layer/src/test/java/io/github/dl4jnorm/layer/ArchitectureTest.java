package io.github.dl4jnorm.layer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.dl4jnorm.testing.Doors;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.github.dl4jnorm");

    @Test
    void usersSeeLayersOnly() {
        JavaClasses layers = CLASSES.that(JavaClass.Predicates.resideInAPackage("io.github.dl4jnorm.layer"));
        assertEquals(
                List.of("BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm", "RmsNorm", "SumNorm", "UnitNorm"),
                Doors.of(layers));
        assertEquals(List.of(), Doors.internalsShown(layers));
    }

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

    /** Whatever is a layer is a row of the table that the tests run through. */
    @Test
    void everyLayerIsTested() {
        Set<String> layers = CLASSES.stream()
                .filter(c ->
                        c.isAssignableTo(NormLayer.class) && !c.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
        Set<String> tested = Arrays.stream(Variants.values())
                .map(variant -> variant.layer.get().getClass().getName())
                .collect(Collectors.toSet());
        assertEquals(layers, tested);
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
                        "org.jspecify.annotations..",
                        "io.github.dl4jnorm.layer..",
                        "io.github.dl4jnorm.internal.engine..",
                        "io.github.dl4jnorm.spec..")
                .because("engines choose kernels, and examples come after layers")
                .check(CLASSES);
    }
}
