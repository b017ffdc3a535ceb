package io.github.dl4jnorm.engine;

import io.github.dl4jnorm.kernel.KernelChoice;
import io.github.dl4jnorm.kernel.Workers;
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

    private final NormEngine floats;
    private final NormEngine doubles;
    private final String description;

    /**
     * An engine with kernels and threads of one's choice.
     *
     * @param choice which inner loops to run
     * @param workers the threads that work
     */
    public FusedEngine(KernelChoice choice, Workers workers) {
        this.floats = new TypedEngine<>(choice.floats(workers), NativeMemory::floats);
        this.doubles = new TypedEngine<>(choice.doubles(workers), NativeMemory::doubles);
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
    public void standardize(NormAxes axes, INDArray x, AffineActivation affine, double eps, INDArray y, Stats stats) {
        INDArray wideY = wideLike(y);
        engine(x).standardize(axes, Stats.wide(x), affine.wide(), eps, wideY, stats);
        narrow(wideY, y);
    }

    @Override
    public void standardizeBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            AffineActivation affine,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta) {
        INDArray wideDx = wideLike(dx);
        INDArray wideDGamma = wideLike(dGamma);
        INDArray wideDBeta = wideLike(dBeta);
        engine(x)
                .standardizeBackward(
                        axes, Stats.wide(x), Stats.wide(dy), affine.wide(), stats, wideDx, wideDGamma, wideDBeta);
        narrow(wideDx, dx);
        narrow(wideDGamma, dGamma);
        narrow(wideDBeta, dBeta);
    }

    @Override
    public void applyStats(NormAxes axes, INDArray x, AffineActivation affine, Stats stats, INDArray y) {
        INDArray wideY = wideLike(y);
        engine(x).applyStats(axes, Stats.wide(x), affine.wide(), stats, wideY);
        narrow(wideY, y);
    }

    @Override
    public void applyStatsBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            AffineActivation affine,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta) {
        INDArray wideDx = wideLike(dx);
        INDArray wideDGamma = wideLike(dGamma);
        INDArray wideDBeta = wideLike(dBeta);
        engine(x)
                .applyStatsBackward(
                        axes, Stats.wide(x), Stats.wide(dy), affine.wide(), stats, wideDx, wideDGamma, wideDBeta);
        narrow(wideDx, dx);
        narrow(wideDGamma, dGamma);
        narrow(wideDBeta, dBeta);
    }

    @Override
    public void divideBySum(NormAxes axes, INDArray x, double eps, INDArray y, INDArray sum) {
        INDArray wideY = wideLike(y);
        engine(x).divideBySum(axes, Stats.wide(x), eps, wideY, sum);
        narrow(wideY, y);
    }

    @Override
    public void divideBySumBackward(NormAxes axes, INDArray x, INDArray dy, INDArray sum, INDArray dx) {
        INDArray wideDx = wideLike(dx);
        engine(x).divideBySumBackward(axes, Stats.wide(x), Stats.wide(dy), sum, wideDx);
        narrow(wideDx, dx);
    }

    private NormEngine engine(INDArray x) {
        return x.dataType() == DataType.DOUBLE ? doubles : floats;
    }

    /** Room for the result of {@link #narrow}: the array itself, or FLOAT if its type is a half type. */
    private static INDArray wideLike(INDArray array) {
        return isWide(array) ? array : Nd4j.createUninitialized(DataType.FLOAT, array.shape(), array.ordering());
    }

    private static void narrow(INDArray wide, INDArray result) {
        if (wide != result) {
            result.assign(wide);
        }
    }

    private static boolean isWide(INDArray array) {
        return array == null || Stats.typeFor(array.dataType()) == array.dataType();
    }
}
