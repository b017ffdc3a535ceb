package io.github.dl4jnorm.internal.kernel;

/** The arithmetic of cutting work into blocks. */
final class Blocks {
    /** Elements that are worth a task. */
    static final long TASK = 8L * InnerLoops.CHUNK;

    private Blocks() {}

    static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }

    static long roundUp(long value, long multiple) {
        return ceilDiv(value, multiple) * multiple;
    }
}
