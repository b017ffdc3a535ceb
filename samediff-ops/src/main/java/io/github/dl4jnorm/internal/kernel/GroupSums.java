package io.github.dl4jnorm.internal.kernel;

/** Per group, what it contributes to the gradients of the one gamma and beta that it has. */
final class GroupSums {
    private final double[] forGamma;
    private final double[] forBeta;

    GroupSums(long groups) {
        forGamma = new double[Math.toIntExact(groups)];
        forBeta = new double[forGamma.length];
    }

    /** Notes the sums of {@link Reduction#DOTS} of a group with some statistics. */
    void set(long group, Sums sums, double[] statistics) {
        forGamma[(int) group] = NormPass.sumOfGradientTimesXHat(sums.a, sums.b, statistics);
        forBeta[(int) group] = sums.a;
    }

    /** Adds the groups up, in order, and stores the gradients. */
    <A> void storeGradients(Plan<A> plan, Scratch<A> scratch) {
        ParameterSums<A> sums = plan.parameterSums(scratch.loops);
        sums.clear();
        Cursor group = scratch.cursor();
        group.start(plan.space.kept);
        for (int g = 0; g < forGamma.length; g++) {
            sums.add(group.at[Slot.PARAMETER], forGamma[g], forBeta[g]);
            group.next();
        }
        plan.store(sums, scratch);
    }
}
