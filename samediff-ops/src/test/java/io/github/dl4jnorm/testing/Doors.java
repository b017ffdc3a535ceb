package io.github.dl4jnorm.testing;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.List;
import java.util.stream.Stream;

/** What of a module its users see: public types outside {@code internal} packages, and what these mention. */
public final class Doors {
    private Doors() {}

    /** The simple names of the public top-level types outside {@code internal} packages, in alphabetical order. */
    public static List<String> of(JavaClasses classes) {
        return doors(classes)
                .filter(JavaClass::isTopLevelClass)
                .map(JavaClass::getSimpleName)
                .sorted()
                .toList();
    }

    /** The public and protected methods and constructors of such types that have an internal type in their signature. */
    public static List<String> internalsShown(JavaClasses classes) {
        return doors(classes)
                .flatMap(door -> door.getCodeUnits().stream())
                .filter(Doors::isVisible)
                .filter(unit -> Stream.concat(unit.getRawParameterTypes().stream(), Stream.of(unit.getRawReturnType()))
                        .anyMatch(type -> isInternal(type.getBaseComponentType())))
                .map(JavaCodeUnit::getFullName)
                .sorted()
                .toList();
    }

    private static Stream<JavaClass> doors(JavaClasses classes) {
        return classes.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(type -> !isInternal(type));
    }

    private static boolean isVisible(JavaCodeUnit unit) {
        return unit.getModifiers().contains(JavaModifier.PUBLIC)
                || unit.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static boolean isInternal(JavaClass type) {
        return (type.getPackageName() + ".").contains(".internal.");
    }
}
