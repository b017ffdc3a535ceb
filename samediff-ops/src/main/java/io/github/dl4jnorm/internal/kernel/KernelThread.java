package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * What a thread keeps for all passes that it will ever work on.
 *
 * @param <A> type of arrays
 */
final class KernelThread<A> {
    final Scratch<A> scratch;
    private @Nullable RowTask<A> rows;
    private @Nullable ColumnTask<A> columns;

    KernelThread(InnerLoops<A> loops) {
        this.scratch = new Scratch<>(loops);
    }

    /** The thread at work for {@link Rows}. */
    RowTask<A> rows() {
        if (rows == null) {
            rows = new RowTask<>(scratch);
        }
        return rows;
    }

    /** The thread at work for {@link Columns}. */
    ColumnTask<A> columns() {
        if (columns == null) {
            columns = new ColumnTask<>(scratch);
        }
        return columns;
    }
}
