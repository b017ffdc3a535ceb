package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.internal.kernel.KernelChoice;
import io.github.dl4jnorm.internal.kernel.Workers;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the {@link NormEngine}: on the CPU backend {@link FusedEngine}, on any other {@link Nd4jEngine}.
 */
public final class EngineChoice {
    /** System property that forces an engine by name: {@value FusedEngine#NAME} or {@value Nd4jEngine#NAME}. */
    public static final String PROPERTY = "dl4jnorm.engine";

    /**
     * System property that limits the number of threads of the fused engine. Without it the limit is the environment
     * variable OMP_NUM_THREADS, else that of ND4J. Read once.
     */
    public static final String THREADS_PROPERTY = "dl4jnorm.threads";

    private static final Logger LOG = LoggerFactory.getLogger(EngineChoice.class);

    private static final NormEngine ND4J = new Nd4jEngine();

    /** Made when first needed: the CPU kernels may never be. */
    private static volatile @Nullable FusedEngine fused;

    private EngineChoice() {}

    /**
     * The engine that {@link #PROPERTY} names, else the best for the backend.
     *
     * @return an engine
     * @throws IllegalStateException if the property names no engine, or one that cannot run here
     */
    public static NormEngine current() {
        String forced = System.getProperty(PROPERTY);
        if (forced == null) {
            return FusedEngine.isAvailable() ? fused() : ND4J;
        }
        return switch (forced) {
            case Nd4jEngine.NAME -> ND4J;
            case FusedEngine.NAME -> demandedFused();
            default ->
                throw new IllegalStateException("System property " + PROPERTY + ": expected one of [" + Nd4jEngine.NAME
                        + ", " + FusedEngine.NAME + "], got \"" + forced + "\"");
        };
    }

    private static FusedEngine fused() {
        FusedEngine engine = fused;
        return engine == null ? newFused() : engine;
    }

    private static synchronized FusedEngine newFused() {
        if (fused == null) {
            fused = new FusedEngine(KernelChoice.configured(), new Workers(threads()));
            LOG.info("Normalizations run on the fused engine: {}; docs/performance.md has more", fused.describe());
        }
        return fused;
    }

    private static NormEngine demandedFused() {
        if (!FusedEngine.isAvailable()) {
            throw new IllegalStateException("System property " + PROPERTY + ": the engine \"" + FusedEngine.NAME
                    + "\" runs on the CPU backend only, and the backend is "
                    + Nd4j.getBackend().getClass().getSimpleName());
        }
        return fused();
    }

    /** {@return what runs on this machine, the engine and which kernels, as a line for a log} */
    public static String describe() {
        NormEngine engine = current();
        return engine.name() + (engine instanceof FusedEngine fused ? ": " + fused.describe() : "");
    }

    private static int threads() {
        return threads(
                System.getProperty(THREADS_PROPERTY),
                System.getenv("OMP_NUM_THREADS"),
                Nd4j.getEnvironment().maxMasterThreads(),
                Runtime.getRuntime().availableProcessors());
    }

    /** The number of threads, given what says so, or null, and ND4J's limit, which is none if less than 1. */
    static int threads(@Nullable String property, @Nullable String openMp, int nd4j, int processors) {
        if (property != null) {
            return positive("System property " + THREADS_PROPERTY, property);
        }
        if (openMp != null && openMp.matches("[1-9][0-9]{0,3}")) {
            return Integer.parseInt(openMp);
        }
        return nd4j < 1 ? processors : Math.min(nd4j, processors);
    }

    private static int positive(String who, String number) {
        if (!number.matches("[1-9][0-9]{0,3}")) {
            throw new IllegalStateException(who + ": expected a number from 1 to 9999, got \"" + number + "\"");
        }
        return Integer.parseInt(number);
    }
}
