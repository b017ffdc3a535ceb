package io.github.dl4jnorm.internal.samediff;

import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.internal.engine.RunningAverage;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.AbstractSession;
import org.nd4j.autodiff.samediff.internal.TrainingSession;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.ExternalErrorsFunction;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * BatchNorm with running statistics, which knows by itself in which mode it runs:
 *
 * <table>
 *   <caption>Modes</caption>
 *   <tr><th>run by</th><th>normalizes with</th><th>running statistics</th></tr>
 *   <tr><td>{@code sd.fit}</td><td>batch statistics</td><td>move, once per iteration</td></tr>
 *   <tr><td>{@code sd.calculateGradients}</td><td>batch statistics</td><td>stay</td></tr>
 *   <tr><td>{@code sd.output}, {@code sd.evaluate}, validation during {@code sd.fit}</td>
 *       <td>running statistics</td><td>stay</td></tr>
 * </table>
 *
 * They move as running ← decay·running + (1−decay)·batch, with the biased or the unbiased variance of the batch. For
 * half types they are FLOAT: the variance of ordinary activations exceeds the range of HALF, and steps are below the
 * digits of BFLOAT16.
 *
 * <p>SameDiff tells an op neither who runs it nor why. What it does do: everything that needs gradients runs in the
 * gradient function, a copy of the graph that holds a variable of SameDiff's own naming, and {@code sd.fit}, nothing
 * else, runs it in a {@link TrainingSession}, which is on the call stack.
 *
 * <p>Inputs: x, gamma if present, beta if present, running mean, running variance. Outputs as in {@link NormalizeOp}.
 */
public final class BatchNormOp extends NormalizeOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_batch_norm";

    private static final int DECAY = 1;
    private static final int UNBIASED = 2;

    /** The gradient of the loss by itself, which only gradient functions have. */
    private static final String GRADIENT_FUNCTION_MARK = "one-var";

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    /** For cloning and loading. */
    public BatchNormOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param spec BatchNorm in training
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     * @param runningMean running mean, changed in place while training
     * @param runningVariance running variance, likewise
     * @param decay weight of the old value
     * @param unbiasedVariance whether the running variance averages unbiased variances
     */
    public BatchNormOp(
            SameDiff sameDiff,
            NormSpec spec,
            SDVariable x,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta,
            SDVariable runningMean,
            SDVariable runningVariance,
            double decay,
            boolean unbiasedVariance) {
        super(sameDiff, spec, gamma != null, beta != null, present(x, gamma, beta, runningMean, runningVariance));
        addTArgument(decay);
        addBArgument(unbiasedVariance);
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    String function() {
        return "batchNorm";
    }

    private GroupStatistics running(List<INDArray> inputs) {
        int size = inputs.size();
        return GroupStatistics.given(inputs.get(size - 2), inputs.get(size - 1));
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        Groups groups = groups(x);
        GroupStatistics running = running(inputs);
        checkRunning("runningMean", groups, x, running.center());
        checkRunning("runningVariance", groups, x, running.measure());
        return super.outputShapes(inputs);
    }

    private void checkRunning(String name, Groups groups, INDArray x, INDArray statistic) {
        NormChecks.statistic(describe(), name, groups, ComputeTypes.of(x.dataType()), statistic);
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        GroupStatistics running = running(inputs);
        GroupStatistics saved = statistics(spec(), outputs.listIterator(1));
        if (sameDiff.hasVariable(GRADIENT_FUNCTION_MARK)) {
            super.compute(inputs, outputs);
            if (isTraining()) {
                move(running, saved, groups(inputs.get(0)).groupSize());
            }
        } else {
            INDArray x = inputs.get(0);
            NormSpec inference = spec().withGivenStatistics();
            NormChecks.variance(describe(), "runningVariance", inference, groups(x), running.measure());
            Iterator<INDArray> rest = inputs.listIterator(1);
            AffineParameters affine = affine(rest);
            EngineChoice.current().forward(inference, x, affine, running, outputs.get(0));
            saved.center().assign(running.center());
            saved.centerResidual().assign(0);
            saved.measure().assign(running.measure());
            saved.scale().assign(running.scale(inference));
        }
    }

    private void move(GroupStatistics running, GroupStatistics batch, long count) {
        double decay = getTArgument(DECAY);
        INDArray variance = getBArgument(UNBIASED) ? RunningAverage.unbiased(batch.measure(), count) : batch.measure();
        RunningAverage.move(running.center(), batch.center(), decay);
        RunningAverage.move(running.measure(), variance, decay);
    }

    /**
     * Whether the session nearest on the call stack is one of training, and not one that a listener started in it. A
     * session's {@code output}, which {@link AbstractSession} has for all of them, calls the {@code getOutputs} that
     * training overrides: what lies above {@code output} on the stack belongs to this session alone.
     */
    private static boolean isTraining() {
        return STACK.walk(frames -> frames.map(StackWalker.StackFrame::getDeclaringClass)
                .takeWhile(type -> type != AbstractSession.class)
                .anyMatch(TrainingSession.class::isAssignableFrom));
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
        if (sameDiff.getOps().values().stream().anyMatch(op -> op.getOp() instanceof ExternalErrorsFunction)) {
            throw new UnsupportedOperationException(describe()
                    + ": inside a DL4J SameDiffLayer activations and gradients come from different graphs, which would"
                    + " normalize with different statistics; use the layer io.github.dl4jnorm.layer.BatchNorm, or"
                    + " SDNorm.batchNormTraining");
        }
        return super.doDiff(gradients);
    }
}
