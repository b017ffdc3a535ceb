package io.github.dl4jnorm;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The running statistics of BatchNorm in a graph, and how {@code sd.fit} moves them: running ← decay·running +
 * (1−decay)·batch.
 *
 * @param mean running mean, shape [C], a constant: its array is changed in place
 * @param variance running variance, likewise
 * @param decay weight of the old value, in [0, 1] (PyTorch's {@code momentum} is 1−decay)
 * @param unbiasedVariance whether the running variance averages the unbiased σ²·M/(M − 1) of each batch, as PyTorch
 *     does, M being the number of values per channel, instead of the biased σ² that the batch is normalized with; of a
 *     batch with one value per channel, which has no unbiased variance, the biased one counts
 */
public record RunningStatistics(SDVariable mean, SDVariable variance, double decay, boolean unbiasedVariance) {
    /**
     * Running statistics that average biased variances.
     *
     * @param mean running mean, shape [C], a constant
     * @param variance running variance, shape [C], a constant
     * @param decay weight of the old value, in [0, 1]
     */
    public RunningStatistics(SDVariable mean, SDVariable variance, double decay) {
        this(mean, variance, decay, false);
    }

    /**
     * The same with the other kind of variances.
     *
     * @param unbiased whether the running variance averages unbiased variances
     * @return running statistics
     */
    public RunningStatistics withUnbiasedVariance(boolean unbiased) {
        return new RunningStatistics(mean, variance, decay, unbiased);
    }
}
