package io.github.dl4jnorm.layercheck;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies its input into the workspace of activations, and the gradient into that of gradients. DL4J's ActivationLayer
 * does not: in inference it puts out the array that the network was given, which the next layer then has to answer for.
 */
final class Identity extends ActivationLayer {
    private static final long serialVersionUID = 1;

    Identity() {
        super(Activation.IDENTITY);
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray params,
            boolean initialize,
            DataType type) {
        Implementation layer = new Implementation(conf, type);
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamTable(initializer().init(conf, params, initialize));
        return layer;
    }

    private static final class Implementation extends org.deeplearning4j.nn.layers.ActivationLayer {
        private static final long serialVersionUID = 1;

        Implementation(NeuralNetConfiguration conf, DataType type) {
            super(conf, type);
        }

        @Override
        public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
            return workspaces.dup(ArrayType.ACTIVATIONS, input, input.ordering());
        }

        @Override
        public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
            INDArray dx = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, epsilon.ordering());
            return new Pair<>(new DefaultGradient(), dx);
        }
    }
}
