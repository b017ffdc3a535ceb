package io.github.dl4jnorm.keras.network;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Computes a {@link ScaleShift}. */
final class ScaleShiftImpl extends AbstractLayer<ScaleShift> {
    private static final long serialVersionUID = 1;

    ScaleShiftImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray x = input.castTo(dataType);
        INDArray y = workspaces.dup(ArrayType.ACTIVATIONS, x, x.ordering());
        return y.subi(constant(layerConf().getCenter(), y))
                .muli(constant(layerConf().getScale(), y))
                .addi(constant(layerConf().getShift(), y));
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, epsilon.ordering());
        return new Pair<>(new DefaultGradient(), dx.muli(constant(layerConf().getScale(), dx)));
    }

    /** Of shape [1, ..., 1, n], so that it goes along the last axis. */
    private static INDArray constant(double[] values, INDArray like) {
        long[] shape = new long[like.rank()];
        Arrays.fill(shape, 1);
        shape[shape.length - 1] = values.length;
        return Nd4j.createFromArray(values).castTo(like.dataType()).reshape(shape);
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public void clearNoiseWeightParams() {
        // There are none.
    }
}
