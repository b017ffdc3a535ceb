package io.github.dl4jnorm.internal.samediff;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.exception.ND4JOpProfilerException;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.profiler.OpProfiler;

/**
 * A SameDiff op whose body is Java code, on any backend.
 *
 * <p>ND4J 1.0.0-M2.1 has no user-defined ops: it knows the ops of its native library only, and calls them by hash. But
 * to run a custom op, a SameDiff session always
 *
 * <ol>
 *   <li>calls {@link #calculateOutputShape(OpContext)} with a context that holds the inputs,
 *   <li>allocates the outputs into that same context,
 *   <li>calls {@code Nd4j.exec(op, context)}, and every executioner asks for {@link #opHash()} just before it enters
 *       native code.
 * </ol>
 *
 * So this class remembers the context in step 1, runs {@link #compute} on its arrays in step 3, and answers with the
 * hash of the native library's own {@code noop}, which leaves the outputs as they are. Later versions of ND4J have real
 * user-defined ops; only this class has to change for them.
 *
 * <p>What follows from that:
 *
 * <ul>
 *   <li>Contexts are remembered per thread, because one op instance may run in several sessions at once, and on a stack,
 *       because between steps 1 and 3 the session calls listeners, which may run graphs of their own. ND4J's op profiler
 *       asks for the hash too, and must not run anything.
 *   <li>SameDiff clones ops by serializing their arguments, also when it builds the gradient function: a subclass keeps
 *       all its state in integer, floating point and boolean arguments, has a public no-argument constructor, and is
 *       registered with {@link NormOps}.
 *   <li>Ops run in sessions only: not through {@code Nd4j.exec(op)}, nor in SameDiff's eager mode.
 * </ul>
 */
public abstract class JavaOp extends DynamicCustomOp {
    /** Ops between steps 1 and 3, the innermost first. */
    private static final ThreadLocal<Deque<Call>> PREPARED = ThreadLocal.withInitial(ArrayDeque::new);

    /** More than sessions are ever nested: the oldest are of runs that failed before step 3, and are forgotten. */
    private static final int MOST = 64;

    private static final String PROFILER = OpProfiler.class.getPackageName();

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private record Call(JavaOp op, OpContext context, List<INDArray> inputs) {}

    /** For cloning and loading, which set the arguments afterwards. */
    protected JavaOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param inputs input variables
     */
    protected JavaOp(SameDiff sameDiff, SDVariable... inputs) {
        super(null, sameDiff, inputs);
    }

    /**
     * The shapes and types of the outputs. Arguments are checked here, before anything is allocated or computed.
     *
     * @param inputs input arrays
     * @return one descriptor per output
     */
    protected abstract List<LongShapeDescriptor> outputShapes(List<INDArray> inputs);

    /**
     * The body of the op.
     *
     * @param inputs input arrays
     * @param outputs arrays to fill, allocated as {@link #outputShapes} says
     */
    protected abstract void compute(List<INDArray> inputs, List<INDArray> outputs);

    /**
     * The op in the words of whoever added it, for messages.
     *
     * @return for example {@code layerNorm "ln1"}
     */
    protected abstract String describe();

    @Override
    public abstract String opName();

    @Override
    public abstract int getNumOutputs();

    @Override
    public final List<LongShapeDescriptor> calculateOutputShape(OpContext context) {
        if (context == null) {
            return outputShapes(inputArguments());
        }
        // Behind the inputs may lie what passTypeCheck added in a run that failed before the session took it out.
        List<INDArray> inputs = context.getInputArrays().subList(0, args().length);
        List<LongShapeDescriptor> shapes = outputShapes(inputs);
        prepare(new Call(this, context, inputs));
        return shapes;
    }

    private static void prepare(Call call) {
        Deque<Call> calls = PREPARED.get();
        // A session that failed before step 3 tries again with the context that it has for the op.
        calls.removeIf(earlier -> earlier.op == call.op && earlier.context == call.context);
        if (calls.size() == MOST) {
            calls.removeLast();
        }
        calls.push(call);
    }

    /** Takes the innermost call of this op, or null; what lies above it was given up by a run that failed. */
    private @Nullable Call takePrepared() {
        Deque<Call> calls = PREPARED.get();
        for (Call call : calls) {
            if (call.op == this && call.context.getOutputArrays().size() == getNumOutputs()) {
                while (calls.pop() != call) {
                    // Given up.
                }
                return call;
            }
        }
        return null;
    }

    @Override
    public final long opHash() {
        boolean runs = !STACK.getCallerClass().getPackageName().startsWith(PROFILER);
        Call call = runs ? takePrepared() : null;
        if (call != null) {
            // Else the native noop would ask every output for the shape of the input at its place.
            call.context.shapeFunctionOverride(true);
            run(call);
            passTypeCheck(call.context, call.inputs);
        }
        return Nd4j.getExecutioner().getCustomOperations().get("noop").getHash();
    }

    private void run(Call call) {
        try {
            compute(call.inputs, call.context.getOutputArrays());
        } catch (ND4JOpProfilerException e) {
            // Else the executioner, which looks through the context on its way out, would panic without a name.
            call.context.purge();
            throw new ND4JOpProfilerException(describe() + ": " + e.getMessage(), e);
        }
    }

    /**
     * The native noop asks of every output the type of the input at its place, or of the first one where there is none.
     * Where that is not so, as in graphs of half types, which have statistics in FLOAT, it gets its outputs for inputs.
     * The session clears the context after every op.
     */
    private static void passTypeCheck(OpContext context, List<INDArray> inputs) {
        List<INDArray> outputs = context.getOutputArrays();
        for (int i = 0; i < outputs.size(); i++) {
            INDArray input = inputs.get(i < inputs.size() ? i : 0);
            if (outputs.get(i).dataType() != input.dataType()) {
                context.setInputArrays(outputs);
                return;
            }
        }
    }

    /** The inherited method looks for fields of native ops; all state of these ops is in their arguments. */
    @Override
    public final Map<String, Object> propertiesForFunction() {
        return Map.of();
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
        throw new UnsupportedOperationException(
                describe() + " has no gradient of its own: second-order gradients are not supported");
    }
}
