package io.github.dl4jnorm;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Records compare arrays by identity: those that hold some are carriers between methods, and nobody compares them. */
class RecordsTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.github.dl4jnorm.gradcheck", "io.github.dl4jnorm.layercheck");

    private static final DescribedPredicate<JavaClass> HOLDS_ARRAYS = describe(
            "records that hold arrays",
            type -> type.isRecord()
                    && type.getFields().stream()
                            .anyMatch(field -> field.getRawType().isArray()));

    @Test
    void recordsThatUsersSeeHoldNoArrays() {
        noClasses().that(HOLDS_ARRAYS).should().bePublic().check(CLASSES);
    }

    @Test
    void recordsWithArraysAreNotCompared() {
        noClasses()
                .should()
                .callMethodWhere(target(owner(HOLDS_ARRAYS)).and(target(nameMatching("equals|hashCode"))))
                .check(CLASSES);
    }
}
