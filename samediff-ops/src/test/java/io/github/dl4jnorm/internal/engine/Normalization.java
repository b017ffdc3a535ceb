package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.internal.kernel.KernelChoice;
import io.github.dl4jnorm.internal.kernel.Workers;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A normalization by one of the engines, with the statistics of its last forward pass, or given ones. Outputs are full
 * of NaN before they are written.
 *
 * @param engine the engine
 * @param spec the normalization
 * @param statistics the statistics
 */
record Normalization(NormEngine engine, NormSpec spec, GroupStatistics statistics) {

    /** A normalization of arrays like x, whose statistics come from x. */
    static Normalization of(NormEngine engine, NormSpec spec, INDArray x) {
        return new Normalization(
                engine, spec, GroupStatistics.allocate(spec, spec.on("test", x.shape()), x.dataType()));
    }

    /** The kernels that the tests of this run must cover. */
    static List<KernelChoice> kernels() {
        List<KernelChoice> kernels = new ArrayList<>(List.of(KernelChoice.named(KernelChoice.SCALAR)));
        if (KernelChoice.VECTOR.equals(System.getProperty(KernelChoice.PROPERTY))
                || ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            kernels.add(KernelChoice.named(KernelChoice.VECTOR));
        }
        return kernels;
    }

    /** Fused engines with each of the kernels. */
    static List<NormEngine> fusedEngines(int threads) {
        return kernels().stream()
                .<NormEngine>map(kernel -> new FusedEngine(kernel, new Workers(threads)))
                .toList();
    }

    /** Every engine, with each of the kernels. */
    static List<NormEngine> engines(int threads) {
        List<NormEngine> all = new ArrayList<>(fusedEngines(threads));
        all.add(new Nd4jEngine());
        return all;
    }

    /** The same with another spec. */
    Normalization with(NormSpec other) {
        return new Normalization(engine, other, statistics);
    }

    INDArray forward(INDArray x, AffineParameters affine, Layout layout) {
        return forward(x, affine, like(x, layout));
    }

    INDArray forward(INDArray x, AffineParameters affine, INDArray y) {
        engine.forward(spec, x, affine, statistics, y);
        return y;
    }

    Gradients backward(INDArray x, INDArray dy, AffineParameters affine, Layout layout) {
        return backward(x, dy, affine, like(x, layout));
    }

    Gradients backward(INDArray x, INDArray dy, AffineParameters affine, INDArray dx) {
        Gradients gradients = new Gradients(dx, parameter(x), parameter(x));
        engine.backward(spec, x, dy, affine, statistics, gradients);
        return gradients;
    }

    private INDArray parameter(INDArray x) {
        return nans(x.dataType(), spec.on("test", x.shape()).parameterShape());
    }

    private static INDArray like(INDArray x, Layout layout) {
        double[] values = new double[(int) x.length()];
        Arrays.fill(values, Double.NaN);
        return layout.create(x.dataType(), x.shape(), values);
    }

    private static INDArray nans(DataType type, long... shape) {
        return Nd4j.create(type, shape).assign(Double.NaN);
    }

    @Override
    public String toString() {
        String kernels = engine instanceof FusedEngine fused ? " with " + fused.describe() : "";
        return engine.name() + kernels + ", " + spec;
    }
}
