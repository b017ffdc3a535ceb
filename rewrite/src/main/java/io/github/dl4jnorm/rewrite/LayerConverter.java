package io.github.dl4jnorm.rewrite;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Makes, of one batch normalization layer, another one that computes the same. */
interface LayerConverter {

    /** Whether a layer is of the class that is exchanged, unless there is an {@link #obstacle}. */
    boolean concerns(Layer layer);

    /** Why such a layer has to stay as it is; null if it can be exchanged. */
    @Nullable String obstacle(Layer layer, Map<String, INDArray> parameters);

    /** What to know about the exchange of a layer: in what its counterpart trains differently. */
    List<String> notes(Layer layer, Map<String, INDArray> parameters);

    /** The counterpart of a layer without an obstacle. */
    FeedForwardLayer counterpart(Layer layer, Map<String, INDArray> parameters);

    /**
     * Fills in the running variance of the counterpart, if it has it in another form; all other parameters lie as
     * before.
     */
    void convertVariance(Map<String, INDArray> from, Map<String, INDArray> to, Layer counterpart);

    /**
     * The note on gradient normalization, which takes the running statistics of DL4J's layer for gradients.
     *
     * @param layer the layer that is exchanged
     * @param fixed whether its gamma and beta are fixed, and take no steps
     * @param change what happens to its running statistics
     * @param steps what happens to gamma and beta where all gradients of a layer are scaled by one norm
     * @return the note, if gradients are normalized
     */
    static Optional<String> ofGradientNormalization(
            FeedForwardLayer layer, boolean fixed, String change, String steps) {
        GradientNormalization normalization = layer.getGradientNormalization();
        if (normalization == null || normalization == GradientNormalization.None) {
            return Optional.empty();
        }
        boolean byLayer = normalization == GradientNormalization.ClipL2PerLayer
                || normalization == GradientNormalization.RenormalizeL2PerLayer;
        String note = normalization + " " + change;
        return Optional.of(byLayer && !fixed ? note + ", and " + steps : note);
    }

    /** Hands over what both layers have and mean the same by, whether they use it or not. */
    static <L extends FeedForwardLayer> L inherit(FeedForwardLayer from, L to) {
        to.setLayerName(from.getLayerName());
        to.setIDropout(from.getIDropout());
        to.setWeightInitFn(from.getWeightInitFn());
        to.setBiasInit(from.getBiasInit());
        to.setGainInit(from.getGainInit());
        to.setRegularization(from.getRegularization());
        to.setRegularizationBias(from.getRegularizationBias());
        to.setIUpdater(from.getIUpdater());
        to.setWeightNoise(from.getWeightNoise());
        to.setGradientNormalization(from.getGradientNormalization());
        to.setGradientNormalizationThreshold(from.getGradientNormalizationThreshold());
        to.setTimeDistributedFormat(from.getTimeDistributedFormat());
        return to;
    }
}
