package io.github.dl4jnorm.examples;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBarConsumer;

/**
 * The last line of the console, where a progress bar lives until it is done. Unlike the consumers that come with the
 * progress bar it shares the stream of the other output and leaves no empty line behind.
 */
final class StatusLine implements ProgressBarConsumer {
    private static final int WIDTH = 79;

    private final PrintStream out;
    private boolean closed;

    /**
     * Creates a status line.
     *
     * @param out the console
     */
    StatusLine(PrintStream out) {
        this.out = out;
    }

    @Override
    public int getMaxRenderedLength() {
        return WIDTH;
    }

    @Override
    public synchronized void accept(String bar) {
        if (!closed) {
            out.print("\r" + bar);
            out.flush();
        }
    }

    /** Empties the line. The progress bar may refresh once more from its own thread: that is ignored. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            out.print("\r" + " ".repeat(WIDTH) + "\r");
            out.flush();
        }
    }
}
