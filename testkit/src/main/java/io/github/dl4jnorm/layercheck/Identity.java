package io.github.dl4jnorm.layercheck;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies its input into the workspace of activations, and the gradient into that of gradients. DL4J's ActivationLayer
 * does not: in inference it puts out the array that the network was given, which the next layer then has to answer for.
 */
final class Identity extends NoParamLayer {
    private static final long serialVersionUID = 1;

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

    @Override
    public InputType getOutputType(int index, InputType inputType) {
        return inputType;
    }

    @Override
    public @Nullable InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return null;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, inputType)
                .standardMemory(0, 0)
                .workingMemory(0, 0, 0, 0)
                .build();
    }

    private static final class Implementation extends AbstractLayer<Identity> {
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

        @Override
        public boolean isPretrainLayer() {
            return false;
        }

        @Override
        public void clearNoiseWeightParams() {
            // There are none.
        }
    }
}
