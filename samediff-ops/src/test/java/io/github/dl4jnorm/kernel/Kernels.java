package io.github.dl4jnorm.kernel;

import java.util.ArrayList;
import java.util.List;

/** The kernels that the tests of this run must cover. */
final class Kernels {
    private Kernels() {}

    /**
     * The names of the implementations for float. Where the property demands the vector kernels, their absence is an
     * error and not a reason to test less.
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
    static String className(String name) {
        return KernelChoice.VECTOR.equals(name) ? "VectorFloatLoops" : "ScalarFloatLoops";
    }

    /** Every implementation of the inner loops for float, made anew. */
    static List<InnerLoops<float[]>> floatLoops() {
        return names().stream().map(name -> KernelChoice.named(name).newLoops()).toList();
    }
}
