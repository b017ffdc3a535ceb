package io.github.dl4jnorm.testing;

import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.FusedEngine;
import java.util.Optional;
import java.util.regex.Pattern;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the tests of this run are meant to run on: the build says so twice, to the library, and by system properties of
 * its own to the tests.
 *
 * @param engine name of the engine
 * @param kernels name of the kernels of the fused engine
 * @param threads how many threads work on a pass of the fused engine, or on an operation of ND4J for the other one
 */
public record Combination(String engine, String kernels, int threads) {

    /**
     * The combination that the build asked for.
     *
     * @return none where no build runs the tests, such as in an IDE
     */
    public static Optional<Combination> asked() {
        return Optional.ofNullable(System.getProperty("test.engine"))
                .map(engine -> new Combination(
                        engine, System.getProperty("test.kernels"), Integer.getInteger("test.threads", 0)));
    }

    /**
     * Fails unless normalizations run on this.
     *
     * @param when at what time, for the message
     */
    public void assertRuns(String when) {
        String ofNd4j = ", threads: " + Nd4j.getEnvironment().maxMasterThreads();
        assertIs(when, EngineChoice.describe() + (engine.equals(FusedEngine.NAME) ? "" : ofNd4j));
    }

    /** Fails unless a description, with the threads in the end, is of this combination. */
    void assertIs(String when, String description) {
        String kernelsIfAny =
                engine.equals(FusedEngine.NAME) ? ": " + Pattern.quote(kernels) + " kernels \\(.+\\)" : "";
        String expected = Pattern.quote(engine) + kernelsIfAny + ", threads: " + threads;
        if (!description.matches(expected)) {
            throw new AssertionError(
                    when + ": the build asked for " + this + ", and normalizations run on \"" + description + "\"");
        }
    }
}
