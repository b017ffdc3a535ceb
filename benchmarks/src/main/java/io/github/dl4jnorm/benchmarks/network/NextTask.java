package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Task;
import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormEngine;
import io.github.dl4jnorm.spec.NormSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Conv2D;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;

/** A convolution by itself, and one that follows a normalization whose helper threads may not sleep yet. */
final class NextTask implements Task {
    private static final int CHANNELS = 32;

    private final NormEngine engine = EngineChoice.current();
    private final NormSpec spec = NormSpec.batchNorm(1e-5, 1);
    private final INDArray x = Nd4j.randn(DataType.FLOAT, 16, CHANNELS, 28, 28);
    private final INDArray y = x.like();
    private final GroupStatistics statistics =
            GroupStatistics.allocate(spec, spec.on("next", x.shape()), DataType.FLOAT);
    private final INDArray weights = Nd4j.randn(DataType.FLOAT, 3, 3, CHANNELS, CHANNELS);
    private final INDArray output = x.like();
    private final Conv2DConfig convolution = Conv2DConfig.builder()
            .kH(3)
            .kW(3)
            .paddingMode(PaddingMode.SAME)
            .dataFormat(Conv2DConfig.NCHW)
            .build();

    private void normalize() {
        engine.forward(spec, x, AffineParameters.none(), statistics, y);
    }

    private void convolve() {
        Nd4j.exec(new Conv2D(new INDArray[] {y, weights}, new INDArray[] {output}, convolution));
    }

    @Override
    public void call(Phase phase) {
        switch (phase) {
            case ALONE -> convolve();
            case BOTH -> {
                normalize();
                convolve();
            }
            default -> throw new IllegalArgumentException("a convolution has no " + phase.title());
        }
    }

    @Override
    public long time(Phase phase) {
        if (phase != Phase.NEXT) {
            return Task.super.time(phase);
        }
        normalize();
        return Task.super.time(Phase.ALONE);
    }
}
