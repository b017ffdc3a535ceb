package io.github.dl4jnorm.keras.internal.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A temporary file, which is there until it is closed: the HDF5 library reads files only. */
public final class TempFile implements Closeable {
    private final Path path;

    /**
     * Copies a stream.
     *
     * @param stream read to its end and not closed
     * @param limit the largest number of bytes
     * @throws IOException if it cannot be read or written, or has more bytes; no file is left then
     */
    public TempFile(InputStream stream, long limit) throws IOException {
        path = Files.createTempFile("keras", ".h5");
        boolean complete = false;
        try (OutputStream out = Files.newOutputStream(path)) {
            copy(stream, out, limit);
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private static void copy(InputStream stream, OutputStream out, long limit) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
            total += count;
            if (total > limit) {
                throw new IOException("expected at most " + limit + " bytes, got more");
            }
            out.write(buffer, 0, count);
        }
    }

    /** {@return where the copy is, until this is closed} */
    public Path path() {
        return path;
    }

    /** Deletes it; on Windows, where a file that the HDF5 library still holds cannot be deleted, when the JVM ends. */
    @Override
    public void close() {
        if (!path.toFile().delete()) {
            path.toFile().deleteOnExit();
        }
    }
}
