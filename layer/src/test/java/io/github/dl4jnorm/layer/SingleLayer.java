package io.github.dl4jnorm.layer;

import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** A layer without a network around it, for arrays and masks that no network would make on demand. */
final class SingleLayer {
    final NormLayerImpl<?> layer;

    /** A layer that needs nothing but its own configuration, for one number of channels. */
    SingleLayer(FeedForwardLayer layer, long channels, DataType type) {
        layer.setLayerName("norm");
        layer.setNIn(channels);
        NeuralNetConfiguration conf = new NeuralNetConfiguration.Builder()
                .updater(new Sgd(1))
                .layer(layer)
                .build();
        long length = layer.initializer().numParams(layer);
        INDArray params = length == 0 ? null : Nd4j.zeros(type, length);
        this.layer = (NormLayerImpl<?>) layer.instantiate(conf, null, 3, params, true, type);
        if (length > 0) {
            this.layer.setBackpropGradientsViewArray(Nd4j.valueArrayOf(new long[] {length}, Double.NaN, type));
        }
    }

    /** The layer of a variant, as a network with such input would set it up. */
    static SingleLayer of(Variants variant, Scenario scenario, DataType type) {
        FeedForwardLayer layer = variant.layer.get();
        layer.setNIn(scenario == Scenario.FLAT ? Scenario.NCHW.inputType : scenario.inputType, true);
        return new SingleLayer(layer, layer.getNIn(), type);
    }

    /** The layer of a variant, set up for NCHW activations like x. */
    static SingleLayer of(Variants variant, INDArray x) {
        FeedForwardLayer layer = variant.layer.get();
        layer.setNIn(InputType.convolutional(x.size(2), x.size(3), x.size(1), CNN2DFormat.NCHW), true);
        return new SingleLayer(layer, layer.getNIn(), x.dataType());
    }

    SingleLayer mask(INDArray mask) {
        layer.feedForwardMaskArray(mask, MaskState.Passthrough, (int) mask.size(0));
        return this;
    }

    INDArray forward(INDArray x, boolean training) {
        return layer.activate(x, training, LayerWorkspaceMgr.noWorkspaces());
    }

    INDArray backward(INDArray dy) {
        return layer.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces()).getSecond();
    }

    INDArray parameter(String name) {
        return layer.getParam(name);
    }

    INDArray gradient(String name) {
        return layer.gradients().getGradientFor(name);
    }

    /** What DL4J does after a parameter step. */
    void step() {
        layer.applyConstraints(0, 0);
    }
}
