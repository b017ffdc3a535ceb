package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.NormSpec;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.executioner.OpExecutionerUtil;
import org.nd4j.linalg.exception.ND4JIllegalStateException;
import org.nd4j.linalg.exception.ND4JOpProfilerException;
import org.nd4j.linalg.profiler.OpProfiler;
import org.nd4j.linalg.profiler.ProfilerConfig;

/**
 * What ND4J's executioner does around each op that it runs, for passes that do not go through it: it refuses closed
 * arrays and, as its {@link ProfilerConfig} says, arrays of workspaces that are no longer open, and NaN and infinities in
 * arguments and results; and it counts and times calls.
 */
final class PassGuards {
    /** What the profiler takes a pass for. */
    private static final class ProfiledPass extends DynamicCustomOp {
        ProfiledPass(Pass pass) {
            super("dl4jnorm_" + pass);
        }

        /** The profiler prints it; the inherited method looks for a native op. */
        @Override
        public long opHash() {
            return 0;
        }
    }

    private final Pass pass;
    private final NormSpec spec;
    private final @Nullable INDArray[] arrays;
    private final long start;

    private PassGuards(Pass pass, NormSpec spec, @Nullable INDArray... arrays) {
        this.pass = pass;
        this.spec = spec;
        this.arrays = arrays;
        this.start = System.nanoTime();
    }

    /**
     * Checks the arguments of a pass that is about to run.
     *
     * @param pass forward or backward
     * @param spec the normalization
     * @param arrays its arrays in the order of the pass, null where there is none
     * @return for {@link #leave}
     * @throws IllegalStateException if an array was closed, or, as the configuration says, its workspace was, or an input
     *     has NaN or infinities
     */
    static PassGuards enter(Pass pass, NormSpec spec, @Nullable INDArray... arrays) {
        PassGuards guards = new PassGuards(pass, spec, arrays);
        ProfilerConfig config = OpProfiler.getInstance().getConfig();
        boolean workspaces = config != null && config.isCheckWorkspaces();
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] != null) {
                guards.checkOpen(i);
                if (workspaces && arrays[i].isAttached()) {
                    guards.checkWorkspace(i);
                }
            }
        }
        if (config != null) {
            guards.checkValues(config, 0, pass.inputs(spec));
            if (config.isStackTrace() || config.isCheckElapsedTime()) {
                OpProfiler.getInstance().processOpCall(new ProfiledPass(pass));
            }
        }
        return guards;
    }

    /**
     * Checks the results of the pass that has run.
     *
     * @throws ND4JOpProfilerException if one has NaN or infinities, as the configuration says
     */
    void leave() {
        OpProfiler profiler = OpProfiler.getInstance();
        ProfilerConfig config = profiler.getConfig();
        if (config == null) {
            return;
        }
        if (config.isStackTrace()) {
            profiler.processStackCall(new ProfiledPass(pass), start);
        }
        if (config.isCheckElapsedTime()) {
            profiler.timeOpCall(new ProfiledPass(pass), start);
        }
        checkValues(config, pass.inputs(spec), arrays.length);
    }

    private void checkValues(ProfilerConfig config, int from, int to) {
        if (config.isCheckForNAN()) {
            checkValues(OpExecutionerUtil::checkForNaN, from, to);
        }
        if (config.isCheckForINF()) {
            checkValues(OpExecutionerUtil::checkForInf, from, to);
        }
    }

    private void checkOpen(int i) {
        if (arrays[i].wasClosed()) {
            throw new IllegalStateException(named(i) + " was closed before");
        }
    }

    private void checkWorkspace(int i) {
        MemoryWorkspace workspace = arrays[i].data().getParentWorkspace();
        // A circular workspace hands out the same memory again and again, on purpose.
        if (workspace == null || workspace.getWorkspaceType() == MemoryWorkspace.Type.CIRCULAR) {
            return;
        }
        if (!workspace.isScopeActive()) {
            throw new ND4JIllegalStateException(named(i) + " is in workspace \"" + workspace.getId()
                    + "\", which is no longer open; detach or leverage the array before its workspace closes");
        }
        if (workspace.getGenerationId() != arrays[i].data().getGenerationId()) {
            throw new ND4JIllegalStateException(named(i) + " is in workspace \"" + workspace.getId()
                    + "\", which has been closed and opened again since the array was made; detach or leverage the array"
                    + " before its workspace closes");
        }
    }

    private void checkValues(Consumer<INDArray> check, int from, int to) {
        for (int i = from; i < to; i++) {
            if (arrays[i] != null) {
                try {
                    // ND4J overlooks NaN in HALF that Java wrote, with putScalar for example: its bits are others.
                    check.accept(ComputeTypes.wide(arrays[i]));
                } catch (ND4JOpProfilerException e) {
                    throw new ND4JOpProfilerException(named(i) + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private String named(int i) {
        return FusedEngine.NAME + " " + pass + " pass of " + spec + ": " + pass.array(i);
    }
}
