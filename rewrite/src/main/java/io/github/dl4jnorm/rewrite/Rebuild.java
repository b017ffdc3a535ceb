package io.github.dl4jnorm.rewrite;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a network's configuration that layers are taken out of before it is built.
 *
 * @param <N> MultiLayerNetwork or ComputationGraph
 */
interface Rebuild<N> {

    /** The layers, each after those that it depends on. */
    List<Node> nodes();

    /** Why a layer cannot be merged with the one below, or null: where they stand, not what they are. */
    @Nullable String obstacle(Node node);

    /** The layer whose output another one receives, where there is no {@link #obstacle}. */
    Node below(Node node);

    /** Takes a layer out; what came to it goes past it. */
    void remove(Node node);

    /** Builds the network from what is left. */
    N build();
}
