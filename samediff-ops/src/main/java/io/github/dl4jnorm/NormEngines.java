package io.github.dl4jnorm;

import io.github.dl4jnorm.internal.engine.EngineChoice;

/**
 * What computes the normalizations of this process. On the CPU backend that is the engine {@code fused}, kernels in plain
 * Java; on any other it is {@code nd4j}, made of ND4J's array operations. System properties choose:
 *
 * <ul>
 *   <li>{@code dl4jnorm.engine}: {@code fused} or {@code nd4j}.
 *   <li>{@code dl4jnorm.kernels}: {@code scalar} or {@code vector}, for the fused engine. Vector kernels need the JVM's
 *       option {@code --add-modules jdk.incubator.vector}.
 *   <li>{@code dl4jnorm.threads}: how many threads the fused engine has at most; else the environment variable {@code
 *       OMP_NUM_THREADS} says, else ND4J.
 * </ul>
 *
 * A property that cannot be obeyed is an {@link IllegalStateException} when something is first normalized.
 */
public final class NormEngines {
    private NormEngines() {}

    /**
     * Says what runs on this machine: the engine, which kernels and why, and how many threads.
     *
     * @return a line for a log
     * @throws IllegalStateException if a system property cannot be obeyed
     */
    public static String describe() {
        return EngineChoice.describe();
    }
}
