package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** LayerNorm on random shapes, axes, layouts and types, with and without gain and bias, against the formulas. */
class LayerNormTest {
    private final NDNorm norm = new NDNorm();

    @Property(tries = 300)
    void forward(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        INDArray x = c.x();
        INDArray gain = c.optionalParameter(1);
        INDArray bias = c.optionalParameter(2);

        NDNorm.Standardized actual = norm.layerNorm(x, gain, bias, c.eps(), c.axes());

        Reference.Standardized expected = Reference.over(c.shape(), c.axes())
                .standardize(Doubles.of(x), Doubles.orNull(gain), Doubles.orNull(bias), c.eps());
        assertEquals(x.dataType(), actual.y().dataType());
        assertArrayEquals(x.shape(), actual.y().shape());
        assertArrayEquals(
                NormAxes.over("test", c.shape(), c.axes()).statsShape(),
                actual.mean().shape());
        assertClose("y", expected.y(), actual.y());
        assertClose("mean", expected.mean(), actual.mean());
        assertClose("variance", expected.variance(), actual.variance());
        assertClose("invStd", expected.invStd(), actual.invStd());
    }

    @Property(tries = 300)
    void backward(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gain = c.optionalParameter(1);
        NDNorm.Standardized forward = norm.layerNorm(x, gain, null, c.eps(), c.axes());

        NDNorm.Gradients actual = norm.layerNormBackward(x, dy, gain, forward.stats(), c.axes());

        Reference.Gradients expected = Reference.over(c.shape(), c.axes())
                .standardizeBackward(
                        Doubles.of(x),
                        Doubles.of(dy),
                        Doubles.orNull(gain),
                        Doubles.of(forward.mean()),
                        Doubles.of(forward.invStd()));
        long[] parameterShape = NormAxes.over("test", c.shape(), c.axes()).affineShape();
        assertEquals(x.dataType(), actual.dx().dataType());
        assertArrayEquals(x.shape(), actual.dx().shape());
        assertArrayEquals(parameterShape, actual.dGamma().shape());
        assertArrayEquals(parameterShape, actual.dBeta().shape());
        assertClose("dx", expected.dx(), actual.dx());
        assertClose("dGain", expected.dGamma(), actual.dGamma());
        assertClose("dBias", expected.dBeta(), actual.dBeta());
    }

    /** Without gain and bias, LayerNorm over axis 1 of [N, D] is BatchNorm of the transposed array, and so is its dx. */
    @Property(tries = 100)
    void isBatchNormOfTheTransposed(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        Assume.that(c.shape().length == 2);
        INDArray x = c.x();
        INDArray dy = c.dy();

        NDNorm.Standardized layer = norm.layerNorm(x, null, null, c.eps(), 1);
        NDNorm.Standardized batch = norm.batchNorm(x.transpose(), null, null, c.eps(), 1);
        INDArray layerDx = norm.layerNormBackward(x, dy, null, layer.stats(), 1).dx();
        INDArray batchDx = norm.batchNormBackward(x.transpose(), dy.transpose(), null, batch.stats(), 1)
                .dx();

        double[] y = Doubles.of(layer.y());
        double[] dx = Doubles.of(layerDx);
        long length = c.shape()[1];
        double scale = 10 / Math.sqrt(c.eps());
        assertClose("y", y, Doubles.of(batch.y().transpose()), Tolerances.bound(DataType.DOUBLE, length, 0, 10));
        assertClose("dx", dx, Doubles.of(batchDx.transpose()), Tolerances.bound(DataType.DOUBLE, length, 0, scale));
    }
}
