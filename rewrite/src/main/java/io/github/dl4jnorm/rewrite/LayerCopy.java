package io.github.dl4jnorm.rewrite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Copies of layers' configurations that can be changed without a change to the original. DL4J's clones share what is in
 * wrappers, and the updaters, which {@code setLearningRate} changes.
 */
final class LayerCopy {
    private LayerCopy() {}

    /** Puts a copy in the place of the layer of a configuration. */
    static void into(NeuralNetConfiguration conf) {
        conf.setLayer(of(conf.getLayer()));
    }

    /** A copy of a layer, and of the layers inside if it is a wrapper. */
    static Layer of(Layer layer) {
        Layer copy = layer.clone();
        separate(copy);
        return copy;
    }

    private static void separate(Layer copy) {
        if (copy instanceof BaseLayer base) {
            base.setIUpdater(of(base.getIUpdater()));
            base.setBiasUpdater(of(base.getBiasUpdater()));
        } else if (copy instanceof FrozenLayer frozen) {
            separate(frozen.getLayer()); // The only wrapper whose clone has a clone inside.
        } else if (copy instanceof BaseWrapperLayer wrapper) {
            wrapper.setUnderlying(of(wrapper.getUnderlying()));
        }
    }

    private static @Nullable IUpdater of(@Nullable IUpdater updater) {
        return updater == null ? null : updater.clone();
    }

    /** Copies of constraints, if there are any, with the names of their parameters, which some of DL4J's clones forget. */
    static @Nullable List<LayerConstraint> of(@Nullable List<LayerConstraint> constraints) {
        if (constraints == null) {
            return null;
        }
        List<LayerConstraint> copies = new ArrayList<>();
        for (LayerConstraint constraint : constraints) {
            LayerConstraint copy = constraint.clone();
            copy.setParams(new HashSet<>(constraint.getParams()));
            copies.add(copy);
        }
        return copies;
    }
}
