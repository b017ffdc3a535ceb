package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.foreign;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.refused;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

import io.github.dl4jnorm.keras.internal.layers.KerasBothWays;
import java.util.List;
import java.util.Set;

/** Embeddings, recurrent layers, wrappers, masks. */
final class SequenceSupport {
    private SequenceSupport() {}

    static List<LayerSupport> lines() {
        return List.of(
                verified("Embedding", "EmbeddingSequenceLayer")
                        .is(Kind.FEATURES_LAST)
                        .shape(ShapeRules::embedded)
                        .any("input_dim", "output_dim", "input_length")
                        .off("sparse", "DL4J has no sparse arrays")
                        .off("mask_zero", "DL4J sets the vector of index 0 to zero and masks less than Keras does"),
                recurrent("LSTM", "LSTM")
                        .gate("recurrent_activation")
                        .any("unit_forget_bias", "recurrent_dropout")
                        .only("implementation", 1, 2),
                recurrent("SimpleRNN", "SimpleRnn").only("recurrent_dropout", List.of(0, 0.0), "DL4J has none there"),
                foreign("GRU", "use an LSTM").shape(ShapeRules::recurrent),
                alongAxisOne(verified("Bidirectional", "Bidirectional"))
                        .shape(ShapeRules::bidirectional)
                        .by(KerasBothWays.class)
                        .any("layer", "backward_layer")
                        .unless(
                                use -> !use.wraps("LSTM", "SimpleRNN"),
                                "around another layer than LSTM and SimpleRNN",
                                "DL4J's importer wraps no other")
                        .unless(
                                Use::goesBackOtherwise,
                                "a backward_layer of other settings",
                                "DL4J goes back as it goes forth; use two layers and a Concatenate")
                        .only("merge_mode", "concat", "sum", "ave", "mul"),
                verified("TimeDistributed", "the layer itself")
                        .is(Kind.FEATURES_LAST)
                        .shape(ShapeRules::eachStep)
                        .any("layer")
                        .unless(
                                Use::wrapsOther,
                                "around another layer than Dense, a normalization, an activation or a dropout, or on images",
                                "DL4J leaves the wrapper out; reshape in Keras, so that time is in the batch")
                        .unless(
                                use -> use.wraps("GroupNormalization"),
                                "around a GroupNormalization",
                                "each time step has statistics of its own, which DL4J's layers cannot have; use a"
                                        + " LayerNormalization"),
                refused("Masking", "DL4J masks in the next layer only, and not as Keras does; mask the input in DL4J")
                        .shape(ShapeRules::unchanged));
    }

    private static LayerSupport recurrent(String className, String becomes) {
        return alongAxisOne(verified(className, becomes))
                .shape(ShapeRules::recurrent)
                .any("units", "return_sequences", "dropout", "input_dim", "input_length")
                .any("unroll")
                .off("time_major", "DL4J has the batch first")
                .only("use_bias", Set.of(true), "DL4J's layer has a bias")
                .gate("activation")
                .off("go_backwards", "DL4J goes forward; reverse the input")
                .off("stateful", "DL4J starts each batch from zero; call rnnTimeStep")
                .off("return_state", "DL4J's layer has one output");
    }

    private static LayerSupport alongAxisOne(LayerSupport line) {
        return line.is(Kind.FEATURES_LAST)
                .unless(
                        Use::hasChannelsFirst,
                        "behind layers with channels first",
                        "Keras goes along axis 1, the channels, and DL4J along time; use channels_last in Keras");
    }
}
