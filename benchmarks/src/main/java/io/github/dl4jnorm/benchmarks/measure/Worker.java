package io.github.dl4jnorm.benchmarks.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A process that computes when asked, and sleeps otherwise. */
public final class Worker implements AutoCloseable {
    private final String title;
    private final Process process;
    private final PrintWriter requests;
    private final BufferedReader answers;

    /**
     * Starts a process.
     *
     * @param title its name in messages
     * @param launch how to start it
     * @param main its main class, which calls {@link WorkerLoop#serve}
     */
    public Worker(String title, Launch launch, Class<?> main) {
        this.title = title;
        try {
            process = launch.process(main).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Makes a task.
     *
     * @param words what the process's main class understands
     * @return whether this contender has such a task
     */
    public boolean prepare(String... words) {
        return Boolean.parseBoolean(ask(Request.PREPARE, words));
    }

    /**
     * Compares the task's results with exact ones.
     *
     * @return errors, in the task's order; empty if the task does not know
     */
    public double[] errors() {
        return numbers(ask(Request.ERRORS));
    }

    /**
     * Calls the task.
     *
     * @param phase which part of it
     * @param seconds for how long; one call at least
     * @return the mean of these calls
     */
    public Sample sample(Phase phase, double seconds) {
        double[] numbers = numbers(ask(Request.SAMPLE, phase.name(), Long.toString((long) (seconds * 1e9))));
        return new Sample(numbers[0], numbers[1]);
    }

    /**
     * The memory that the process holds.
     *
     * @return bytes, on and off the heap
     */
    public long memory() {
        return Long.parseLong(ask(Request.MEMORY));
    }

    /** Frees the task's data. */
    public void release() {
        ask(Request.RELEASE);
    }

    private static double[] numbers(String answer) {
        return answer.isEmpty()
                ? new double[0]
                : Arrays.stream(answer.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
    }

    private String ask(Request request, String... words) {
        requests.println(request + (words.length == 0 ? "" : " " + String.join(" ", words)));
        try {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (!line.startsWith(WorkerLoop.ANSWER)) {
                    System.err.println(title + ": " + line);
                    continue;
                }
                String answer = line.substring(WorkerLoop.ANSWER.length());
                if (answer.startsWith(WorkerLoop.FAILURE)) {
                    throw new IllegalStateException(
                            title + ": " + request + " " + String.join(" ", words) + " " + answer);
                }
                return answer;
            }
            throw new IllegalStateException(
                    title + ": the process ended at " + request + " " + String.join(" ", words));
        } catch (IOException e) {
            throw new UncheckedIOException(title, e);
        }
    }

    @Override
    public void close() {
        requests.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
