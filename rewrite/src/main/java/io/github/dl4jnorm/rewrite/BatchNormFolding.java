package io.github.dl4jnorm.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Merges batch normalizations, ours and DL4J's, into the layers below them, for inference: with
 *
 * <pre>
 * scale = γ/√(σ² + ε)      W ← scale·W
 * shift = β − μ·scale      b ← scale·b + shift
 * </pre>
 *
 * where μ and σ² are the running statistics, the layer below computes both, up to rounding, and the batch normalization
 * is gone. A layer without a bias gets one; the rectifier of {@code BatchNorm.activation(RELU)} becomes the layer's
 * activation. See Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", section 3.2.
 *
 * <p>The layer below must be a DenseLayer or a convolution (1D, 2D, 3D, deconvolution in 2D or 3D, depthwise,
 * separable) with the identity as its activation, and nothing else may use its output. Scale, shift and what becomes of
 * the weights must be finite. What cannot be folded is kept; the report says why. In a graph, an output of the network
 * that was a batch normalization's is then that of the layer below, under its name.
 *
 * <p>The new network is not for training: it has no updater state, layers that were frozen by hand are not, and layers
 * that took in a batch normalization have no weight noise any more, which was meant for the weights that they had. Our
 * BatchNorm leaves zeros behind a mask, a folded network does not: it is kept in networks with layers that make masks;
 * do not fold one that is given masks in inference.
 */
public final class BatchNormFolding {
    private BatchNormFolding() {}

    /**
     * Folds what can be folded.
     *
     * @param network an initialized network; left as it is
     * @return a new network, and what became of each batch normalization
     * @throws IllegalStateException if the network is not initialized
     */
    public static Rewritten<MultiLayerNetwork> fold(MultiLayerNetwork network) {
        return fold(new MultiLayerRebuild(network));
    }

    /**
     * Folds what can be folded.
     *
     * @param network an initialized network; left as it is
     * @return a new network, and what became of each batch normalization
     * @throws IllegalStateException if the network is not initialized
     */
    public static Rewritten<ComputationGraph> fold(ComputationGraph network) {
        return fold(new GraphRebuild(network));
    }

    private static <N> Rewritten<N> fold(Rebuild<N> plan) {
        List<Node> nodes = plan.nodes();
        boolean masks = nodes.stream()
                .anyMatch(node ->
                        contains(node.conf.getLayer(), l -> l instanceof MaskLayer || l instanceof MaskZeroLayer));
        List<Change> changes = new ArrayList<>();
        for (Node node : nodes) {
            if (contains(node.conf.getLayer(), InferenceNorm::isOne)) {
                String obstacle = obstacle(plan, node, masks);
                if (obstacle == null) {
                    changes.add(new Change(node.name, true, into(plan.below(node))));
                    merge(plan, node);
                } else {
                    changes.add(new Change(node.name, false, obstacle));
                }
            }
        }
        return new Rewritten<>(plan.build(), new RewriteReport("folded", changes));
    }

    private static String into(Node below) {
        boolean noise = FoldTarget.hasNoise(thawed(below.conf.getLayer()));
        return "into " + below.name + (noise ? ", whose weight noise is gone" : "");
    }

    private static boolean contains(Layer layer, Predicate<Layer> kind) {
        Layer inner = Wrappers.inner(layer);
        return kind.test(layer) || inner != null && contains(inner, kind);
    }

    /** The layer in wrappers that do nothing in inference. */
    private static Layer thawed(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return thawed(frozen.getLayer());
        }
        return layer instanceof FrozenLayerWithBackprop frozen ? thawed(frozen.getUnderlying()) : layer;
    }

    /** Why a batch normalization cannot be folded, or null. */
    private static @Nullable String obstacle(Rebuild<?> plan, Node node, boolean masks) {
        Layer layer = thawed(node.conf.getLayer());
        if (!InferenceNorm.isOne(layer)) {
            return "inside a " + layer.getClass().getSimpleName();
        }
        String obstacle = plan.obstacle(node);
        if (obstacle == null) {
            obstacle = InferenceNorm.obstacle(layer, node.parameters);
        }
        if (obstacle != null) {
            return obstacle;
        }
        InferenceNorm norm = InferenceNorm.of(layer, node.parameters);
        if (norm.ours() && masks) {
            return "a mask may reach it, behind which its output is zero";
        }
        obstacle = norm.obstacle();
        Node below = plan.below(node);
        return obstacle != null ? obstacle : FoldTarget.obstacle(thawed(below.conf.getLayer()), below.parameters, norm);
    }

    private static void merge(Rebuild<?> plan, Node node) {
        InferenceNorm norm = InferenceNorm.of(thawed(node.conf.getLayer()), node.parameters);
        Node below = plan.below(node);
        Layer changed = thawed(below.conf.getLayer());
        below.parameters = FoldTarget.merged(changed, below.parameters, norm);
        FoldTarget.adapt(changed, norm);
        below.conf.clearVariables();
        plan.remove(node);
    }
}
