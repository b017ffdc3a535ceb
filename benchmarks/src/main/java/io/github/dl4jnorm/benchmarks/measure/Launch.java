package io.github.dl4jnorm.benchmarks.measure;

import io.github.dl4jnorm.cli.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a process is started.
 *
 * @param classPath its class path
 * @param jvmArguments its other JVM arguments
 * @param environment variables besides the inherited ones
 */
public record Launch(String classPath, List<String> jvmArguments, Map<String, String> environment) {
    /**
     * System property with the class path of processes that cannot share a JVM with ND4J, since they have a newer
     * JavaCPP.
     */
    public static final String PEERS_PROPERTY = "benchmarks.peers";

    private static final List<String> LIMITS =
            List.of("-Dorg.bytedeco.javacpp.maxphysicalbytes=16g", "-Dorg.bytedeco.javacpp.maxbytes=12g");

    /**
     * How many times the helper threads of OpenMP look for work before they sleep: well below a millisecond, so that they
     * sleep when the next process is asked. The default is several milliseconds.
     */
    private static final String OPENMP_SPINS = "10000";

    /** glibc keeps freed memory, also of large arrays: who allocates outputs anew gets warm pages. */
    private static final Map<String, String> KEPT_MEMORY = Map.of(
            "MALLOC_MMAP_MAX_", "0",
            "MALLOC_TRIM_THRESHOLD_", "8589934592",
            "MALLOC_TOP_PAD_", "67108864");

    /**
     * A process with DL4J, memory allocated as it is for a user.
     *
     * @param threads threads for each contender
     * @param jvmArguments more JVM arguments
     * @return how to start it
     */
    public static Launch dl4j(int threads, String... jvmArguments) {
        List<String> arguments = new ArrayList<>(LIMITS);
        arguments.add("-Xmx2g");
        arguments.addAll(List.of(jvmArguments));
        return new Launch(
                System.getProperty("java.class.path"),
                arguments,
                Map.of("OMP_NUM_THREADS", Integer.toString(threads), "GOMP_SPINCOUNT", OPENMP_SPINS));
    }

    /**
     * The same without DL4J, but with PyTorch and oneDNN.
     *
     * @return how to start it
     * @throws UserError if this JVM was not told where they are
     */
    public Launch withPeers() {
        String peers = System.getProperty(PEERS_PROPERTY);
        if (peers == null) {
            throw new UserError(
                    "The system property " + PEERS_PROPERTY
                            + " is missing, the class path of PyTorch and oneDNN: run mvn compile -pl benchmarks -am -Dbenchmark");
        }
        return new Launch(peers, jvmArguments, environment);
    }

    /**
     * The same with a C library that keeps freed memory.
     *
     * @return how to start it
     */
    public Launch withKeptMemory() {
        Map<String, String> more = new HashMap<>(environment);
        more.putAll(KEPT_MEMORY);
        return new Launch(classPath, jvmArguments, more);
    }

    ProcessBuilder process(Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArguments);
        command.addAll(List.of("-classpath", classPath, main.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return builder;
    }
}
