package io.github.dl4jnorm.engine;

import io.github.dl4jnorm.kernel.BackwardPass;
import io.github.dl4jnorm.kernel.ForwardPass;
import io.github.dl4jnorm.kernel.KernelChoice;
import io.github.dl4jnorm.kernel.Memory;
import io.github.dl4jnorm.kernel.NormKernels;
import io.github.dl4jnorm.kernel.NormPass;
import io.github.dl4jnorm.kernel.Operand;
import io.github.dl4jnorm.kernel.ParameterOperands;
import io.github.dl4jnorm.kernel.StatisticOperands;
import io.github.dl4jnorm.kernel.Workers;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.lang.ref.Reference;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The engine that runs the CPU kernels on the memory of the arrays: statistics and map of a group while its data are in
 * the cache, instead of a pass over memory per array operation. CPU backend only: on others that memory may be stale.
 *
 * <p>Arrays of any order and strides are read and written where they are. Half types are converted to float first.
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
        this.floats = new Typed<>(choice.floats(workers), NativeMemory::floats);
        this.doubles = new Typed<>(choice.doubles(workers), NativeMemory::doubles);
        this.description = choice.describe() + ", threads: " + workers.threads();
    }

    /**
     * Whether the memory of arrays is where this engine looks for it.
     *
     * @return true on the CPU backend
     */
    public static boolean isAvailable() {
        return Nd4j.getEnvironment().isCPU();
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * Says which kernels run.
     *
     * @return a phrase such as "vector kernels (512 bit), threads: 2"
     */
    public String describe() {
        return description;
    }

    @Override
    public void forward(NormSpec spec, INDArray x, AffineParameters affine, GroupStatistics statistics, INDArray y) {
        INDArray wideX = ComputeTypes.wide(x);
        INDArray wideY = wideLike(y);
        INDArray gamma = affine.factor(spec);
        INDArray beta = ComputeTypes.wide(affine.beta());
        try {
            typed(x).forward(spec, wideX, gamma, beta, statistics, wideY);
        } finally {
            keepReachable(wideX, wideY, gamma, beta, statistics, y);
        }
        narrow(wideY, y);
    }

    @Override
    public void backward(
            NormSpec spec,
            INDArray x,
            INDArray dy,
            AffineParameters affine,
            GroupStatistics statistics,
            NormGradients gradients) {
        INDArray wideX = ComputeTypes.wide(x);
        INDArray wideDy = ComputeTypes.wide(dy);
        INDArray gamma = affine.factor(spec);
        INDArray beta = ComputeTypes.wide(affine.beta());
        NormGradients wide =
                new NormGradients(wideLike(gradients.dx()), wideLike(gradients.dGamma()), wideLike(gradients.dBeta()));
        try {
            typed(x).backward(spec, wideX, wideDy, gamma, beta, statistics, wide);
        } finally {
            keepReachable(wideX, wideDy, gamma, beta, statistics, wide, gradients);
        }
        narrow(wide.dx(), gradients.dx());
        narrow(wide.dGamma(), gradients.dGamma());
        narrow(wide.dBeta(), gradients.dBeta());
    }

    private Typed<?> typed(INDArray x) {
        return x.dataType() == DataType.DOUBLE ? doubles : floats;
    }

    /** Keeps arrays from being collected before this, whose memory would be freed under the kernels. */
    private static void keepReachable(Object... arrays) {
        for (Object array : arrays) {
            Reference.reachabilityFence(array);
        }
    }

    /** Room for the result of {@link #narrow}: the array itself, or FLOAT if its type is a half type. */
    private static INDArray wideLike(INDArray array) {
        return array == null || !ComputeTypes.isHalf(array.dataType())
                ? array
                : Nd4j.createUninitialized(DataType.FLOAT, array.shape(), array.ordering());
    }

    private static void narrow(INDArray wide, INDArray result) {
        if (wide != result) {
            result.assign(wide);
        }
    }

    /** Describes arrays of one type to its kernels. */
    private record Typed<A>(NormKernels<A> kernels, Function<INDArray, Memory<A>> memory) {
        void forward(NormSpec spec, INDArray x, INDArray gamma, INDArray beta, GroupStatistics statistics, INDArray y) {
            Groups groups = spec.on(NAME, x.shape());
            NormPass<A> pass = new ForwardPass<>(
                    spec,
                    groups,
                    whole(groups, x),
                    new ParameterOperands<>(parameter(groups, gamma), parameter(groups, beta), null, null),
                    statistics(groups, statistics),
                    whole(groups, y));
            kernels.run(pass);
        }

        void backward(
                NormSpec spec,
                INDArray x,
                INDArray dy,
                INDArray gamma,
                INDArray beta,
                GroupStatistics statistics,
                NormGradients gradients) {
            Groups groups = spec.on(NAME, x.shape());
            NormPass<A> pass = new BackwardPass<>(
                    spec,
                    groups,
                    whole(groups, x),
                    whole(groups, dy),
                    new ParameterOperands<>(
                            parameter(groups, gamma),
                            parameter(groups, beta),
                            parameter(groups, gradients.dGamma()),
                            parameter(groups, gradients.dBeta())),
                    statistics(groups, statistics),
                    whole(groups, gradients.dx()));
            kernels.run(pass);
        }

        private Operand<A> whole(Groups groups, INDArray array) {
            return operand(array, groups.split(array.stride()));
        }

        private Operand<A> parameter(Groups groups, INDArray array) {
            return array == null
                    ? null
                    : operand(array, groups.alongAffine(EvenStrides.of(array, groups.parameterShape())));
        }

        private StatisticOperands<A> statistics(Groups groups, GroupStatistics statistics) {
            return new StatisticOperands<>(
                    statistic(groups, statistics.center()),
                    statistic(groups, statistics.centerResidual()),
                    statistic(groups, statistics.measure()),
                    statistic(groups, statistics.scale()));
        }

        private Operand<A> statistic(Groups groups, INDArray array) {
            return array == null
                    ? null
                    : operand(array, groups.alongKept(EvenStrides.of(array, groups.statisticShape())));
        }

        private Operand<A> operand(INDArray array, long... strides) {
            return new Operand<>(memory.apply(array), array.offset(), strides);
        }
    }
}
