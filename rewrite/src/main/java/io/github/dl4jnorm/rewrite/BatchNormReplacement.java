package io.github.dl4jnorm.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Puts our {@link io.github.dl4jnorm.layer.BatchNorm} in the place of every {@link
 * org.deeplearning4j.nn.conf.layers.BatchNormalization} of DL4J's in an existing network, or the other way round. The
 * new network has the parameters, running statistics, layer settings, names, updater state, and iteration and epoch
 * counts of the given one, so it predicts the same up to rounding, and trains on along the same way: gamma, beta and
 * all other parameters up to rounding, and the running statistics wherever DL4J's are right. Where they train
 * differently, the report says so:
 *
 * <ul>
 *   <li>gradient normalization and constraints change DL4J's running statistics, which it hands to the updater as
 *       gradients; ours are none;
 *   <li>with ClipL2PerLayer and RenormalizeL2PerLayer this change of DL4J's running statistics counts in the norm that
 *       gamma and beta are scaled by, so that these take smaller steps than with ours, by the ratio of the norms with it
 *       and without; the other gradient normalizations scale gamma and beta alike;
 *   <li>ours does not train with ε = 0.
 * </ul>
 *
 * <p>A layer whose outputs could not stay the same is kept, whatever is wrong with it: a setting that ours does not
 * have, or a running variance without a square root, or one that the type of the network does not hold. Slightly
 * negative variances, above −ε, are taken as they are.
 *
 * <p>What {@code replace} took out, {@code restore} puts back: ours keeps DL4J's layer, in files too, so that every
 * setting returns, also those that only DL4J's layer has, or has without using them ({@code useLogStd}, {@code
 * minibatch}, {@code biasUpdater}, a fixed gamma and beta that it does not apply, constraints on running statistics).
 * What both layers have and was changed since stays changed. Of a layer of ours that replaced none, {@code restore} makes
 * one of DL4J's with the defaults for what ours does not have. Where a variance is too small for its logarithm, DL4J's
 * layer gets {@code useLogStd(false)} whatever it had, and the report says so.
 *
 * <p>Layers in FrozenLayer, FrozenLayerWithBackprop, TimeDistributed and other wrappers with one layer inside are
 * exchanged too; those in a Bidirectional are kept, as is what has no counterpart. The report says why. Two things
 * change: a mask reaches our layer, which leaves masked positions out, where DL4J's ignores it; and sequences are
 * normalized per channel, where DL4J's layer throws.
 *
 * <p>A bias of a layer below a batch normalization has a gradient of zero, that is, nothing but rounding errors, which
 * Adam and its kin scale to full steps: in float such biases wander, each on its own way, in every run of either layer.
 */
public final class BatchNormReplacement {
    private static final String REPLACED = "replaced";
    private static final String RESTORED = "restored";

    private BatchNormReplacement() {}

    /**
     * Replaces DL4J's layers by ours.
     *
     * @param network an initialized network; left as it is
     * @return a new network, and what became of each batch normalization
     * @throws IllegalStateException if the network is not initialized
     */
    public static Rewritten<MultiLayerNetwork> replace(MultiLayerNetwork network) {
        return exchange(new MultiLayerCopy(network), new FromBuiltIn(), REPLACED);
    }

    /**
     * Replaces DL4J's layers by ours.
     *
     * @param network an initialized network; left as it is
     * @return a new network, and what became of each batch normalization
     * @throws IllegalStateException if the network is not initialized
     */
    public static Rewritten<ComputationGraph> replace(ComputationGraph network) {
        return exchange(new GraphCopy(network), new FromBuiltIn(), REPLACED);
    }

    /**
     * Replaces our layers by DL4J's. Those that use what DL4J's layer does not have are kept.
     *
     * @param network an initialized network; left as it is
     * @return a new network, and what became of each batch normalization
     * @throws IllegalStateException if the network is not initialized
     */
    public static Rewritten<MultiLayerNetwork> restore(MultiLayerNetwork network) {
        return exchange(new MultiLayerCopy(network), new ToBuiltIn(), RESTORED);
    }

    /**
     * Replaces our layers by DL4J's. Those that use what DL4J's layer does not have are kept.
     *
     * @param network an initialized network; left as it is
     * @return a new network, and what became of each batch normalization
     * @throws IllegalStateException if the network is not initialized
     */
    public static Rewritten<ComputationGraph> restore(ComputationGraph network) {
        return exchange(new GraphCopy(network), new ToBuiltIn(), RESTORED);
    }

    private static <N> Rewritten<N> exchange(NetworkCopy<N> copy, LayerConverter exchange, String verb) {
        List<NeuralNetConfiguration> layers = copy.layers();
        List<Map<String, INDArray>> original = copy.originalParameters();
        List<Visit> visits = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Visit visit = new Visit(
                    exchange, original.get(i), Change.nameOf(layers.get(i).getLayer(), i));
            visit.enter(layers.get(i));
            visits.add(visit);
        }
        N network = copy.build();
        List<Map<String, INDArray>> parameters = copy.parameters(network);
        for (int i = 0; i < visits.size(); i++) {
            Layer counterpart = visits.get(i).counterpart;
            if (counterpart != null) {
                exchange.convertVariance(original.get(i), parameters.get(i), counterpart);
            }
        }
        List<Change> changes =
                visits.stream().flatMap(visit -> visit.changes.stream()).toList();
        return new Rewritten<>(network, new RewriteReport(verb, changes));
    }

    /** The exchange of what is in one layer of a network, which may be a wrapper. */
    private static final class Visit {
        private final LayerConverter exchange;
        private final Map<String, INDArray> parameters;
        private final String name;
        private final List<String> wrappers = new ArrayList<>();
        private final List<Change> changes = new ArrayList<>();

        /** What takes the place of the batch normalization, if there is one and it can be exchanged. */
        private @Nullable Layer counterpart;

        Visit(LayerConverter exchange, Map<String, INDArray> parameters, String name) {
            this.exchange = exchange;
            this.parameters = parameters;
            this.name = name;
        }

        void enter(NeuralNetConfiguration conf) {
            Layer exchanged = exchanged(conf.getLayer());
            if (counterpart != null) {
                conf.setLayer(exchanged);
                // The names of the parameters; the new layer will write down its own.
                conf.clearVariables();
            }
        }

        /** The layer with the counterpart in it, or the layer itself. Layers of the original are never written to. */
        private Layer exchanged(Layer layer) {
            if (exchange.concerns(layer)) {
                return decided(layer);
            }
            Layer inner = Wrappers.inner(layer);
            if (inner != null) {
                wrappers.add(layer.getClass().getSimpleName());
                Layer exchanged = exchanged(inner);
                return counterpart == null ? layer : Wrappers.around(exchanged, layer);
            }
            if (layer instanceof Bidirectional bidirectional && contains(bidirectional.getFwd())) {
                keep("inside a Bidirectional, whose layers DL4J ties together when it is made");
            }
            return layer;
        }

        private Layer decided(Layer layer) {
            String obstacle = exchange.obstacle(layer, parameters);
            if (obstacle != null) {
                keep(obstacle);
                return layer;
            }
            FeedForwardLayer made = exchange.counterpart(layer, parameters);
            counterpart = made;
            List<String> details = new ArrayList<>();
            details.add(made.getNOut() + " channels");
            wrappers.forEach(wrapper -> details.add("in " + wrapper));
            details.addAll(exchange.notes(layer, parameters));
            changes.add(new Change(name, true, String.join("; ", details)));
            return made;
        }

        private void keep(String reason) {
            changes.add(new Change(name, false, reason));
        }

        private boolean contains(Layer layer) {
            Layer inner = Wrappers.inner(layer);
            return inner == null ? exchange.concerns(layer) : contains(inner);
        }
    }
}
