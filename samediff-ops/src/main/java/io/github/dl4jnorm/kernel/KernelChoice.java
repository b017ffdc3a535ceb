package io.github.dl4jnorm.kernel;

import java.lang.reflect.Constructor;
import java.util.function.Supplier;

/**
 * Which implementation of the inner loops runs for float: {@code vector}, with the Vector API, if the module {@code
 * jdk.incubator.vector} is there (start Java with {@code --add-modules jdk.incubator.vector}), else {@code scalar}.
 */
public final class KernelChoice {
    /** System property that demands an implementation by name; not getting it is an error. */
    public static final String PROPERTY = "dl4jnorm.kernels";

    /** Name of the plain Java loops. */
    public static final String SCALAR = "scalar";

    /** Name of the loops with the Vector API. */
    public static final String VECTOR = "vector";

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
        String demanded = System.getProperty(PROPERTY);
        if (demanded != null) {
            return named(demanded);
        }
        try {
            return vector();
        } catch (IllegalStateException e) {
            return scalar(e.getMessage());
        }
    }

    /**
     * An implementation by name.
     *
     * @param name {@value #SCALAR} or {@value #VECTOR}
     * @return a choice
     * @throws IllegalStateException if the name is unknown or the implementation cannot run
     */
    public static KernelChoice named(String name) {
        return switch (name) {
            case SCALAR -> scalar("as demanded");
            case VECTOR -> vector();
            default ->
                throw new IllegalStateException("System property " + PROPERTY + ": expected " + SCALAR + " or " + VECTOR
                        + ", got \"" + name + "\"");
        };
    }

    private static KernelChoice scalar(String why) {
        return new KernelChoice(SCALAR, "scalar kernels (" + why + ")", ScalarFloatLoops::new);
    }

    private static KernelChoice vector() {
        try {
            Constructor<?> constructor = Class.forName(KernelChoice.class.getPackageName() + ".VectorFloatLoops")
                    .getDeclaredConstructor();
            InnerLoops<float[]> first = create(constructor);
            return new KernelChoice(VECTOR, "vector kernels (" + first + ")", () -> create(constructor));
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
        return new IllegalStateException(
                "the vector kernels cannot run: start Java with --add-modules jdk.incubator.vector", cause);
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
