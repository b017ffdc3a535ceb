package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.internal.kernel.Operand;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Passes that were prepared for arrays of some shapes and strides, for the next call with such arrays: a network calls
 * the same few in every step.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
final class PreparedPasses<A> {
    /** More are forgotten: they come from arrays whose shapes change all the time. */
    private static final int MOST = 256;

    private final ConcurrentHashMap<Key, Prepared<A>> idle = new ConcurrentHashMap<>();

    /**
     * A pass that is ready to run.
     *
     * @param operands per array of the call; null where there is none
     * @param kernel runs it
     */
    record Prepared<A>(List<@Nullable Operand<A>> operands, Runnable kernel) {}

    /**
     * Runs a pass.
     *
     * @param spec the normalization
     * @param memory where arrays are
     * @param prepare makes the pass if there is none
     * @param arrays the arrays of the pass, null for one that is absent; forward and backward passes have other numbers
     */
    void run(NormSpec spec, NativeMemory<A> memory, Supplier<Prepared<A>> prepare, @Nullable INDArray... arrays) {
        Key key = new Key(spec, arrays);
        // Whoever runs it has taken it: another thread with the same shape prepares one of its own.
        Prepared<A> found = idle.remove(key);
        Prepared<A> pass = found == null ? prepare.get() : found;
        for (int i = 0; i < arrays.length; i++) {
            Operand<A> operand = pass.operands.get(i);
            if (operand != null) {
                operand.moveTo(memory.of(arrays[i]), arrays[i].offset());
            }
        }
        pass.kernel.run();
        if (idle.size() >= MOST) {
            idle.clear();
        }
        idle.put(key, pass);
    }

    /** What a pass depends on but for the places of its arrays. */
    private static final class Key {
        private final NormSpec spec;
        private final long[][] layouts;
        private final int hash;

        Key(NormSpec spec, @Nullable INDArray... arrays) {
            this.spec = spec;
            this.layouts = new long[2 * arrays.length][];
            for (int i = 0; i < arrays.length; i++) {
                if (arrays[i] != null) {
                    layouts[2 * i] = arrays[i].shape();
                    layouts[2 * i + 1] = arrays[i].stride();
                }
            }
            this.hash = 31 * spec.hashCode() + Arrays.deepHashCode(layouts);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that
                    && hash == that.hash
                    && spec.equals(that.spec)
                    && Arrays.deepEquals(layouts, that.layouts);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
