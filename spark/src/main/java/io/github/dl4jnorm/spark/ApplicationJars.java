package io.github.dl4jnorm.spark;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The jars of a program that runs on a cluster: its class path without Spark, which every executor has. */
final class ApplicationJars {
    private static final Pattern OF_SPARK = Pattern.compile("(spark|hadoop|scala|netty)-.*\\.jar");

    private ApplicationJars() {}

    /**
     * Collects the jars. Spark ships no directories, so those of class files are put into new jars.
     *
     * @param classPath a class path
     * @param folder where new jars go
     * @return the jars, in the order of the class path
     * @throws IOException if a directory cannot be read, or the folder written
     */
    static List<Path> of(String classPath, Path folder) throws IOException {
        List<Path> jars = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                jars.add(jar(path, folder.resolve("classes" + jars.size() + ".jar")));
            } else if (Files.isRegularFile(path) && !isOfSpark(path)) {
                jars.add(path);
            }
        }
        return jars;
    }

    private static boolean isOfSpark(Path jar) {
        return OF_SPARK.matcher(String.valueOf(jar.getFileName())).matches();
    }

    private static Path jar(Path directory, Path jar) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(directory)) {
            files = tree.filter(Files::isRegularFile).sorted().toList();
        }
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            for (Path file : files) {
                String name = directory.relativize(file).toString().replace(File.separatorChar, '/');
                entries.putNextEntry(new JarEntry(name));
                Files.copy(file, entries);
            }
        }
        return jar;
    }
}
