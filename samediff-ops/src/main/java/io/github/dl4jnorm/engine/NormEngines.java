package io.github.dl4jnorm.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Chooses the {@link NormEngine} for an array. */
public final class NormEngines {
    /** System property that forces an engine by name: {@value Nd4jEngine#NAME}. */
    public static final String PROPERTY = "dl4jnorm.engine";

    private static final NormEngine ND4J = new Nd4jEngine();

    private NormEngines() {}

    /**
     * The engine for an array: the one that {@link #PROPERTY} names, else the best for the backend and type.
     *
     * @param x the array to normalize
     * @return an engine
     * @throws IllegalStateException if the property names no engine
     */
    public static NormEngine forArray(INDArray x) {
        String forced = System.getProperty(PROPERTY);
        if (forced != null && !forced.equals(Nd4jEngine.NAME)) {
            throw new IllegalStateException("System property " + PROPERTY + ": expected one of [" + Nd4jEngine.NAME
                    + "], got \"" + forced + "\"");
        }
        return ND4J;
    }
}
