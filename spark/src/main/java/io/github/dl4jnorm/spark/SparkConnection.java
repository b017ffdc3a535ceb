package io.github.dl4jnorm.spark;

import io.github.dl4jnorm.cli.UsageError;
import io.github.dl4jnorm.cli.UserError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Connects to Spark, or says in one line why that cannot be: by itself, Spark tries for a minute to reach a master that
 * is not there, and waits for ever for executors.
 */
final class SparkConnection {
    private static final Pattern LOCAL = Pattern.compile("local(\\[([1-9]\\d*|\\*)])?");
    private static final Pattern STANDALONE = Pattern.compile("spark://([^:,/]+:\\d{1,5}(,[^:,/]+:\\d{1,5})*)");
    private static final String LOOPBACK = "127.0.0.1";
    private static final int CONNECT_MILLIS = 5_000;
    private static final int POLL_MILLIS = 50;

    private final String master;
    private final Duration patience;

    /**
     * Says where to connect to.
     *
     * @param master local[N], or spark://host:port of a standalone cluster, several masters separated by commas
     * @param patience how long to wait for the first executor
     */
    SparkConnection(String master, Duration patience) {
        this.master = master;
        this.patience = patience;
    }

    /**
     * Connects, and ships the class path of this JVM to the executors of a cluster.
     *
     * @param settings the name of the application and, for all else, what Spark shall not take from system properties
     * @return the context
     * @throws UserError if the versions do not fit, nobody answers, or there is no executor
     * @throws IOException if the class path cannot be read
     */
    JavaSparkContext open(SparkConf settings) throws IOException {
        SparkVersions.here().require("This JVM");
        SparkConf conf = settings.clone().setMaster(master).setIfMissing("spark.ui.enabled", "false");
        if (LOCAL.matcher(master).matches()) {
            return new JavaSparkContext(conf.setIfMissing("spark.driver.host", LOOPBACK)
                    .setIfMissing("spark.driver.bindAddress", LOOPBACK));
        }
        requireReachable();
        JavaSparkContext context = connect(conf);
        try {
            awaitExecutor(context);
            requireSameVersions(context);
            return context;
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    private void requireReachable() {
        Matcher standalone = STANDALONE.matcher(master);
        if (!standalone.matches()) {
            throw new UsageError("--master: expected local[N] or spark://host:port, found " + master);
        }
        String[] addresses = standalone.group(1).split(",");
        if (Arrays.stream(addresses).noneMatch(SparkConnection::answers)) {
            throw new UserError("Nobody answers at " + master + ": is the address right, and the master running?");
        }
    }

    private static boolean answers(String address) {
        int colon = address.indexOf(':');
        try (Socket socket = new Socket()) {
            int port = Integer.parseInt(address.substring(colon + 1));
            socket.connect(new InetSocketAddress(address.substring(0, colon), port), CONNECT_MILLIS);
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The master of another version does not understand the driver, which gives up after three times 20 seconds. */
    private JavaSparkContext connect(SparkConf conf) throws IOException {
        Path folder = Files.createTempDirectory("dl4j-norm-jars");
        List<Path> jars = ApplicationJars.of(System.getProperty("java.class.path"), folder);
        folder.toFile().deleteOnExit();
        jars.stream().filter(jar -> jar.startsWith(folder)).forEach(jar -> jar.toFile()
                .deleteOnExit());
        conf.setJars(jars.stream().map(Path::toString).toArray(String[]::new));
        try {
            return new JavaSparkContext(conf);
        } catch (RuntimeException e) {
            throw new UserError(ended() + " (" + e.getMessage() + ")");
        }
    }

    private String ended() {
        return "The master at " + master
                + " did not accept the application, or ended it: its Spark must be that of this" + " JVM ("
                + SparkVersions.here() + "); the logs of its workers say why executors fail";
    }

    private void awaitExecutor(JavaSparkContext context) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!hasExecutor(context)) {
            if (System.nanoTime() > deadline) {
                throw new UserError("No executor within " + patience.toSeconds() + " seconds at " + master
                        + ": are there workers with a free core and "
                        + context.getConf().get("spark.executor.memory", "1g") + " of memory?");
            }
            pause();
        }
    }

    private boolean hasExecutor(JavaSparkContext context) {
        try {
            // The driver counts as one.
            return context.sc().getExecutorMemoryStatus().size() > 1;
        } catch (IllegalStateException e) {
            throw new UserError(ended());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("Interrupted");
        }
    }

    private static void requireSameVersions(JavaSparkContext context) {
        SparkVersions here = SparkVersions.here();
        int tasks = context.defaultParallelism();
        List<SparkVersions> executors;
        try {
            executors = context.parallelize(Collections.nCopies(tasks, 0), tasks)
                    .map(nothing -> SparkVersions.here())
                    .distinct()
                    .collect();
        } catch (RuntimeException e) {
            throw new UserError("Executors cannot run the tasks of " + here + ": " + e.getMessage());
        }
        for (SparkVersions executor : executors) {
            executor.require("Executor");
            if (!executor.spark().equals(here.spark()) || !executor.scala().equals(here.scala())) {
                throw new UserError("Versions differ: " + here + " in this JVM, " + executor + " in an executor");
            }
        }
    }
}
