package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program's class path becomes jars that Spark can ship. */
class ApplicationJarsTest {
    @TempDir
    private Path folder;

    @Test
    void areAllButSparksOwn() throws IOException {
        Path layers = Files.createFile(folder.resolve("dl4j-norm-layer-1.jar"));
        Path dl4jSpark = Files.createFile(folder.resolve("dl4j-spark_2.12-1.jar"));
        Path spark = Files.createFile(folder.resolve("spark-core_2.12-3.5.6.jar"));
        Path scala = Files.createFile(folder.resolve("scala-library-2.12.18.jar"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Files.createDirectory(classes.resolve("a"));
        Files.writeString(classes.resolve("a").resolve("B.class"), "class");
        Path missing = folder.resolve("missing");
        String classPath = String.join(
                File.pathSeparator,
                List.of(layers, classes, spark, scala, missing, dl4jSpark).stream()
                        .map(Path::toString)
                        .toList());

        Path ours = Files.createDirectory(folder.resolve("jars"));
        List<Path> jars = ApplicationJars.of(classPath, ours);

        assertEquals(3, jars.size());
        assertEquals(layers, jars.get(0));
        assertEquals(ours, jars.get(1).getParent());
        assertEquals(dl4jSpark, jars.get(2));
        try (JarFile jar = new JarFile(jars.get(1).toFile())) {
            assertEquals(
                    List.of("a/B.class"), jar.stream().map(JarEntry::getName).toList());
            assertEquals(
                    "class",
                    new String(jar.getInputStream(jar.getEntry("a/B.class")).readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
