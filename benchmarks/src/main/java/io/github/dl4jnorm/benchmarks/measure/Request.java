package io.github.dl4jnorm.benchmarks.measure;

/** What a {@link Worker} can be asked for. */
enum Request {
    /** Make a task. */
    PREPARE,
    /** Compare its results with exact ones. */
    ERRORS,
    /** Call it for some time. */
    SAMPLE,
    /** The memory of the process, on and off the heap, in bytes. */
    MEMORY,
    /** Forget the task. */
    RELEASE
}
