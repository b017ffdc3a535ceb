package io.github.dl4jnorm.benchmarks;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import io.github.dl4jnorm.engine.AffineParameters;
import io.github.dl4jnorm.engine.GroupStatistics;
import io.github.dl4jnorm.engine.Nd4jEngine;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.engine.NormGradients;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Locale;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Rounding errors on data that is hard to normalize: the largest error of y, dx and dGamma of a BatchNorm over [4096, 8] in
 * float, against the same formulas in double, relative to the largest magnitude of the exact result.
 */
final class Accuracy {
    private static final int ROWS = 4096;
    private static final int CHANNELS = 8;
    private static final double EPS = 1e-5;

    private enum Data {
        NORMAL("mean 0, std 1", (random, i) -> random.nextGaussian()),
        ROUNDED_MEAN("1000.3 + 0.01·sin i", (random, i) -> 1000.3 + 0.01 * Math.sin(i)),
        OFFSET("mean 1e4, std 1e-2", (random, i) -> 1e4 + 1e-2 * random.nextGaussian()),
        FAR("mean 1e6, std 1", (random, i) -> 1e6 + random.nextGaussian()),
        CONSTANT("constant 0.1", (random, i) -> 0.1),
        DENORMAL("denormals", (random, i) -> 1e-41 * random.nextGaussian()),
        HUGE("std 1e18", (random, i) -> 1e18 * random.nextGaussian()),
        LIMIT("near the float limit, std 1e37", (random, i) -> 1e37 * random.nextGaussian()),
        OUTLIER("one outlier of 1e8", (random, i) -> i == 0 ? 1e8 : random.nextGaussian());

        private final String title;
        private final Values values;

        Data(String title, Values values) {
            this.title = title;
            this.values = values;
        }

        INDArray array() {
            Random random = new Random(ordinal());
            float[][] rows = new float[ROWS][CHANNELS];
            for (int row = 0; row < ROWS; row++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    rows[row][channel] = (float) values.at(random, row);
                }
            }
            return Nd4j.createFromArray(rows);
        }
    }

    private interface Values {
        double at(Random random, int row);
    }

    private record Result(INDArray y, INDArray dx, INDArray dGamma) {}

    private Accuracy() {}

    static String table() {
        StringBuilder table = new StringBuilder("\nLargest relative errors in float, y / dx / dGamma (" + ROWS
                + " values per channel)\n\n" + "| data | ours | ours, nd4j engine | PyTorch |\n|---|---|---|---|\n");
        INDArray dy = Nd4j.randn(DataType.FLOAT, ROWS, CHANNELS);
        for (Data data : Data.values()) {
            INDArray x = data.array();
            Result exact = ours(new Nd4jEngine(), x.castTo(DataType.DOUBLE), dy.castTo(DataType.DOUBLE));
            table.append("| ").append(data.title).append(" |");
            for (Result result :
                    new Result[] {ours(NormEngines.current(), x, dy), ours(new Nd4jEngine(), x, dy), torch(x, dy)}) {
                table.append(' ')
                        .append(error(exact.y, result.y))
                        .append(" / ")
                        .append(error(exact.dx, result.dx))
                        .append(" / ")
                        .append(error(exact.dGamma, result.dGamma))
                        .append(" |");
            }
            table.append('\n');
        }
        return table.toString();
    }

    private static String error(INDArray exact, INDArray actual) {
        double largest = 0;
        double error = 0;
        double[] expected = exact.dup('c').data().asDouble();
        double[] found = actual.dup('c').data().asDouble();
        for (int i = 0; i < expected.length; i++) {
            double e = expected[i];
            double a = found[i];
            largest = Math.max(largest, Math.abs(e));
            error = Double.isFinite(a) ? Math.max(error, Math.abs(e - a)) : Double.POSITIVE_INFINITY;
            if (error == Double.POSITIVE_INFINITY) {
                return "not finite";
            }
        }
        return String.format(Locale.ROOT, "%.1e", largest == 0 ? error : error / largest);
    }

    private static Result ours(NormEngine engine, INDArray x, INDArray dy) {
        NormSpec spec = NormSpec.batchNorm(EPS, 1);
        AffineParameters affine = new AffineParameters(Nd4j.ones(x.dataType(), CHANNELS), null);
        GroupStatistics statistics = GroupStatistics.allocate(spec, spec.on("accuracy", x.shape()), x.dataType());
        INDArray y = x.like();
        NormGradients gradients = new NormGradients(x.like(), affine.gamma().like(), null);
        engine.forward(spec, x, affine, statistics, y);
        engine.backward(spec, x, dy, affine, statistics, gradients);
        return new Result(y, gradients.dx(), gradients.dGamma());
    }

    private static Result torch(INDArray x, INDArray dy) {
        try (PtNDManager manager = (PtNDManager) NDManager.newBaseManager("PyTorch")) {
            PtSymbolBlock forward = TorchScript.load(
                    manager,
                    "x: Tensor) -> Tuple[Tensor, Tensor, Tensor]",
                    "return torch.native_batch_norm(x, None, None, None, None, True, 0.1, 0.00001)");
            PtSymbolBlock backward = TorchScript.load(
                    manager,
                    "x: Tensor, dy: Tensor, g: Tensor, m: Tensor, r: Tensor) -> Tuple[Tensor, Tensor, Tensor]",
                    "return torch.native_batch_norm_backward("
                            + "dy, x, g, None, None, m, r, True, 0.00001, [True, True, False])");
            IValue tx = value(manager, x);
            IValue[] saved = forward.forward(tx).toIValueTuple();
            IValue gamma = IValue.from((PtNDArray) manager.ones(new Shape(CHANNELS)));
            IValue[] gradients = backward.forward(tx, value(manager, dy), gamma, saved[1], saved[2])
                    .toIValueTuple();
            return new Result(array(manager, saved[0]), array(manager, gradients[0]), array(manager, gradients[1]));
        }
    }

    private static IValue value(PtNDManager manager, INDArray values) {
        return IValue.from((PtNDArray) manager.create(values.dup('c').data().asFloat(), new Shape(values.shape())));
    }

    private static INDArray array(PtNDManager manager, IValue value) {
        return Nd4j.createFromArray(value.toTensor(manager).toFloatArray());
    }
}
