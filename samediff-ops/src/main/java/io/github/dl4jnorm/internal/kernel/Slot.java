package io.github.dl4jnorm.internal.kernel;

/** The numbering of the operands of a {@link NormPass}, and of their strides in an {@link Axis}. */
final class Slot {
    /** The array that is mapped: x forward, dy backward. */
    static final int IN = 0;

    /** x in a backward pass. */
    static final int X = 1;

    /** The result: y forward, dx backward. */
    static final int OUT = 2;

    static final int GAMMA = 3;
    static final int BETA = 4;
    static final int D_GAMMA = 5;
    static final int D_BETA = 6;

    /** No array: the index of the parameter that belongs to an element, counting in the order of iteration. */
    static final int PARAMETER = 7;

    /** The first of {@value #STATISTICS} statistics, in the order of {@link StatisticOperands}. */
    static final int STATISTIC = 8;

    static final int STATISTICS = 4;
    static final int COUNT = STATISTIC + STATISTICS;

    private Slot() {}
}
