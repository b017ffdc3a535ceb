package io.github.dl4jnorm.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A standalone cluster of Spark on the loopback interface: a master and workers, each a process of its own, run from an
 * installation of Spark that knows nothing of DL4J and us, made of links to the jars of this class path.
 */
final class StandaloneCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Pattern OF_THE_APPLICATION =
            Pattern.compile(".*/(org/(deeplearning4j|nd4j|datavec|bytedeco)/.*|dl4j-norm-[^/]*)");
    private static final Pattern MASTER_STARTED = Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final Pattern WORKER_REGISTERED = Pattern.compile("(Successfully registered with master)");

    private final List<Process> processes = new ArrayList<>();
    private final Path home;
    private final String master;

    /**
     * Starts a cluster of a master and workers with one core each.
     *
     * @param home an empty directory, for Spark and all that the processes write
     * @param workers number of workers
     */
    StandaloneCluster(Path home, int workers) throws IOException {
        this.home = home;
        install();
        // Should this JVM be told to end before it closes the cluster.
        Runtime.getRuntime().addShutdownHook(new Thread(this::killAll));
        try {
            Path log = start("master", "org.apache.spark.deploy.master.Master", "--port", "0");
            master = await(log, MASTER_STARTED);
            List<Path> logs = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                logs.add(startWorker());
            }
            logs.forEach(worker -> await(worker, WORKER_REGISTERED));
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** The address for the driver. */
    String master() {
        return master;
    }

    /** Where processes put what nobody removes when they are killed. */
    Path temporary() {
        return home.resolve("tmp");
    }

    /** Adds a worker, and waits until the master knows it. */
    void addWorker() throws IOException {
        await(startWorker(), WORKER_REGISTERED);
    }

    private Path startWorker() throws IOException {
        String name = "worker" + processes.size();
        Path work = Files.createDirectory(home.resolve(name));
        return start(
                name,
                "org.apache.spark.deploy.worker.Worker",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--work-dir",
                work.toString(),
                master);
    }

    private void install() throws IOException {
        Path jars = Files.createDirectory(home.resolve("jars"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path jar = Path.of(entry).toAbsolutePath();
            if (Files.isRegularFile(jar)
                    && !OF_THE_APPLICATION
                            .matcher(jar.toString().replace(File.separatorChar, '/'))
                            .matches()) {
                Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
            }
        }
        Files.createDirectory(temporary());
        Path conf = Files.createDirectory(home.resolve("conf"));
        try (var settings = StandaloneCluster.class.getResourceAsStream("/cluster-logback.xml")) {
            Files.copy(settings, conf.resolve("logback.xml"));
        }
    }

    private Path start(String name, String mainClass, String... arguments) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx256m", "-Djava.io.tmpdir=" + temporary()));
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().trim().split("\\s+")));
        command.addAll(List.of(
                "-cp",
                home.resolve("conf") + File.pathSeparator + home.resolve("jars") + File.separator + "*",
                mainClass));
        command.addAll(List.of("--host", "127.0.0.1", "--webui-port", "0"));
        command.addAll(List.of(arguments));
        Path log = home.resolve(name + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("SPARK_LOCAL_DIRS", temporary().toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SPARK_SCALA_VERSION", "2.12");
        builder.environment().remove("SPARK_CONF_DIR");
        processes.add(builder.start());
        return log;
    }

    private String await(Path log, Pattern line) {
        return await(log + " to have the line " + line, () -> {
            Matcher matcher = line.matcher(read(log));
            return matcher.find() ? matcher.group(1) : null;
        });
    }

    /** Looks again and again until there is something, and fails if that takes too long. */
    static <T> T await(String what, Supplier<T> source) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            T found = source.get();
            if (found != null) {
                return found;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Waited " + PATIENCE.toSeconds() + " s in vain for " + what);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills a process, and waits for its end. */
    static void kill(ProcessHandle process) {
        process.destroyForcibly();
        process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    private void killAll() {
        for (Process process : processes) {
            List<ProcessHandle> executors = process.descendants().toList();
            kill(process.toHandle());
            executors.forEach(StandaloneCluster::kill);
        }
    }

    /** Kills all processes, executors included. */
    @Override
    public void close() {
        killAll();
        // JUnit warns about every link that it removes.
        for (File link : home.resolve("jars").toFile().listFiles()) {
            link.delete();
        }
    }
}
