package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Imports every H5 file of a directory, runs it, and writes what came of it into a table: one line for each file and way
 * to import it, with the outcome and its details, parted by tabs. The files are those of the generator in
 * src/test/keras, with an input and Keras' own output for it. It is asked for by name:
 * {@code -Dtest=Survey -Dsurvey.files=<directory> -Dsurvey.table=<file>}
 *
 * <p>A file may end the JVM, now or later, or damage the memory in which the next one is computed. Files are therefore
 * imported in processes of their own, some in each; if that one dies, all that did not come out well is done again alone.
 */
class Survey {
    private static final int BATCH = 25;
    /** For how many seconds nothing may happen. */
    private static final int PATIENCE = 40;
    /** What follows the lines of a file. */
    private static final String END = "\tend";

    @Test
    @EnabledIfSystemProperty(named = "survey.files", matches = ".+", disabledReason = "not asked for")
    void everyFileIsEqualOrRefused(@TempDir Path scratch) throws IOException, InterruptedException {
        Path directory = Path.of(System.getProperty("survey.files"));
        Path table = Path.of(System.getProperty("survey.table"));
        Files.deleteIfExists(table);
        List<String> bad = new ArrayList<>();
        List<String> names = names(directory);
        for (int i = 0; i < names.size(); i += BATCH) {
            List<String> lines =
                    new Processes(directory, scratch).lines(names.subList(i, Math.min(names.size(), i + BATCH)));
            append(table, lines);
            lines.stream().filter(line -> !Outcome.isGood(line)).forEach(bad::add);
        }
        assertEquals("", String.join("\n", bad));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".h5"))
                    .sorted()
                    .toList();
        }
    }

    private static void append(Path table, List<String> lines) throws IOException {
        Files.write(table, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /**
     * One of the processes. Lines are written as soon as they are known, for the next file may be the last.
     *
     * @param args the directory, the table to append to, and a list of the files to import
     * @throws IOException if files cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        Path table = Path.of(args[1]);
        for (String name : Files.readAllLines(Path.of(args[2]))) {
            for (Outcome outcome : Outcome.of(directory.resolve(name))) {
                append(table, List.of(outcome.line(name)));
            }
            append(table, List.of(name + END));
        }
    }

    /** The lines of the files that were imported to their end, and whether their process ended as it should. */
    private record Ended(Map<String, List<String>> lines, boolean inOrder) {}

    /** Imports in other processes. */
    private record Processes(Path directory, Path scratch) {

        List<String> lines(List<String> names) throws IOException, InterruptedException {
            Ended together = inOne(names);
            List<String> lines = new ArrayList<>();
            for (String name : names) {
                List<String> own = together.lines.get(name);
                boolean sound = own != null && (together.inOrder || own.stream().allMatch(Outcome::isGood));
                lines.addAll(sound ? own : alone(name));
            }
            return lines;
        }

        private List<String> alone(String name) throws IOException, InterruptedException {
            Ended ended = inOne(List.of(name));
            List<String> lines = new ArrayList<>(ended.lines.getOrDefault(name, List.of()));
            if (!ended.inOrder) {
                lines.add(Outcome.died().line(name));
            }
            return lines;
        }

        private Ended inOne(List<String> names) throws IOException, InterruptedException {
            Path list = Files.write(scratch.resolve("list"), names);
            Path table = Files.writeString(scratch.resolve("table"), "");
            Process process = new ProcessBuilder(command(table, list))
                    .redirectErrorStream(true)
                    .redirectOutput(scratch.resolve("log").toFile())
                    .directory(scratch.toFile()) // a JVM that dies leaves its report there
                    .start();
            long size = 0;
            for (int quiet = 0; !process.waitFor(1, TimeUnit.SECONDS); quiet++) {
                if (Files.size(table) > size) {
                    size = Files.size(table);
                    quiet = 0;
                } else if (quiet > PATIENCE) {
                    process.destroyForcibly(); // with damaged memory, even the end of a JVM may hang
                }
            }
            return new Ended(byFile(Files.readAllLines(table)), process.exitValue() == 0);
        }

        private static Map<String, List<String>> byFile(List<String> table) {
            Map<String, List<String>> lines = new LinkedHashMap<>();
            List<String> ofOne = new ArrayList<>();
            for (String line : table) {
                if (line.endsWith(END)) {
                    lines.put(line.substring(0, line.length() - END.length()), ofOne);
                    ofOne = new ArrayList<>();
                } else {
                    ofOne.add(line);
                }
            }
            return lines;
        }

        private List<String> command(Path table, Path list) {
            List<String> command = new ArrayList<>();
            command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-classpath", System.getProperty("java.class.path"), Survey.class.getName()));
            command.addAll(List.of(directory.toAbsolutePath().toString(), table.toString(), list.toString()));
            return command;
        }
    }
}
