package io.github.dl4jnorm;

import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.samediff.BatchNormOp;
import io.github.dl4jnorm.internal.samediff.NormOps;
import io.github.dl4jnorm.internal.samediff.NormalizeOp;
import io.github.dl4jnorm.internal.samediff.OpChecks;
import io.github.dl4jnorm.internal.samediff.OutputNames;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Normalizations as SameDiff operations with explicit gradients: for {@code sd.fit}, {@code sd.calculateGradients},
 * {@code sd.output}, {@code sd.save} and {@code SameDiff.load}. The eager twins are in {@link NDNorm}.
 *
 * <p>x is FLOAT, DOUBLE, HALF or BFLOAT16 and not empty; gamma and beta have its type, running statistics too, but FLOAT
 * for half types. BFLOAT16 graphs run and train, but ND4J 1.0.0-M2.1 garbles the BFLOAT16 arrays of every graph that it
 * saves: convert them to FLOAT before. Axes count from 0, negative ones from the end. A null name lets SameDiff choose
 * one.
 *
 * <p>What the graph knows of its arguments, all types and some shapes, is checked when the op is added, before anything
 * else happens to the graph, and the rest when it runs. Both throw {@link IllegalArgumentException} with the function and
 * the name of the output.
 *
 * <p>A long file because users look for all functions in one place: each is a line or two below its documentation.
 */
public final class SDNorm {
    /** ε that the short forms use: {@value}. */
    public static final double DEFAULT_EPS = 1e-5;

    /** Decay that the short forms use: {@value}. */
    public static final double DEFAULT_DECAY = 0.9;

    private static final List<String> PARAMETERS = List.of("gamma", "beta", "mean", "var");

    static {
        NormOps.register();
    }

    private final SameDiff sd;
    private final OutputNames names;

    /**
     * Operations for one graph.
     *
     * @param sd the graph, not in eager mode
     * @throws UnsupportedOperationException if it is in eager mode
     */
    public SDNorm(SameDiff sd) {
        if (sd.isEagerMode()) {
            throw new UnsupportedOperationException(
                    "SDNorm: expected a SameDiff graph that is not in eager mode; use NDNorm on the arrays");
        }
        this.sd = sd;
        names = new OutputNames(sd);
    }

    /**
     * BatchNorm with parameters of its own, named after its output: variables {@code name/gamma} (1) and {@code
     * name/beta} (0), and constants {@code name/mean} (0) and {@code name/var} (1) for the running statistics, with
     * {@link #DEFAULT_EPS} and {@link #DEFAULT_DECAY}. In a name scope all of them are in it.
     *
     * @param name name of the output, or null
     * @param x input, rank 2 or more
     * @param channels number of channels C
     * @param channelAxis axis of the channels
     * @return y
     * @see #batchNorm(String, NormSpec, SDVariable, SDVariable, SDVariable, RunningStatistics)
     */
    public SDVariable batchNorm(@Nullable String name, SDVariable x, long channels, int channelAxis) {
        NormSpec spec = NormSpec.batchNorm(DEFAULT_EPS, channelAxis);
        OpChecks checks = checked("batchNorm", name, spec, x, null, null);
        checks.channels(x, channels, channelAxis);
        String own =
                names.scoped(name == null ? sd.generateDistinctCustomVariableName(names.scoped("batchNorm")) : name);
        PARAMETERS.forEach(parameter -> checks.newVariable(own + "/" + parameter));
        DataType type = x.dataType();
        DataType statisticType = ComputeTypes.of(type);
        SDVariable gamma = sd.var(own + "/gamma", Nd4j.ones(type, channels));
        SDVariable beta = sd.var(own + "/beta", Nd4j.zeros(type, channels));
        SDVariable mean = sd.constant(own + "/mean", Nd4j.zeros(statisticType, channels));
        SDVariable variance = sd.constant(own + "/var", Nd4j.ones(statisticType, channels));
        return batchNorm(own, spec, x, gamma, beta, new RunningStatistics(mean, variance, DEFAULT_DECAY));
    }

    /**
     * BatchNorm (Ioffe and Szegedy 2015): y = γ·(x−μ)/√(σ²+ε) + β per channel, with running statistics that average
     * biased variances.
     *
     * @param name name of the output, or null
     * @param x input, rank 2 or more, C channels
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param runningMean running mean, shape [C], a constant: {@code sd.fit} changes its array in place
     * @param runningVariance running variance, shape [C], a constant likewise
     * @param eps ε &gt; 0
     * @param decay weight of the old value in the running statistics, in [0, 1] (PyTorch's {@code momentum} is 1−decay)
     * @param channelAxis axis of the channels
     * @return y
     * @see #batchNorm(String, NormSpec, SDVariable, SDVariable, SDVariable, RunningStatistics)
     */
    public SDVariable batchNorm(
            @Nullable String name,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            SDVariable runningMean,
            SDVariable runningVariance,
            double eps,
            double decay,
            int channelAxis) {
        RunningStatistics running = new RunningStatistics(runningMean, runningVariance, decay);
        return batchNorm(name, NormSpec.batchNorm(eps, channelAxis), x, gamma, beta, running);
    }

    /**
     * BatchNorm (Ioffe and Szegedy 2015): y = a(γ·(x−μ)/√(σ²+ε) + β) per channel, with all that a spec can say: {@code
     * NormSpec.batchNorm(eps, axis).with(FusedActivation.RELU)}.
     *
     * <p>In {@code sd.fit} and {@code sd.calculateGradients}, μ and σ² are those of the batch, σ² the biased variance,
     * and {@code sd.fit} moves the running statistics. In {@code sd.output}, {@code sd.evaluate} and validation, μ and σ²
     * are the running statistics.
     *
     * @param name name of the output, or null
     * @param spec {@link NormSpec#batchNorm}, with any activation and offset
     * @param x input, rank 2 or more, C channels
     * @param gamma γ, shape [C], or null for a factor of 1
     * @param beta β, shape [C], or null for 0
     * @param running running statistics
     * @return y
     */
    public SDVariable batchNorm(
            @Nullable String name,
            NormSpec spec,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            RunningStatistics running) {
        OpChecks checks = checked("batchNorm", name, spec, x, gamma, beta);
        checks.require(
                spec.statistic() == Statistic.MEAN_VARIANCE && spec.axes().kind() == NormAxes.Kind.PER_CHANNEL,
                "expected a spec with a mean and variance per channel, got " + spec.statistic() + " "
                        + spec.axes().kind());
        checks.present("running", running);
        SDVariable mean = running.mean();
        SDVariable variance = running.variance();
        double decay = running.decay();
        checks.running(spec, x, mean, variance, decay);
        boolean unbiased = running.unbiasedVariance();
        return names.named(name, new BatchNormOp(sd, spec, x, gamma, beta, mean, variance, decay, unbiased));
    }

    /**
     * BatchNorm with batch statistics always, without running ones: y = γ·(x−μ)/√(σ²+ε) + β with the mean and biased
     * variance of the batch.
     *
     * @param name name of the output, or null
     * @param x input, rank 2 or more, C channels
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels
     * @return y
     */
    public SDVariable batchNormTraining(
            @Nullable String name,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            double eps,
            int channelAxis) {
        return normalize("batchNormTraining", name, NormSpec.batchNorm(eps, channelAxis), x, gamma, beta);
    }

    /**
     * BatchNorm with a given mean and variance always, through which gradients flow as through any other input: y =
     * γ·(x−μ)/√(σ²+ε) + β. With constants it is a frozen BatchNorm.
     *
     * @param name name of the output, or null
     * @param x input, rank 2 or more, C channels
     * @param mean μ, shape [C]
     * @param variance σ², shape [C]
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε ≥ 0
     * @param channelAxis axis of the channels
     * @return y
     */
    public SDVariable batchNormInference(
            @Nullable String name,
            SDVariable x,
            SDVariable mean,
            SDVariable variance,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            double eps,
            int channelAxis) {
        NormSpec spec = NormSpec.batchNormInference(eps, channelAxis);
        checked("batchNormInference", name, spec, x, gamma, beta)
                .statistics(spec, x, "mean", mean, "variance", variance);
        return names.named(name, new NormalizeOp(sd, spec, x, mean, variance, gamma, beta));
    }

    /**
     * LayerNorm (Ba, Kiros and Hinton 2016): y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² over {@code axes}, per
     * index of the others.
     *
     * @param name name of the output, or null
     * @param x input
     * @param gamma γ, of the shape of the normalized axes, or null for 1
     * @param beta β, of the shape of the normalized axes, or null for 0
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return y
     */
    public SDVariable layerNorm(
            @Nullable String name,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            double eps,
            int... axes) {
        return normalize("layerNorm", name, NormSpec.layerNorm(eps, axes), x, gamma, beta);
    }

    /**
     * GroupNorm (Wu and He 2018): y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² per example and group of C/groups
     * neighbouring channels.
     *
     * @param name name of the output, or null
     * @param x input, rank 2 or more, examples on axis 0, C channels
     * @param groups number of groups, a divisor of C
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0
     * @return y
     */
    public SDVariable groupNorm(
            @Nullable String name,
            SDVariable x,
            int groups,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            double eps,
            int channelAxis) {
        return normalize("groupNorm", name, NormSpec.groupNorm(groups, eps, channelAxis), x, gamma, beta);
    }

    /**
     * InstanceNorm (Ulyanov, Vedaldi and Lempitsky 2016): y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² per example
     * and channel.
     *
     * @param name name of the output, or null
     * @param x input, rank 3 or more, examples on axis 0, C channels
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0
     * @return y
     */
    public SDVariable instanceNorm(
            @Nullable String name,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            double eps,
            int channelAxis) {
        return normalize("instanceNorm", name, NormSpec.instanceNorm(eps, channelAxis), x, gamma, beta);
    }

    /**
     * RMSNorm (Zhang and Sennrich 2019): y = γ·x/√(Σx²/M+ε), with the mean of squares over {@code axes}, per index of
     * the others. For weights that count from 1, {@link #normalize} with {@link NormSpec#withUnitOffset}.
     *
     * @param name name of the output, or null
     * @param x input
     * @param gamma γ, of the shape of the normalized axes, or null for 1
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return y
     */
    public SDVariable rmsNorm(
            @Nullable String name, SDVariable x, @Nullable SDVariable gamma, double eps, int... axes) {
        return normalize("rmsNorm", name, NormSpec.rmsNorm(eps, axes), x, gamma, null);
    }

    /**
     * Sum-normalization: y = x/(Σx + ε), with the sum over {@code axes}, per index of the others. A denominator that is
     * exactly zero is an {@link ArithmeticException} when the graph runs.
     *
     * @param name name of the output, or null
     * @param x input
     * @param eps ε ≥ 0
     * @param axes the axes summed over
     * @return y
     */
    public SDVariable sumNorm(@Nullable String name, SDVariable x, double eps, int... axes) {
        return normalize("sumNorm", name, NormSpec.sumNorm(eps, axes), x, null, null);
    }

    /**
     * Unit normalization: y = x/√max(Σx², ε), with the sum over {@code axes}, per index of the others.
     *
     * @param name name of the output, or null
     * @param x input
     * @param eps ε &gt; 0, the least that Σx² counts as
     * @param axes the normalized axes
     * @return y
     */
    public SDVariable unitNorm(@Nullable String name, SDVariable x, double eps, int... axes) {
        return normalize("unitNorm", name, NormSpec.unitNorm(eps, axes), x, null, null);
    }

    /**
     * Any normalization whose statistics come from x.
     *
     * @param name name of the output, or null
     * @param spec the normalization
     * @param x input
     * @param gamma γ, of the shape of the affine axes, or null for a factor of 1
     * @param beta β, likewise, or null for 0
     * @return y
     */
    public SDVariable normalize(
            @Nullable String name, NormSpec spec, SDVariable x, @Nullable SDVariable gamma, @Nullable SDVariable beta) {
        OpChecks checks = new OpChecks(sd, "normalize", name);
        checks.present("spec", spec);
        checks.require(
                !spec.statistic().isGiven(), "expected statistics that come from x, got GIVEN; use batchNormInference");
        return normalize("normalize", name, spec, x, gamma, beta);
    }

    private SDVariable normalize(
            String function,
            @Nullable String name,
            NormSpec spec,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta) {
        checked(function, name, spec, x, gamma, beta);
        return names.named(name, new NormalizeOp(sd, spec, x, null, null, gamma, beta));
    }

    private OpChecks checked(
            String function,
            @Nullable String name,
            NormSpec spec,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta) {
        OpChecks checks = new OpChecks(sd, function, name);
        checks.newVariable(names.scoped(name));
        checks.input(spec, x, gamma, beta);
        return checks;
    }
}
