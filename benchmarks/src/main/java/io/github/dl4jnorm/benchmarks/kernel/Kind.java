package io.github.dl4jnorm.benchmarks.kernel;

/** The kinds of normalization. */
enum Kind {
    /** BatchNorm in training. */
    BATCH("BN"),
    /** LayerNorm. */
    LAYER("LN"),
    /** GroupNorm of 32 groups. */
    GROUP("GN"),
    /** InstanceNorm. */
    INSTANCE("IN"),
    /** RMSNorm. */
    RMS("RMS"),
    /** Sum-normalization. */
    SUM("x/Σx");

    /** ε of everyone. */
    static final double EPS = 1e-5;

    /** Groups of a GroupNorm. */
    static final int GROUPS = 32;

    private final String title;

    Kind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Whether a mean is subtracted. */
    boolean isCentered() {
        return this != RMS && this != SUM;
    }

    /** Whether there is a β. */
    boolean hasShift() {
        return isCentered();
    }
}
