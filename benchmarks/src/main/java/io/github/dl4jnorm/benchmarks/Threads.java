package io.github.dl4jnorm.benchmarks;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Gives every contender the same number of threads. */
final class Threads {
    private Threads() {}

    /** Limits ND4J; our engines read the property that the command sets, PyTorch is told by its task. */
    static void limit(int threads) {
        Nd4j.getBackend();
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    }
}
