package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.KerasFile.Version;
import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.layer.LayerNorm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.KerasSequentialModel;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelBuilder;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a registration does to DL4J's own importer, and what it does not. */
class RegistrationTest {
    private final Random random = new Random(9);

    @TempDir
    Path directory;

    @AfterEach
    void wayBack() {
        KerasLayer.clearCustomLayers();
    }

    @Test
    void dl4jImportsLayerNormalization() throws Exception {
        Map<String, Tensor> weights = Norms.layer(random, true, true, 4);
        String file = layerNorm(weights);
        assertUnknown(file);
        KerasNorms.register();
        MultiLayerNetwork network = KerasModelImport.importKerasSequentialModelAndWeights(file, false);
        assertInstanceOf(LayerNorm.class, network.getLayer(0).conf().getLayer());
        Tensor x = Tensor.of(random, -1, 1, 3, 4);
        Expect.close(Norms.layerNorm(x, 1e-3, weights, 1), network.output(x.toArray()));
        KerasLayer.clearCustomLayers();
        assertUnknown(file);
    }

    /** What KerasModelImport does; but that leaves the file open when it throws, for the garbage collector to close. */
    private static void assertUnknown(String file) throws Exception {
        try (KerasModelBuilder builder = new KerasSequentialModel().modelBuilder()) {
            builder.modelHdf5Filename(file);
            Exception thrown = assertThrows(UnsupportedKerasConfigurationException.class, builder::buildSequential);
            assertTrue(thrown.getMessage().startsWith("Unsupported keras layer type LayerNormalization"));
        }
    }

    @Test
    void dl4jImportsUnitNormalization() throws Exception {
        String file = KerasFile.functional(Version.KERAS_2)
                .input(4)
                .layer("UnitNormalization", "unit_norm", settings("axis", List.of(1)), Map.of())
                .write(directory);
        KerasNorms.register();
        Tensor x = Tensor.of(random, -1, 1, 3, 4);
        Expect.close(
                x.unitNorm(1),
                KerasModelImport.importKerasModelAndWeights(file, false).outputSingle(x.toArray()));
    }

    @Test
    void dl4jImportsOtherNormalizations() throws Exception {
        Map<String, Tensor> group = Norms.layer(random, true, true, 4);
        Tensor scale = Tensor.of(random, 0.5, 2, 4);
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(4)
                .layer("GroupNormalization", "group_norm", settings("axis", -1, "groups", 2), group)
                .layer("RMSNormalization", "rms_norm", settings("axis", -1), Map.of("scale", scale))
                .write(directory);
        KerasNorms.register();
        Tensor x = Tensor.of(random, -1, 1, 3, 4);
        Expect.close(
                Norms.groupNorm(x, 2, 1, 1e-3, group).rmsNorm(scale, 1e-6, 1),
                KerasModelImport.importKerasSequentialModelAndWeights(file, false)
                        .output(x.toArray()));
    }

    /** DL4J's importer keeps its own BatchNormalization; ours needs no registration and leaves nothing behind. */
    @Test
    void batchNormalization() throws Exception {
        String file = KerasFile.sequential(Version.KERAS_2)
                .input(4)
                .layer(
                        "BatchNormalization",
                        "batch_norm",
                        settings("axis", List.of(1), "epsilon", 1e-3, "momentum", 0.9),
                        Norms.batch(random, true, true, 4))
                .write(directory);
        KerasNorms.register();
        assertEquals(
                BatchNormalization.class,
                KerasModelImport.importKerasSequentialModelAndWeights(file, false)
                        .getLayer(0)
                        .conf()
                        .getLayer()
                        .getClass());
        KerasLayer.clearCustomLayers();
        BatchNorm ours = (BatchNorm) KerasNormImport.importKerasSequentialModelAndWeights(file, false)
                .getLayer(0)
                .conf()
                .getLayer();
        assertEquals(0.9, ours.getDecay());
        assertEquals(1e-3, ours.getEps());
        assertUnknown(layerNorm(Norms.layer(random, true, true, 4)));
    }

    private String layerNorm(Map<String, Tensor> weights) throws Exception {
        return KerasFile.sequential(Version.KERAS_2)
                .input(4)
                .layer("LayerNormalization", "layer_norm", settings("axis", List.of(1), "epsilon", 1e-3), weights)
                .write(directory);
    }
}
