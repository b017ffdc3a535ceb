package io.github.dl4jnorm.integration;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link FlawedLayer} at work. */
final class FlawedLayerImpl extends BaseLayer<FlawedLayer> {
    private static INDArray lastInput;
    private static volatile INDArray scratch;

    private boolean training;

    FlawedLayerImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    private boolean has(Flaw flaw) {
        return layerConf().getFlaw() == flaw;
    }

    /** Whether examples meet, in their mean over the batch. */
    private boolean centers() {
        return has(Flaw.CENTERS_WITH_MASKED_EXAMPLES) || has(Flaw.FORGETS_THE_MASK_IN_THE_BACKWARD_PASS);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        this.training = training;
        INDArray x = input;
        if (has(Flaw.KEEPS_ITS_INPUT_IN_A_STATIC_FIELD)) {
            lastInput = input.detach();
        }
        if (has(Flaw.READS_THE_BUFFER_OF_THE_INPUT)) {
            x = inOrderOfMemory(x);
        }
        if (has(Flaw.SCALES_ITS_INPUT_IN_PLACE)) {
            x.muli(2);
            x = x.div(2);
            input = x;
        }
        if (has(Flaw.SCRATCH_MEMORY_FOR_ALL_THREADS)) {
            scratch = x.dup().detach();
            pause();
            x = scratch;
        }
        if (centers()) {
            x = x.subRowVector(mean(x, has(Flaw.FORGETS_THE_MASK_IN_THE_BACKWARD_PASS)));
        }
        INDArray y = x.mulRowVector(getParam(FlawedLayer.A))
                .addiRowVector(getParam(FlawedLayer.B))
                .addi(layerConf().offset());
        if (has(Flaw.UNSEEDED_NOISE) && training) {
            y.addi(Math.random());
        }
        if (has(Flaw.INFERENCE_WITH_ANOTHER_PARAMETER) && !training) {
            y.addiRowVector(getParam(FlawedLayer.B));
        }
        if (has(Flaw.INFERENCE_ADDS_THE_INPUT) && !training) {
            y.addi(x);
        }
        if (has(Flaw.DIVIDES_BY_EXAMPLES_LESS_ONE) && training) {
            y.divi(x.size(0) - 1).muli(x.size(0) - 1);
        }
        if (has(Flaw.COMPUTES_IN_DOUBLE)) {
            y = y.castTo(DataType.DOUBLE);
        }
        if (has(Flaw.DUPLICATES_INTO_INFERENCE_INPUT) && !training) {
            workspaceMgr.leverageTo(ArrayType.INPUT, y.dup());
        }
        return workspaceMgr.dup(ArrayType.ACTIVATIONS, y);
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As code sees an array that takes its buffer and forgets its strides. */
    private static INDArray inOrderOfMemory(INDArray array) {
        return Nd4j.createFromArray(array.dup(array.ordering()).data().asDouble())
                .reshape('c', array.shape())
                .castTo(array.dataType());
    }

    private INDArray mean(INDArray array, boolean ofPresent) {
        return maskArray == null || !ofPresent
                ? array.mean(0)
                : array.mulColumnVector(maskArray).sum(0).divi(maskArray.sumNumber());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray dy = has(Flaw.READS_THE_BUFFER_OF_THE_GRADIENT) ? inOrderOfMemory(epsilon) : epsilon;
        INDArray x = has(Flaw.KEEPS_ITS_INPUT_IN_A_STATIC_FIELD) ? lastInput : input;
        if (has(Flaw.READS_THE_BUFFER_OF_THE_INPUT)) {
            x = inOrderOfMemory(x);
        }
        INDArray dx = dy.mulRowVector(getParam(FlawedLayer.A));
        if (centers()) {
            x = x.subRowVector(mean(x, has(Flaw.FORGETS_THE_MASK_IN_THE_BACKWARD_PASS)));
            dx = dx.subRowVector(dx.mean(0));
        }
        if (has(Flaw.INPUT_GRADIENT_WITHOUT_SCALE)) {
            dx = dy;
        }
        INDArray db = dy.sum(0);
        if (has(Flaw.BIAS_GRADIENT_IS_A_MEAN)) {
            db.divi(dy.size(0));
        }
        Gradient gradients = new DefaultGradient(gradientsFlattened);
        put(gradients, FlawedLayer.A, dy.mul(x).sum(0));
        put(gradients, FlawedLayer.B, db);
        put(gradients, FlawedLayer.MEAN, db.mul(0).addi(has(Flaw.GRADIENT_MOVES_A_STATISTIC) && training ? 0.25 : 0));
        return new Pair<>(
                gradients,
                has(Flaw.GRADIENT_OUTSIDE_OF_WORKSPACES) ? dx : workspaceMgr.dup(ArrayType.ACTIVATION_GRAD, dx));
    }

    private void put(Gradient gradients, String name, INDArray gradient) {
        INDArray view = gradientViews.get(name);
        boolean elsewhere = has(Flaw.GRADIENTS_THAT_NO_UPDATER_SEES);
        gradients.setGradientFor(name, elsewhere ? gradient : view.assign(gradient));
        if (elsewhere) {
            view.assign(0);
        }
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
