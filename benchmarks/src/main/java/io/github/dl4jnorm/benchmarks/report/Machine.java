package io.github.dl4jnorm.benchmarks.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the numbers were measured on.
 *
 * @param processor name of the processor
 * @param os operating system
 * @param jdk version of the JVM
 * @param threads threads for each contender
 */
public record Machine(String processor, String os, String jdk, int threads) {

    /**
     * This machine.
     *
     * @param threads threads for each contender
     * @return a description
     */
    public static Machine here(int threads) {
        return new Machine(
                processorName(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                threads);
    }

    private static String processorName() {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuinfo)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return processor + ", " + os + ", " + jdk + ", " + threads + " threads";
    }
}
