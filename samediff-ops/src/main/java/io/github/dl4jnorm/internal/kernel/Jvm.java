package io.github.dl4jnorm.internal.kernel;

import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What decides whether vector kernels are fast on a Java virtual machine. Only HotSpot's compiler C2 turns vectors into
 * registers; for whoever else runs the code each vector is an object, and plain loops are many times faster.
 *
 * @param name its name, the system property java.vm.name
 * @param mode how it runs, the system property java.vm.info
 * @param vectorBits bits of its widest vectors, 0 without the module of the Vector API
 * @param flag gives the value of a VM flag, null if it is not known
 */
record Jvm(String name, String mode, int vectorBits, UnaryOperator<@Nullable String> flag) {
    private static final int MIN_BITS = 128;

    /** The one that runs this. */
    static Jvm current() {
        return new Jvm(
                System.getProperty("java.vm.name", ""),
                System.getProperty("java.vm.info", ""),
                currentVectorBits(),
                Jvm::currentFlag);
    }

    /** Why the vector kernels are not the ones to choose, if so, in a phrase. The module comes after what it cannot cure. */
    Optional<String> objection() {
        if (mode.contains("interpreted mode")) {
            return Optional.of("the JVM runs in interpreted mode");
        }
        // HotSpot calls itself so where it has C2, whatever its vendor.
        if (!name.contains("Server VM")) {
            return Optional.of("the JVM is " + name + ", without HotSpot's compiler C2");
        }
        if (mode.contains("emulated-client") || differs("TieredStopAtLevel", "4")) {
            return Optional.of("the JVM runs without its compiler C2");
        }
        if (differs("UseJVMCICompiler", "false")) {
            return Optional.of("the JVM has another compiler in the place of C2");
        }
        if (vectorBits == 0) {
            return Optional.of("start Java with --add-modules jdk.incubator.vector for faster ones");
        }
        if (differs("EnableVectorSupport", "true")) {
            return Optional.of("the JVM runs with -XX:-EnableVectorSupport");
        }
        return vectorBits < MIN_BITS
                ? Optional.of("vectors of this JVM have " + vectorBits + " bit only")
                : Optional.empty();
    }

    /** Whether a flag has another value than usual. An unknown one has not: see {@link #currentFlag}. */
    private boolean differs(String flagName, String usual) {
        return !Objects.requireNonNullElse(flag.apply(flagName), usual).equals(usual);
    }

    /** By reflection, as all that follows: these modules may be absent. */
    private static int currentVectorBits() {
        try {
            Class<?> type = Class.forName("jdk.incubator.vector.VectorShape");
            Object shape = type.getMethod("preferredShape").invoke(null);
            return (int) type.getMethod("vectorBitSize").invoke(shape);
        } catch (ReflectiveOperationException | LinkageError e) {
            return 0;
        }
    }

    /** Flags that are experimental are known only where they are unlocked; where they are not, nobody has set them. */
    private static @Nullable String currentFlag(String flagName) {
        try {
            Class<?> type = Class.forName("com.sun.management.HotSpotDiagnosticMXBean");
            Object bean = ManagementFactory.getPlatformMXBean(type.asSubclass(PlatformManagedObject.class));
            Object option = type.getMethod("getVMOption", String.class).invoke(bean, flagName);
            return (String) option.getClass().getMethod("getValue").invoke(option);
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            return null;
        }
    }
}
