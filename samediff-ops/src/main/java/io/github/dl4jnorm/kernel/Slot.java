package io.github.dl4jnorm.kernel;

/** The numbering of the operands of a {@link Pass} in the strides of an {@link Axis}. */
final class Slot {
    static final int IN = 0;
    static final int COMPANION = 1;
    static final int OUT = 2;
    static final int GAMMA = 3;
    static final int BETA = 4;
    static final int D_GAMMA = 5;
    static final int D_BETA = 6;

    /** No array: the index of the parameter that belongs to an element, counting in the order of iteration. */
    static final int PARAMETER = 7;

    /** The first statistic. */
    static final int STATISTIC = 8;

    static final int MOST_STATISTICS = 4;

    private Slot() {}
}
