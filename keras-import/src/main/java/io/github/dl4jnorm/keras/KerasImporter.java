package io.github.dl4jnorm.keras;

import io.github.dl4jnorm.keras.internal.file.ModelFile;
import io.github.dl4jnorm.keras.internal.file.WeightShapes;
import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.ModelJson;
import io.github.dl4jnorm.keras.internal.model.Status;
import io.github.dl4jnorm.keras.internal.passes.ChannelsFirst;
import io.github.dl4jnorm.keras.internal.passes.Embeddings;
import io.github.dl4jnorm.keras.internal.passes.NormLayers;
import io.github.dl4jnorm.keras.internal.passes.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.KerasSequentialModel;
import org.deeplearning4j.nn.modelimport.keras.config.KerasModelConfiguration;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelBuilder;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Imports one Keras model, with what {@link KerasNormImport} has no arguments for.
 *
 * <pre>{@code
 * Imported<ComputationGraph> imported = new KerasImporter(Path.of("model.h5")).lenient(true).importGraph();
 * imported.report().doubts().forEach(System.out::println);
 * }</pre>
 */
public final class KerasImporter {
    private final Path file;
    private final Path weights;
    private final ImportReport report = new ImportReport();
    private int[] inputShape;
    private boolean trainingConfiguration;

    /**
     * An importer for inference.
     *
     * @param file an H5 or {@code .keras} file; JSON will do for a configuration
     */
    public KerasImporter(Path file) {
        this.file = file;
        weights = null;
    }

    /**
     * An importer for inference of a model in two files.
     *
     * @param json what Keras' {@code model.to_json()} returned
     * @param weights what its {@code model.save_weights} wrote
     */
    public KerasImporter(Path json, Path weights) {
        file = json;
        this.weights = Objects.requireNonNull(weights, "weights");
    }

    /**
     * Sets the shape of the input.
     *
     * @param shape without the batch, or null for that of the file
     * @return this
     */
    public KerasImporter inputShape(int... shape) {
        inputShape = shape == null ? null : shape.clone();
        return this;
    }

    /**
     * Sets whether loss and optimizer are imported.
     *
     * @param wanted whether to import them, and to refuse what DL4J cannot train alike
     * @return this
     */
    public KerasImporter trainingConfiguration(boolean wanted) {
        trainingConfiguration = wanted;
        return this;
    }

    /**
     * Imports a sequential model.
     *
     * @return a network with the file's weights, and what became of each layer
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model or damaged, or weights are missing or
     *     of a wrong shape
     * @throws UnsupportedKerasConfigurationException if the model is not sequential, or there is no DL4J layer that does
     *     the same
     */
    public Imported<MultiLayerNetwork> importSequential()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return Refusals.declared(file, () -> {
            KerasSequentialModel model = sequential(read(true));
            MultiLayerConfiguration conf = model.getMultiLayerConfiguration();
            WeightShapes.check(conf.getConfs(), model.getLayers());
            MultiLayerNetwork network = new MultiLayerNetwork(conf);
            network.init();
            KerasModelUtils.copyWeightsToModel(network, model.getLayers());
            return new Imported<>(network, report);
        });
    }

    /**
     * Imports a functional or sequential model.
     *
     * @return a graph with the file's weights, and what became of each layer
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model or damaged, or weights are missing or
     *     of a wrong shape
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does
     *     the same
     */
    public Imported<ComputationGraph> importGraph()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return Refusals.declared(file, () -> {
            KerasModel model = read(true);
            ComputationGraphConfiguration conf = model.getComputationGraphConfiguration();
            WeightShapes.check(layers(conf), model.getLayers());
            ComputationGraph network = new ComputationGraph(conf);
            network.init();
            KerasModelUtils.copyWeightsToModel(network, model.getLayers());
            return new Imported<>(network, report);
        });
    }

    /**
     * Imports the configuration of a sequential model, whose file may be JSON.
     *
     * @return the configuration of a network
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model or damaged, or weights are missing or
     *     of a wrong shape
     * @throws UnsupportedKerasConfigurationException if the model is not sequential, or there is no DL4J layer that does
     *     the same
     */
    public MultiLayerConfiguration sequentialConfiguration()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return Refusals.declared(file, () -> sequential(read(false)).getMultiLayerConfiguration());
    }

    /**
     * Imports the configuration of a functional or sequential model, whose file may be JSON.
     *
     * @return the configuration of a graph
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model or damaged, or weights are missing or
     *     of a wrong shape
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does
     *     the same
     */
    public ComputationGraphConfiguration graphConfiguration()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return Refusals.declared(file, () -> read(false).getComputationGraphConfiguration());
    }

    private KerasSequentialModel sequential(KerasModel model) throws UnsupportedKerasConfigurationException {
        if (!(model instanceof KerasSequentialModel sequential)) {
            throw new UnsupportedKerasConfigurationException(file + ": expected a Sequential model, got "
                    + model.getClassName() + "; import it with importKerasModelAndWeights");
        }
        return sequential;
    }

    private static List<NeuralNetConfiguration> layers(ComputationGraphConfiguration conf) {
        return conf.getVertices().values().stream()
                .filter(LayerVertex.class::isInstance)
                .map(vertex -> ((LayerVertex) vertex).getLayerConf())
                .toList();
    }

    private ModelFile open(boolean withWeights) throws IOException, InvalidKerasConfigurationException {
        if (weights != null) {
            return ModelFile.open(file, weights);
        }
        return withWeights ? ModelFile.open(file) : ModelFile.openConfiguration(file);
    }

    private KerasModel read(boolean withWeights)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        OwnLayers.register();
        try (ModelFile model = open(withWeights)) {
            ModelGraph graph = ModelJson.connected(new ModelGraph(model.config()));
            Embeddings.setLengths(graph);
            ChannelsFirst.tellInputsAndNorms(graph);
            NormLayers.rename(graph, this::note);
            KerasModel imported = build(graph, trainingConfiguration ? model.training() : null);
            if (withWeights && imported.getLayersOrdered().stream().anyMatch(layer -> layer.getNumParams() > 0)) {
                model.readWeightsInto(imported.getLayersOrdered(), graph);
            }
            imported.getLayersOrdered().forEach(KerasImporter::dropIdleDropout);
            return imported;
        }
    }

    private void note(LayerNode layer, Status status, String text) {
        report.add(new ImportReport.Entry(
                layer.name(), layer.className(), ImportReport.Status.valueOf(status.name()), text));
    }

    private KerasModel build(ModelGraph graph, Map<String, Object> training)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        try (KerasModelBuilder builder = new KerasModelBuilder(new KerasModelConfiguration())) {
            ObjectMapper json = new ObjectMapper();
            builder.modelJson(json.writeValueAsString(graph.toJson()))
                    .enforceTrainingConfig(trainingConfiguration)
                    .inputShape(inputShape);
            if (training != null) {
                builder.trainingJson(json.writeValueAsString(Training.asKeras2(training)));
            }
            return graph.isSequential() ? builder.buildSequential() : builder.buildModel();
        }
    }

    /** DL4J gives every layer a dropout; one that drops nothing still fails in training behind channels-last images. */
    private static void dropIdleDropout(KerasLayer layer) {
        if (layer.getLayer() != null
                && layer.getLayer().getIDropout() instanceof Dropout dropout
                && dropout.getP() == 1) {
            layer.getLayer().setIDropout(null);
        }
    }
}
