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
import io.github.dl4jnorm.internal.kernel.Workers;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.lang.ref.Reference;
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
        PassGuards guards = PassGuards.enter(
                PassGuards.Pass.FORWARD,
                spec,
                x,
                affine.gamma(),
                affine.beta(),
                statistics.center(),
                statistics.centerResidual(),
                statistics.measure(),
                statistics.scale(),
                y);
        INDArray wideX = ComputeTypes.wide(x);
        INDArray wideY = wideLike(y);
        INDArray gamma = affine.factor(spec);
        INDArray beta = ComputeTypes.wideOrNull(affine.beta());
        try {
            typed(x).forward(spec, wideX, gamma, beta, statistics, wideY);
        } finally {
            keepReachable(wideX, wideY, gamma, beta, statistics, y);
        }
        narrow(wideY, y);
        guards.leave();
    }

    @Override
    public void backward(
            NormSpec spec,
            INDArray x,
            INDArray dy,
            AffineParameters affine,
            GroupStatistics statistics,
            Gradients gradients) {
        PassGuards guards = PassGuards.enter(
                PassGuards.Pass.BACKWARD,
                spec,
                x,
                dy,
                affine.gamma(),
                affine.beta(),
                statistics.center(),
                statistics.centerResidual(),
                statistics.measure(),
                statistics.scale(),
                gradients.dx(),
                gradients.dGamma(),
                gradients.dBeta());
        INDArray wideX = ComputeTypes.wide(x);
        INDArray wideDy = ComputeTypes.wide(dy);
        INDArray gamma = affine.factor(spec);
        INDArray beta = ComputeTypes.wideOrNull(affine.beta());
        Gradients wide = gradients.map(FusedEngine::wideLike);
        try {
            typed(x).backward(spec, wideX, wideDy, gamma, beta, statistics, wide);
        } finally {
            keepReachable(wideX, wideDy, gamma, beta, statistics, wide, gradients);
        }
        narrow(wide.dx(), gradients.dx());
        narrow(wide.dGamma(), gradients.dGamma());
        narrow(wide.dBeta(), gradients.dBeta());
        guards.leave();
    }

    private Typed<?> typed(INDArray x) {
        return x.dataType() == DataType.DOUBLE ? doubles : floats;
    }

    /** Keeps arrays from being collected before this, whose memory would be freed under the kernels. */
    private static void keepReachable(@Nullable Object... arrays) {
        for (Object array : arrays) {
            Reference.reachabilityFence(array);
        }
    }

    /** Room for the result of {@link #narrow}: the array itself, or FLOAT if its type is a half type. */
    private static INDArray wideLike(INDArray array) {
        return ComputeTypes.isHalf(array.dataType())
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

        void forward(
                NormSpec spec,
                INDArray x,
                @Nullable INDArray gamma,
                @Nullable INDArray beta,
                GroupStatistics statistics,
                INDArray y) {
            @Nullable INDArray[] arrays = {
                x,
                y,
                gamma,
                beta,
                statistics.center(),
                statistics.centerResidual(),
                statistics.measure(),
                statistics.scale()
            };
            passes.run(spec, memory, () -> prepareForward(spec, arrays), arrays);
        }

        private Prepared<A> prepareForward(NormSpec spec, @Nullable INDArray... arrays) {
            Groups groups = spec.on(NAME, arrays[0].shape());
            Operands<A> next = new Operands<>(memory, groups, arrays);
            Operand<A> x = next.whole();
            Operand<A> y = next.whole();
            ParameterOperands<A> parameters = new ParameterOperands<>(next.parameter(), next.parameter(), null, null);
            Runnable kernel = kernels.prepare(new ForwardPass<>(spec, groups, x, parameters, next.statistics(), y));
            return new Prepared<>(next.taken(), kernel);
        }

        void backward(
                NormSpec spec,
                INDArray x,
                INDArray dy,
                @Nullable INDArray gamma,
                @Nullable INDArray beta,
                GroupStatistics statistics,
                Gradients gradients) {
            @Nullable INDArray[] arrays = {
                x,
                dy,
                gradients.dx(),
                gamma,
                beta,
                gradients.dGamma(),
                gradients.dBeta(),
                statistics.center(),
                statistics.centerResidual(),
                statistics.measure(),
                statistics.scale()
            };
            passes.run(spec, memory, () -> prepareBackward(spec, arrays), arrays);
        }

        private Prepared<A> prepareBackward(NormSpec spec, @Nullable INDArray... arrays) {
            Groups groups = spec.on(NAME, arrays[0].shape());
            Operands<A> next = new Operands<>(memory, groups, arrays);
            Operand<A> x = next.whole();
            Operand<A> dy = next.whole();
            Operand<A> dx = next.whole();
            ParameterOperands<A> parameters =
                    new ParameterOperands<>(next.parameter(), next.parameter(), next.parameter(), next.parameter());
            Runnable kernel =
                    kernels.prepare(new BackwardPass<>(spec, groups, x, dy, parameters, next.statistics(), dx));
            return new Prepared<>(next.taken(), kernel);
        }
    }
}
