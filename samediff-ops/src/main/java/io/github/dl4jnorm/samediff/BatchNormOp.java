package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.Stats;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
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
 * They move as running ← decay·running + (1−decay)·batch, with the biased batch variance.
 *
 * <p>SameDiff tells an op neither who runs it nor why. What it does do: everything that needs gradients runs in the
 * gradient function, a copy of the graph that holds a variable of SameDiff's own naming, and {@code sd.fit}, nothing
 * else, runs it in a {@link TrainingSession}, which is on the call stack.
 *
 * <p>Inputs: x, gamma if present, beta if present, running mean, running variance. Outputs as in {@link StandardizeOp}.
 */
public final class BatchNormOp extends StandardizeOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_batch_norm";

    /** The gradient of the loss by itself, which only gradient functions have. */
    private static final String GRADIENT_FUNCTION_MARK = "one-var";

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    /** For cloning and loading. */
    public BatchNormOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     * @param runningMean running mean, changed in place while training
     * @param runningVariance running variance, changed in place while training
     * @param eps ε &gt; 0
     * @param decay weight of the old value in the running statistics, in [0, 1]
     * @param channelAxis axis of the channels
     */
    public BatchNormOp(
            SameDiff sameDiff,
            SDVariable x,
            SDVariable gamma,
            SDVariable beta,
            SDVariable runningMean,
            SDVariable runningVariance,
            double eps,
            double decay,
            int channelAxis) {
        super(
                sameDiff,
                new Layout(true, gamma != null, beta != null, channelAxis),
                eps,
                present(List.of(x), gamma, beta, runningMean, runningVariance));
        addTArgument(decay);
    }

    @Override
    public String opName() {
        return NAME;
    }

    private INDArray runningMean(List<INDArray> inputs) {
        return inputs.get(1 + parameterCount());
    }

    private INDArray runningVariance(List<INDArray> inputs) {
        return inputs.get(2 + parameterCount());
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        NormAxes axes = axes(x);
        NormChecks.statistic(describe(), "runningMean", axes, x.dataType(), runningMean(inputs));
        NormChecks.statistic(describe(), "runningVariance", axes, x.dataType(), runningVariance(inputs));
        return super.outputShapes(inputs);
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        if (sameDiff.hasVariable(GRADIENT_FUNCTION_MARK)) {
            super.compute(inputs, outputs);
            if (isTraining()) {
                Stats.move(runningMean(inputs), outputs.get(1), decay());
                Stats.move(runningVariance(inputs), outputs.get(2), decay());
            }
        } else {
            INDArray x = inputs.get(0);
            NormAxes axes = axes(x);
            Stats running = Stats.of(axes, x.dataType(), runningMean(inputs), runningVariance(inputs), eps());
            engine(x).applyStats(axes, x, affine(inputs, 1), running, outputs.get(0));
            outputs.get(1).assign(running.mean());
            outputs.get(2).assign(running.variance());
            outputs.get(3).assign(running.invStd());
        }
    }

    private double decay() {
        return getTArgument(1);
    }

    private static boolean isTraining() {
        return STACK.walk(
                frames -> frames.anyMatch(frame -> TrainingSession.class.isAssignableFrom(frame.getDeclaringClass())));
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
