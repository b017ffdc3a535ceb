package io.github.dl4jnorm.internal.kernel;

import java.util.ArrayList;
import java.util.List;

/** The kernels that the tests of this run must cover. */
final class Kernels {
    private Kernels() {}

    /**
     * The names of the implementations. Where the property demands the vector kernels, their absence is an error and not
     * a reason to test less.
     */
    static List<String> names() {
        List<String> names = new ArrayList<>(List.of(KernelChoice.SCALAR));
        if (KernelChoice.VECTOR.equals(System.getProperty(KernelChoice.PROPERTY)) || isVectorModuleHere()) {
            names.add(KernelChoice.VECTOR);
        }
        return names;
    }

    static boolean isVectorModuleHere() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /** The class that a name stands for. */
    private static String className(String name, String type) {
        return (KernelChoice.VECTOR.equals(name) ? "Vector" : "Scalar") + type + "Loops";
    }

    /** Every implementation of the inner loops for float, made anew. */
    static List<InnerLoops<float[]>> floatLoops() {
        return names().stream()
                .map(name -> Kernels.<float[]>loops(name, "Float"))
                .toList();
    }

    /** Every implementation of the inner loops for double, made anew. */
    static List<InnerLoops<double[]>> doubleLoops() {
        return names().stream()
                .map(name -> Kernels.<double[]>loops(name, "Double"))
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static <A> InnerLoops<A> loops(String name, String type) {
        try {
            return (InnerLoops<A>) Class.forName(Kernels.class.getPackageName() + "." + className(name, type))
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
