package io.github.dl4jnorm.examples;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far an epoch is: a bar on a terminal, and nothing in a file or a pipe, which cannot overwrite it. */
final class Progress implements AutoCloseable {
    private static final int REFRESH_MILLIS = 500;

    private final StatusLine line;

    /** Absent where nobody watches. */
    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar, StatusLine line) {
        this.bar = bar;
        this.line = line;
    }

    /**
     * Begins.
     *
     * @param task what is going on
     * @param steps number of steps to come
     * @param out where to show it
     * @param terminal whether that is a terminal
     * @return the progress, to be closed
     */
    static Progress of(String task, int steps, PrintStream out, boolean terminal) {
        StatusLine line = new StatusLine(out);
        if (!terminal) {
            return new Progress(null, line);
        }
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .setConsumer(line)
                .build();
        return new Progress(bar, line);
    }

    /**
     * One step more.
     *
     * @param loss to be shown
     */
    void step(double loss) {
        if (bar != null) {
            bar.setExtraMessage(String.format(Locale.ROOT, "loss %.4f", loss));
            bar.step();
        }
    }

    /** All steps are done, and the accuracy is found out. */
    void testing() {
        if (bar != null) {
            bar.setExtraMessage("testing");
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            line.close();
        }
    }
}
