package io.github.dl4jnorm;

import io.github.dl4jnorm.engine.ComputeTypes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.samediff.BatchNormOp;
import io.github.dl4jnorm.samediff.NormOps;
import io.github.dl4jnorm.samediff.NormalizeOp;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.Variable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Normalizations as SameDiff operations with explicit gradients: for {@code sd.fit}, {@code sd.calculateGradients},
 * {@code sd.output}, {@code sd.save} and {@code SameDiff.load}. The eager twins are in {@link NDNorm}.
 *
 * <p>x is FLOAT, DOUBLE, HALF or BFLOAT16 and not empty; gamma and beta have its type, running statistics too, but FLOAT
 * for half types. Axes count from 0, negative ones from the end. A null name lets SameDiff choose one. What the graph knows of its arguments is
 * checked when the op is added, shapes when it runs; both throw {@link IllegalArgumentException}.
 */
public final class SDNorm {
    /** ε that the short forms use: {@value}. */
    public static final double DEFAULT_EPS = 1e-5;

    /** Decay that the short forms use: {@value}. */
    public static final double DEFAULT_DECAY = 0.9;

    static {
        NormOps.register();
    }

    private final SameDiff sd;

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
    }

    /**
     * BatchNorm with parameters of its own: variables {@code name/gamma} (1) and {@code name/beta} (0), and constants
     * {@code name/mean} (0) and {@code name/var} (1) for the running statistics, with {@link #DEFAULT_EPS} and {@link
     * #DEFAULT_DECAY}.
     *
     * @param name name of the output, not null
     * @param x input, rank 2 or more
     * @param channels number of channels C
     * @param channelAxis axis of the channels
     * @return y
     * @see #batchNorm(String, SDVariable, SDVariable, SDVariable, SDVariable, SDVariable, double, double, int)
     */
    public SDVariable batchNorm(String name, SDVariable x, long channels, int channelAxis) {
        DataType type = x.dataType();
        SDVariable gamma = sd.var(name + "/gamma", Nd4j.ones(type, channels));
        SDVariable beta = sd.var(name + "/beta", Nd4j.zeros(type, channels));
        SDVariable mean = sd.constant(name + "/mean", Nd4j.zeros(ComputeTypes.of(type), channels));
        SDVariable variance = sd.constant(name + "/var", Nd4j.ones(ComputeTypes.of(type), channels));
        return batchNorm(name, x, gamma, beta, mean, variance, DEFAULT_EPS, DEFAULT_DECAY, channelAxis);
    }

    /**
     * BatchNorm (Ioffe and Szegedy 2015): y = γ·(x−μ)/√(σ²+ε) + β per channel.
     *
     * <p>In {@code sd.fit} and {@code sd.calculateGradients}, μ and σ² are those of the batch, and {@code sd.fit} moves
     * the running statistics: running ← decay·running + (1−decay)·batch, with the biased variance. In {@code sd.output},
     * {@code sd.evaluate} and validation, μ and σ² are the running statistics.
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
     */
    public SDVariable batchNorm(
            String name,
            SDVariable x,
            SDVariable gamma,
            SDVariable beta,
            SDVariable runningMean,
            SDVariable runningVariance,
            double eps,
            double decay,
            int channelAxis) {
        String who = who("batchNorm", name);
        NormSpec spec = NormSpec.batchNorm(eps, channelAxis);
        check(who, spec, x, gamma, beta);
        NormChecks.decay(who, decay);
        checkRunning(who, x, "runningMean", runningMean);
        checkRunning(who, x, "runningVariance", runningVariance);
        return named(name, new BatchNormOp(sd, spec, decay, x, gamma, beta, runningMean, runningVariance));
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
            String name, SDVariable x, SDVariable gamma, SDVariable beta, double eps, int channelAxis) {
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
            String name,
            SDVariable x,
            SDVariable mean,
            SDVariable variance,
            SDVariable gamma,
            SDVariable beta,
            double eps,
            int channelAxis) {
        String who = who("batchNormInference", name);
        NormSpec spec = NormSpec.batchNormInference(eps, channelAxis);
        check(who, spec, x, gamma, beta);
        checkPresent(who, "mean", mean);
        checkPresent(who, "variance", variance);
        return named(name, new NormalizeOp(sd, spec, x, mean, variance, gamma, beta));
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
    public SDVariable layerNorm(String name, SDVariable x, SDVariable gamma, SDVariable beta, double eps, int... axes) {
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
            String name, SDVariable x, int groups, SDVariable gamma, SDVariable beta, double eps, int channelAxis) {
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
            String name, SDVariable x, SDVariable gamma, SDVariable beta, double eps, int channelAxis) {
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
    public SDVariable rmsNorm(String name, SDVariable x, SDVariable gamma, double eps, int... axes) {
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
    public SDVariable sumNorm(String name, SDVariable x, double eps, int... axes) {
        return normalize("sumNorm", name, NormSpec.sumNorm(eps, axes), x, null, null);
    }

    /**
     * Unit normalization: y = x/√(Σx²+ε), with the sum over {@code axes}, per index of the others.
     *
     * @param name name of the output, or null
     * @param x input
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return y
     */
    public SDVariable unitNorm(String name, SDVariable x, double eps, int... axes) {
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
    public SDVariable normalize(String name, NormSpec spec, SDVariable x, SDVariable gamma, SDVariable beta) {
        if (spec.statistic().isGiven()) {
            throw new IllegalArgumentException(who("normalize", name)
                    + ": expected statistics that come from x, got GIVEN; use batchNormInference");
        }
        return normalize("normalize", name, spec, x, gamma, beta);
    }

    private SDVariable normalize(
            String function, String name, NormSpec spec, SDVariable x, SDVariable gamma, SDVariable beta) {
        check(who(function, name), spec, x, gamma, beta);
        return named(name, new NormalizeOp(sd, spec, x, null, null, gamma, beta));
    }

    private SDVariable named(String name, DynamicCustomOp op) {
        SDVariable[] outputs = op.outputVariables();
        for (int i = 1; i < outputs.length; i++) {
            hide(outputs[i]);
        }
        return sd.updateVariableNameAndReference(outputs[0], name);
    }

    /**
     * Hides a saved statistic from SameDiff's search for a loss, which takes every variable that nothing depends on for
     * one: it found these too where no loss was named, as in DL4J's {@code SameDiffLayer}, and failed. A variable that
     * has a control dependency, here itself, is passed over; nothing else looks at it.
     */
    private void hide(SDVariable saved) {
        Variable variable = sd.getVariables().get(saved.name());
        variable.setControlDepsForVar(List.of(saved.name()));
        // Renaming looks for the other end.
        variable.setControlDeps(List.of());
    }

    private static String who(String function, String name) {
        return name == null ? function : function + " \"" + name + "\"";
    }

    private static void check(String who, NormSpec spec, SDVariable x, SDVariable gamma, SDVariable beta) {
        spec.checkEps(who);
        if (spec.axes().axes().isEmpty()) {
            throw new IllegalArgumentException(who + ": expected at least one axis, got none");
        }
        checkType(who, x);
        checkSameType(who, x, "gamma", gamma);
        checkSameType(who, x, "beta", beta);
    }

    private static void checkPresent(String who, String name, SDVariable variable) {
        if (variable == null) {
            throw new IllegalArgumentException(who + ": " + name + " is missing");
        }
    }

    private static void checkType(String who, SDVariable x) {
        checkPresent(who, "x", x);
        if (!ComputeTypes.isSupported(x.dataType())) {
            throw new IllegalArgumentException(
                    who + ": expected type FLOAT, DOUBLE, HALF or BFLOAT16, got " + x.dataType());
        }
    }

    private static void checkSameType(String who, SDVariable x, String name, SDVariable parameter) {
        if (parameter != null && parameter.dataType() != x.dataType()) {
            throw new IllegalArgumentException(who + ": mixed data types: x is " + x.dataType() + ", " + name + " is "
                    + parameter.dataType() + "; cast one of them");
        }
    }

    private static void checkRunning(String who, SDVariable x, String name, SDVariable running) {
        checkPresent(who, name, running);
        if (running.dataType() != ComputeTypes.of(x.dataType())) {
            throw new IllegalArgumentException(who + ": expected " + name + " of type " + ComputeTypes.of(x.dataType())
                    + " for x of type " + x.dataType() + ", got " + running.dataType());
        }
        if (running.getVariableType() != VariableType.CONSTANT) {
            throw new IllegalArgumentException(who + ": expected " + name + " to be a CONSTANT (sd.constant), got "
                    + running.getVariableType() + " \"" + running.name() + "\": an updater must not change it");
        }
    }
}
