package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.internal.engine.PreparedPasses.Prepared;
import io.github.dl4jnorm.internal.kernel.BackwardPass;
import io.github.dl4jnorm.internal.kernel.DoubleMemory;
import io.github.dl4jnorm.internal.kernel.FloatMemory;
import io.github.dl4jnorm.internal.kernel.ForwardPass;
import io.github.dl4jnorm.internal.kernel.KernelChoice;
import io.github.dl4jnorm.internal.kernel.NormKernels;
import io.github.dl4jnorm.internal.kernel.Operand;
import io.github.dl4jnorm.internal.kernel.ParameterOperands;
import io.github.dl4jnorm.internal.kernel.StatisticOperands;
import io.github.dl4jnorm.internal.kernel.Workers;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.lang.ref.Reference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The engine that runs the CPU kernels on the memory of the arrays: statistics and map of a group while its data are in
 * the cache, instead of a pass over memory per array operation. CPU backend only: on others that memory may be stale.
 *
 * <p>Arrays of any order and strides are read and written where they are. Half types are converted to float first.
 *
 * <p>FLOAT results err by a few roundings of their largest terms, for groups of any size. Groups for which the range of
 * float is too small on the way, of values beyond 10¹⁹ or with sums or scales that are no normal floats, are done again
 * in double, which is slow, and exact just so. Of DOUBLE arrays, values beyond 10¹⁵⁴ have squares that are infinite.
 */
public final class FusedEngine implements NormEngine {
    /** The name of this engine. */
    public static final String NAME = "fused";

    private final Typed<float[]> floats;
    private final Typed<double[]> doubles;
    private final String description;

    /**
     * An engine with kernels and threads of one's choice.
     *
     * @param choice which inner loops to run
     * @param workers the threads that work
     */
    public FusedEngine(KernelChoice choice, Workers workers) {
        this.floats =
                new Typed<>(choice.floats(workers), new NativeMemory<>(FloatMemory.WINDOW_BYTES, FloatMemory::new));
        this.doubles =
                new Typed<>(choice.doubles(workers), new NativeMemory<>(DoubleMemory.WINDOW_BYTES, DoubleMemory::new));
        this.description = choice.describe() + ", threads: " + workers.threads();
    }

    /** {@return whether the memory of arrays is where this engine looks for it: on the CPU backend} */
    public static boolean isAvailable() {
        return Nd4j.getEnvironment().isCPU();
    }

    @Override
    public String name() {
        return NAME;
    }

    /** {@return which kernels run, as in "vector kernels (512 bit), threads: 2"} */
    public String describe() {
        return description;
    }

    @Override
    public void forward(NormSpec spec, INDArray x, AffineParameters affine, GroupStatistics statistics, INDArray y) {
        run(Pass.FORWARD, spec, x, affine, statistics, y);
    }

    @Override
    public void backward(
            NormSpec spec,
            INDArray x,
            INDArray dy,
            AffineParameters affine,
            GroupStatistics statistics,
            Gradients gradients) {
        run(Pass.BACKWARD, spec, x, affine, statistics, dy, gradients.dx(), gradients.dGamma(), gradients.dBeta());
    }

    /** Runs a pass: half types are widened for it, and its results narrowed. The last arrays are those in which passes differ. */
    private void run(
            Pass pass,
            NormSpec spec,
            INDArray x,
            AffineParameters affine,
            GroupStatistics statistics,
            @Nullable INDArray... others) {
        @Nullable INDArray[] arrays = arrays(x, affine, statistics, others);
        PassGuards guards = PassGuards.enter(pass, spec, arrays);
        @Nullable INDArray[] wide = new INDArray[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            if (i == Pass.GAMMA) {
                wide[i] = affine.factor(spec);
            } else {
                wide[i] = i < pass.firstResult() ? ComputeTypes.wideOrNull(arrays[i]) : wideLike(arrays[i]);
            }
        }
        try {
            typed(x).run(pass, spec, wide);
        } finally {
            keepReachable(arrays);
            keepReachable(wide);
        }
        for (int i = pass.firstResult(); i < arrays.length; i++) {
            narrow(wide[i], arrays[i]);
        }
        guards.leave();
    }

    /** In the order of {@link Pass}. */
    private static @Nullable INDArray[] arrays(
            INDArray x, AffineParameters affine, GroupStatistics statistics, @Nullable INDArray... others) {
        @Nullable INDArray[] first = {
            x,
            affine.gamma(),
            affine.beta(),
            statistics.center(),
            statistics.centerResidual(),
            statistics.measure(),
            statistics.scale()
        };
        @Nullable INDArray[] all = Arrays.copyOf(first, first.length + others.length);
        System.arraycopy(others, 0, all, first.length, others.length);
        return all;
    }

    private Typed<?> typed(INDArray x) {
        return x.dataType() == DataType.DOUBLE ? doubles : floats;
    }

    /** Keeps arrays from being collected before this, whose memory would be freed under the kernels. */
    private static void keepReachable(@Nullable INDArray... arrays) {
        for (INDArray array : arrays) {
            Reference.reachabilityFence(array);
        }
    }

    /** Room for the result of {@link #narrow}: the array itself, or FLOAT if its type is a half type. */
    private static @Nullable INDArray wideLike(@Nullable INDArray array) {
        return array != null && ComputeTypes.isHalf(array.dataType())
                ? Nd4j.createUninitialized(DataType.FLOAT, array.shape(), array.ordering())
                : array;
    }

    private static void narrow(@Nullable INDArray wide, @Nullable INDArray result) {
        if (wide != null && result != null && wide != result) {
            result.assign(wide);
        }
    }

    /** Describes arrays of one type to its kernels. */
    private static final class Typed<A> {
        private final NormKernels<A> kernels;
        private final NativeMemory<A> memory;
        private final PreparedPasses<A> passes = new PreparedPasses<>();

        Typed(NormKernels<A> kernels, NativeMemory<A> memory) {
            this.kernels = kernels;
            this.memory = memory;
        }

        void run(Pass pass, NormSpec spec, @Nullable INDArray... arrays) {
            passes.run(spec, memory, () -> prepare(pass, spec, arrays), arrays);
        }

        private Prepared<A> prepare(Pass pass, NormSpec spec, @Nullable INDArray... arrays) {
            Groups groups = spec.on(NAME, arrays[0].shape());
            Operands<A> next = new Operands<>(memory, groups, arrays);
            Operand<A> x = next.whole();
            Operand<A> gamma = next.parameter();
            Operand<A> beta = next.parameter();
            StatisticOperands<A> statistics = next.statistics();
            Runnable kernel =
                    switch (pass) {
                        case FORWARD -> {
                            ParameterOperands<A> parameters = new ParameterOperands<>(gamma, beta, null, null);
                            Operand<A> y = next.whole();
                            yield kernels.prepare(new ForwardPass<>(spec, groups, x, parameters, statistics, y));
                        }
                        case BACKWARD -> {
                            Operand<A> dy = next.whole();
                            Operand<A> dx = next.whole();
                            ParameterOperands<A> parameters =
                                    new ParameterOperands<>(gamma, beta, next.parameter(), next.parameter());
                            yield kernels.prepare(new BackwardPass<>(spec, groups, x, dy, parameters, statistics, dx));
                        }
                    };
            return new Prepared<>(next.taken(), kernel);
        }
    }
}
