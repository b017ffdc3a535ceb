package io.github.dl4jnorm.benchmarks.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;

/**
 * The other end of a {@link Worker}: reads a request a line from its input and answers each with a line. Between requests
 * it waits for input and computes nothing.
 */
public final class WorkerLoop {
    /** Begins every answer; all else that a process prints is for people. */
    static final String ANSWER = "@ ";

    /** Begins the answer to a request that failed. */
    static final String FAILURE = "failed: ";

    private static final long LARGE = 1L << 30;

    private final Function<List<String>, Optional<Task>> tasks;
    private final PrintStream answers;
    private final Meter meter = new Meter();
    private Task task;

    private WorkerLoop(Function<List<String>, Optional<Task>> tasks, PrintStream answers) {
        this.tasks = tasks;
        this.answers = answers;
    }

    /**
     * Serves until the input ends.
     *
     * @param tasks makes a task of the words of a request; nothing where the contender has no such task
     * @throws IOException if the input cannot be read
     */
    public static void serve(Function<List<String>, Optional<Task>> tasks) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        new WorkerLoop(tasks, answers).serve();
    }

    private void serve() throws IOException {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(ANSWER + answerOrFailure(List.of(line.split(" "))));
            answers.flush();
        }
    }

    private String answerOrFailure(List<String> request) {
        try {
            return answer(request);
        } catch (RuntimeException | LinkageError e) {
            e.printStackTrace();
            return FAILURE + e.toString().replace('\n', ' ');
        }
    }

    private String answer(List<String> request) {
        return switch (Request.valueOf(request.get(0))) {
            case PREPARE -> {
                release();
                task = tasks.apply(request.subList(1, request.size())).orElse(null);
                yield Boolean.toString(task != null);
            }
            case ERRORS -> {
                String errors =
                        Arrays.stream(task.errors()).mapToObj(Double::toString).collect(Collectors.joining(" "));
                // Arrays for the comparison are garbage now; the heap of a process that waits should be small.
                System.gc();
                yield errors;
            }
            case SAMPLE -> {
                Sample sample = meter.sample(task, Phase.valueOf(request.get(1)), Long.parseLong(request.get(2)));
                collectIfLarge();
                yield sample.nanos() + " " + sample.bytes();
            }
            case MEMORY -> Long.toString(Pointer.physicalBytes());
            case RELEASE -> {
                release();
                yield "";
            }
        };
    }

    /**
     * Arrays outside the heap may wait long for a garbage collection that a small heap does not need: gigabytes that other
     * processes would miss. The collection is in nobody's time.
     */
    private static void collectIfLarge() {
        if (Pointer.physicalBytes() > LARGE) {
            System.gc();
        }
    }

    private void release() {
        if (task != null) {
            task.close();
            task = null;
            System.gc();
        }
    }
}
