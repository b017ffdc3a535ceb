package io.github.dl4jnorm.testing;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CombinationTest {
    private static final Combination FUSED = new Combination("fused", "vector", 3);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fused: vector kernels (512 bit), threads: 3",
                "fused: vector kernels (128 bit, slow here: the JVM runs in interpreted mode), threads: 3"
            })
    void acceptsWhatWasAsked(String description) {
        assertDoesNotThrow(() -> FUSED.assertIs("before A", description));
        assertDoesNotThrow(() -> new Combination("nd4j", "vector", 3).assertIs("before A", "nd4j, threads: 3"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nd4j",
                "nd4j, threads: 3",
                "fused: scalar kernels (start Java with --add-modules jdk.incubator.vector for faster ones), threads: 3",
                "fused: vector kernels (512 bit), threads: 1",
                "fused: vector kernels (512 bit), threads: 13",
                "fused: vector kernels (512 bit), threads: 31"
            })
    void refusesAllElse(String description) {
        String message = assertThrows(AssertionError.class, () -> FUSED.assertIs("before A", description))
                .getMessage();
        assertEquals(
                "before A: the build asked for Combination[engine=fused, kernels=vector, threads=3], and normalizations"
                        + " run on \"" + description + "\"",
                message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fused: vector kernels (512 bit), threads: 3", "nd4j, threads: 1", "nd4j"})
    void refusesAnotherEngine(String description) {
        Combination nd4j = new Combination("nd4j", "vector", 3);
        assertThrows(AssertionError.class, () -> nd4j.assertIs("before A", description));
    }
}
