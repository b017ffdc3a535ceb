package io.github.dl4jnorm.kernel;

import java.lang.reflect.Constructor;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which implementation of the inner loops runs for float: {@code vector}, with the Vector API, where that is fast, else
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
    private final Supplier<InnerLoops<float[]>> loops;

    private KernelChoice(String name, String description, Supplier<InnerLoops<float[]>> loops) {
        this.name = name;
        this.description = description;
        this.loops = loops;
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
        return new KernelChoice(SCALAR, "scalar kernels (" + why + ")", ScalarFloatLoops::new);
    }

    private static KernelChoice vector(Jvm jvm) {
        if (jvm.vectorBits() == 0) {
            throw new IllegalStateException(CANNOT_RUN + "start Java with --add-modules jdk.incubator.vector");
        }
        try {
            Constructor<?> constructor = Class.forName(KernelChoice.class.getPackageName() + ".VectorFloatLoops")
                    .getDeclaredConstructor();
            InnerLoops<float[]> first = create(constructor);
            String warning = jvm.objection().map(why -> ", slow here: " + why).orElse("");
            return new KernelChoice(VECTOR, "vector kernels (" + first + warning + ")", () -> create(constructor));
        } catch (ReflectiveOperationException | LinkageError e) {
            throw unavailable(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static InnerLoops<float[]> create(Constructor<?> constructor) {
        try {
            return (InnerLoops<float[]>) constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw unavailable(e);
        }
    }

    private static IllegalStateException unavailable(Throwable cause) {
        return new IllegalStateException(CANNOT_RUN + cause, cause);
    }

    InnerLoops<float[]> newLoops() {
        return loops.get();
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
        return new NormKernels<>(loops, workers);
    }

    /**
     * Kernels for double, which are the same for every choice.
     *
     * @param workers threads to use
     * @return kernels
     */
    public NormKernels<double[]> doubles(Workers workers) {
        return new NormKernels<>(ScalarDoubleLoops::new, workers);
    }
}
