package io.github.dl4jnorm.kernel;

/**
 * Partial sums of dGamma and dBeta, per parameter, in double. Contributions that come as arrays are first summed in
 * the type of the arrays, a limited number of them.
 *
 * @param <A> type of staging array
 */
final class ParameterSums<A> {
    /** How many arrays are summed in their own type; longer sums would lose accuracy. */
    private static final int MOST = 64;

    private final InnerLoops<A> loops;
    private final double[] dGamma;
    private final double[] dBeta;

    private A gammaLanes;
    private A betaLanes;
    private long from;
    private int length;
    private int taken;

    ParameterSums(long parameters, InnerLoops<A> loops) {
        this.loops = loops;
        this.dGamma = new double[Math.toIntExact(parameters)];
        this.dBeta = new double[dGamma.length];
    }

    double[] dGamma() {
        return dGamma;
    }

    double[] dBeta() {
        return dBeta;
    }

    void add(long parameter, double forGamma, double forBeta) {
        dGamma[(int) parameter] += forGamma;
        dBeta[(int) parameter] += forBeta;
    }

    void add(ParameterSums<A> other) {
        for (int i = 0; i < dGamma.length; i++) {
            dGamma[i] += other.dGamma[i];
            dBeta[i] += other.dBeta[i];
        }
    }

    /** Gets the lanes ready to take contributions to parameters [first, first+n). */
    void aim(long first, int n) {
        if (first != from || n != length || taken == MOST) {
            flush();
            if (gammaLanes == null) {
                gammaLanes = loops.allocate(InnerLoops.CHUNK);
                betaLanes = loops.allocate(InnerLoops.CHUNK);
            }
            from = first;
            length = n;
        }
        taken++;
    }

    A gammaLanes() {
        return gammaLanes;
    }

    A betaLanes() {
        return betaLanes;
    }

    /** Adds what is still in the lanes. */
    void flush() {
        if (taken > 0) {
            loops.addTo(gammaLanes, 0, length, dGamma, (int) from);
            loops.addTo(betaLanes, 0, length, dBeta, (int) from);
            loops.fill(gammaLanes, 0, length, 0);
            loops.fill(betaLanes, 0, length, 0);
            taken = 0;
        }
    }
}
