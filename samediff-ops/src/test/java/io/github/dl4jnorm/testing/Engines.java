package io.github.dl4jnorm.testing;

import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.FusedEngine;
import io.github.dl4jnorm.internal.engine.Nd4jEngine;
import java.util.List;

/** What is tested, on each of the engines. */
public final class Engines {
    /** The names of all engines. */
    public static final List<String> NAMES = List.of(FusedEngine.NAME, Nd4jEngine.NAME);

    private Engines() {}

    /**
     * Runs something with an engine that {@link EngineChoice#PROPERTY} names, and sets the property back.
     *
     * @param name name of the engine
     * @param test what to run
     */
    public static void with(String name, Runnable test) {
        String before = System.setProperty(EngineChoice.PROPERTY, name);
        try {
            test.run();
        } finally {
            if (before == null) {
                System.clearProperty(EngineChoice.PROPERTY);
            } else {
                System.setProperty(EngineChoice.PROPERTY, before);
            }
        }
    }
}
