package io.github.dl4jnorm.testing;

import io.github.dl4jnorm.engine.NormEngines;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the tests of this run are meant to run on: the build says so twice, to the library, and by system properties of
 * its own to the tests.
 *
 * @param engine name of the engine
 * @param kernels name of the kernels of the fused engine
 * @param threads how many threads work on a pass of the fused engine
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
        assertIs(when, NormEngines.describe());
    }

    /** Fails unless {@link NormEngines#describe} says so of this combination. */
    void assertIs(String when, String description) {
        boolean fused = engine.equals("fused");
        String expected = fused
                ? "fused: " + Pattern.quote(kernels) + " kernels \\(.+\\), threads: " + threads
                : Pattern.quote(engine);
        if (!description.matches(expected)) {
            throw new AssertionError(
                    when + ": the build asked for " + this + ", and normalizations run on \"" + description + "\"");
        }
    }
}
