package io.github.dl4jnorm.testing;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Programs in a JVM of their own, for what is decided once per JVM. */
public final class JavaProcess {
    private JavaProcess() {}

    /**
     * Runs a program on the class path of this JVM, and fails unless it ends well.
     *
     * @param program the class with the main method
     * @param jvmArguments arguments of its JVM; it has none of this one's
     * @return what it printed, errors included
     * @throws IOException if the process cannot be run
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    public static String run(Class<?> program, String... jvmArguments) throws IOException, InterruptedException {
        return run(Map.of(), program, jvmArguments);
    }

    /**
     * The same, with environment variables of its own besides this JVM's.
     *
     * @param environment values by name
     * @param program the class with the main method
     * @param jvmArguments arguments of its JVM; it has none of this one's
     * @return what it printed, errors included
     * @throws IOException if the process cannot be run
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    public static String run(Map<String, String> environment, Class<?> program, String... jvmArguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.addAll(List.of(jvmArguments));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", command) + "\n" + output);
        }
        return output;
    }
}
