package io.github.dl4jnorm.internal.kernel;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which implementation of the inner loops runs: {@code vector}, with the Vector API, where that is fast, else
 * {@code scalar}. It is fast where the JVM compiles with HotSpot's C2, has vectors of 128 bit or more, and was started
 * with {@code --add-modules jdk.incubator.vector}.
 */
public final class KernelChoice {
    /** System property that demands an implementation by name; not getting it is an error. */
    public static final String PROPERTY = "dl4jnorm.kernels";

    /** Name of the plain Java loops. */
    public static final String SCALAR = "scalar";

    /** Name of the loops with the Vector API. */
    public static final String VECTOR = "vector";

    private static final String CANNOT_RUN = "the vector kernels cannot run: ";

    private final String name;
    private final String description;
    private final Supplier<InnerLoops<float[]>> floats;
    private final Supplier<InnerLoops<double[]>> doubles;

    private KernelChoice(
            String name,
            String description,
            Supplier<InnerLoops<float[]>> floats,
            Supplier<InnerLoops<double[]>> doubles) {
        this.name = name;
        this.description = description;
        this.floats = floats;
        this.doubles = doubles;
    }

    /**
     * The implementation that {@link #PROPERTY} demands, else the best there is.
     *
     * @return a choice
     * @throws IllegalStateException if the demanded one is unknown or cannot run
     */
    public static KernelChoice configured() {
        return configured(Jvm.current());
    }

    static KernelChoice configured(Jvm jvm) {
        String demanded = System.getProperty(PROPERTY);
        if (demanded != null) {
            return named(demanded, jvm);
        }
        Optional<String> objection = jvm.objection();
        if (objection.isPresent()) {
            return scalar(objection.get());
        }
        try {
            return vector(jvm);
        } catch (IllegalStateException e) {
            return scalar(e.getMessage());
        }
    }

    /**
     * An implementation by name. The vector kernels can be had where they are slow, too; {@link #describe()} says so.
     *
     * @param name {@value #SCALAR} or {@value #VECTOR}
     * @return a choice
     * @throws IllegalStateException if the name is unknown or the implementation cannot run
     */
    public static KernelChoice named(String name) {
        return named(name, Jvm.current());
    }

    private static KernelChoice named(String name, Jvm jvm) {
        return switch (name) {
            case SCALAR -> scalar("as demanded");
            case VECTOR -> vector(jvm);
            default ->
                throw new IllegalStateException("System property " + PROPERTY + ": expected " + SCALAR + " or " + VECTOR
                        + ", got \"" + name + "\"");
        };
    }

    private static KernelChoice scalar(String why) {
        return new KernelChoice(SCALAR, "scalar kernels (" + why + ")", ScalarFloatLoops::new, ScalarDoubleLoops::new);
    }

    private static KernelChoice vector(Jvm jvm) {
        if (jvm.vectorBits() == 0) {
            throw new IllegalStateException(CANNOT_RUN + "start Java with --add-modules jdk.incubator.vector");
        }
        Supplier<InnerLoops<float[]>> floats = loops("VectorFloatLoops");
        Supplier<InnerLoops<double[]>> doubles = loops("VectorDoubleLoops");
        String warning = jvm.objection().map(why -> ", slow here: " + why).orElse("");
        return new KernelChoice(VECTOR, "vector kernels (" + floats.get() + warning + ")", floats, doubles);
    }

    private static <A> Supplier<InnerLoops<A>> loops(String className) {
        try {
            Constructor<?> constructor = Class.forName(KernelChoice.class.getPackageName() + "." + className)
                    .getDeclaredConstructor();
            return () -> create(constructor);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw unavailable(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <A> InnerLoops<A> create(Constructor<?> constructor) {
        try {
            return (InnerLoops<A>) constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw unavailable(e.getCause());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw unavailable(e);
        }
    }

    private static IllegalStateException unavailable(Throwable cause) {
        return new IllegalStateException(CANNOT_RUN + cause, cause);
    }

    /**
     * The name of the implementation.
     *
     * @return {@value #SCALAR} or {@value #VECTOR}
     */
    public String name() {
        return name;
    }

    /**
     * Says which implementation this is, and why.
     *
     * @return a phrase
     */
    public String describe() {
        return description;
    }

    /**
     * Kernels for float.
     *
     * @param workers threads to use
     * @return kernels
     */
    public NormKernels<float[]> floats(Workers workers) {
        return new NormKernels<>(floats, workers);
    }

    /**
     * Kernels for double.
     *
     * @param workers threads to use
     * @return kernels
     */
    public NormKernels<double[]> doubles(Workers workers) {
        return new NormKernels<>(doubles, workers);
    }
}
