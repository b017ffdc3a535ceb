package io.github.dl4jnorm.testing;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import net.jqwik.api.lifecycle.AfterContainerHook;
import net.jqwik.api.lifecycle.BeforeContainerHook;
import net.jqwik.api.lifecycle.ContainerLifecycleContext;
import net.jqwik.api.lifecycle.PropagationMode;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test class that would run on another combination than the build asked for, and every one that leaves
 * another behind. Found by JUnit and by jqwik through META-INF/services.
 */
@SuppressWarnings("overloads") // jqwik's two hooks each have a compareTo
public final class CombinationGuard
        implements BeforeAllCallback, AfterAllCallback, BeforeContainerHook, AfterContainerHook {

    @Override
    public void beforeAll(ExtensionContext context) {
        check("before " + context.getDisplayName());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        check("after " + context.getDisplayName());
    }

    @Override
    public void beforeContainer(ContainerLifecycleContext context) {
        check("before " + context.label());
    }

    @Override
    public void afterContainer(ContainerLifecycleContext context) {
        check("after " + context.label());
    }

    private static void check(String when) {
        Combination.asked().ifPresent(combination -> combination.assertRuns(when));
    }

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }

    /** Classes only: what contains them is no test. */
    @Override
    public boolean appliesTo(Optional<AnnotatedElement> element) {
        return element.filter(Class.class::isInstance).isPresent();
    }
}
