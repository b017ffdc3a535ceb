package io.github.dl4jnorm;

import static io.github.dl4jnorm.AgainstReference.assertBackward;
import static io.github.dl4jnorm.AgainstReference.assertForward;
import static io.github.dl4jnorm.testing.Tolerances.assertClose;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Tolerances;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** LayerNorm on random shapes, axes, layouts and types, with and without gamma and beta, against the formulas. */
class LayerNormTest {
    private final NDNorm norm = new NDNorm();

    @Property(tries = 300)
    void forward(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        assertForward(norm.layerNorm(c.x(), c.optionalParameter(1), c.optionalParameter(2), c.eps(), c.axes()));
    }

    @Property(tries = 300)
    void backward(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        assertBackward(
                norm.layerNorm(c.x(), c.optionalParameter(1), c.optionalParameter(2), c.eps(), c.axes()), c.dy());
    }

    /** Without gamma and beta, LayerNorm over axis 1 of [N, D] is BatchNorm of the transposed array, and so is its dx. */
    @Property(tries = 100)
    void isBatchNormOfTheTransposed(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        Assume.that(c.shape().length == 2);
        INDArray x = c.x();
        INDArray dy = c.dy();

        Normalized layer = norm.layerNorm(x, null, null, c.eps(), 1);
        Normalized batch = norm.batchNorm(x.transpose(), null, null, c.eps(), 1);
        INDArray layerDx = layer.backward(dy).dx();
        INDArray batchDx = batch.backward(dy.transpose()).dx();

        double[] y = Doubles.of(layer.y());
        double[] dx = Doubles.of(layerDx);
        long length = c.shape()[1];
        double scale = 10 / Math.sqrt(c.eps());
        assertClose("y", y, Doubles.of(batch.y().transpose()), Tolerances.bound(DataType.DOUBLE, length, 0, 10));
        assertClose("dx", dx, Doubles.of(batchDx.transpose()), Tolerances.bound(DataType.DOUBLE, length, 0, scale));
    }
}
