package io.github.dl4jnorm.keras;

import io.github.dl4jnorm.keras.internal.file.ModelFile;
import io.github.dl4jnorm.keras.internal.file.WeightShapes;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.ModelJson;
import io.github.dl4jnorm.keras.internal.passes.Activations;
import io.github.dl4jnorm.keras.internal.passes.Arithmetic;
import io.github.dl4jnorm.keras.internal.passes.BuiltLayers;
import io.github.dl4jnorm.keras.internal.passes.Copies;
import io.github.dl4jnorm.keras.internal.passes.Embeddings;
import io.github.dl4jnorm.keras.internal.passes.Formats;
import io.github.dl4jnorm.keras.internal.passes.GroupedConvolutions;
import io.github.dl4jnorm.keras.internal.passes.InputShape;
import io.github.dl4jnorm.keras.internal.passes.NestedModels;
import io.github.dl4jnorm.keras.internal.passes.NormLayers;
import io.github.dl4jnorm.keras.internal.passes.Numbers;
import io.github.dl4jnorm.keras.internal.passes.Penalties;
import io.github.dl4jnorm.keras.internal.passes.Repairs;
import io.github.dl4jnorm.keras.internal.passes.Replacements;
import io.github.dl4jnorm.keras.internal.passes.Training;
import io.github.dl4jnorm.keras.internal.support.ShapeComparison;
import io.github.dl4jnorm.keras.internal.support.Shapes;
import io.github.dl4jnorm.keras.internal.support.Support;
import io.github.dl4jnorm.keras.internal.support.Table;
import io.github.dl4jnorm.keras.report.ImportReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.KerasSequentialModel;
import org.deeplearning4j.nn.modelimport.keras.config.KerasModelConfiguration;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelBuilder;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports one Keras model: options are set first, then a network or its configuration is made. {@link KerasNormImport} is
 * shorter where no options and no report are needed.
 *
 * <pre>{@code
 * Imported<ComputationGraph> imported = new KerasImporter(Path.of("model.h5")).lenient(true).importGraph();
 * imported.report().doubts().forEach(System.out::println);
 * }</pre>
 */
public final class KerasImporter {
    private static final Logger LOG = LoggerFactory.getLogger(KerasImporter.class);

    private final Path file;
    private final @Nullable Path weights;
    private int @Nullable [] inputShape;
    private boolean trainingConfiguration;
    private boolean lenient;

    /** A model as DL4J's importer has it, and what became of each layer. */
    private record Reading(KerasModel model, ImportReport report) {}

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
     * Sets the shape of a model's only input, where the file leaves sizes open that a layer needs.
     *
     * @param shape without the batch, in agreement with what the file says; null for that of the file
     * @return this
     */
    public KerasImporter inputShape(int @Nullable ... shape) {
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
     * Sets whether to import what has not been compared with Keras. What is known to be imported wrongly is refused all
     * the same.
     *
     * @param wanted whether to import it; each doubt goes into the report and, as a warning, into the log
     * @return this
     */
    public KerasImporter lenient(boolean wanted) {
        lenient = wanted;
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
            Reading reading = read(true);
            KerasSequentialModel model = sequential(reading.model());
            MultiLayerConfiguration conf = model.getMultiLayerConfiguration();
            WeightShapes.check(conf.getConfs(), model.getLayers());
            MultiLayerNetwork network = new MultiLayerNetwork(conf);
            network.init();
            KerasModelUtils.copyWeightsToModel(network, model.getLayers());
            return new Imported<>(network, reading.report());
        });
    }

    /**
     * Imports a functional or sequential model.
     *
     * @return a graph with the file's weights, and what became of each layer
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model or damaged, or weights are missing or
     *     of a wrong shape
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does the same
     */
    public Imported<ComputationGraph> importGraph()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return Refusals.declared(file, () -> {
            Reading reading = read(true);
            KerasModel model = reading.model();
            ComputationGraphConfiguration conf = model.getComputationGraphConfiguration();
            WeightShapes.check(layers(conf), model.getLayers());
            ComputationGraph network = new ComputationGraph(conf);
            network.init();
            KerasModelUtils.copyWeightsToModel(network, model.getLayers());
            return new Imported<>(network, reading.report());
        });
    }

    /**
     * Imports the configuration of a sequential model, whose file may be JSON.
     *
     * @return the configuration of a network
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model, or damaged
     * @throws UnsupportedKerasConfigurationException if the model is not sequential, or there is no DL4J layer that does
     *     the same
     */
    public MultiLayerConfiguration sequentialConfiguration()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return Refusals.declared(file, () -> sequential(read(false).model()).getMultiLayerConfiguration());
    }

    /**
     * Imports the configuration of a functional or sequential model, whose file may be JSON.
     *
     * @return the configuration of a graph
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model, or damaged
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does the same
     */
    public ComputationGraphConfiguration graphConfiguration()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return Refusals.declared(file, () -> read(false).model().getComputationGraphConfiguration());
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

    private Reading read(boolean withWeights)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        Table.register();
        ReportNotes notes = new ReportNotes();
        try (ModelFile model = open(withWeights)) {
            ModelGraph graph = ModelJson.connected(new ModelGraph(model.config()));
            NestedModels.flatten(graph, notes);
            if (inputShape != null) {
                InputShape.set(graph, inputShape);
            }
            Arithmetic.keepConstants(graph, notes);
            GroupedConvolutions.becomeDepthwise(graph, notes);
            List<String> layers = graph.layers().stream().map(LayerNode::name).toList();
            Shapes shapes = new Shapes(graph);
            Support.check(graph, shapes, lenient, notes);
            if (trainingConfiguration) {
                Penalties.translate(graph, notes);
            } else {
                Penalties.leaveOut(graph, notes);
                if (model.training() != null) {
                    LOG.info("{}: imported for inference, without the training configuration that it has", file);
                }
            }
            Map<String, IActivation> activations = Activations.takeOut(graph, notes);
            Embeddings.setLengths(graph, shapes);
            Repairs.apply(graph, shapes, notes);
            Numbers.asDl4jReads(graph, notes);
            Formats.tell(graph, shapes);
            Copies.insert(graph, notes);
            NormLayers.rename(graph, shapes, notes);
            Replacements.rename(graph, notes);
            KerasModel imported = build(graph, trainingConfiguration ? model.training() : null);
            ShapeComparison.check(graph, shapes, imported.getOutputTypes());
            if (withWeights && imported.getLayersOrdered().stream().anyMatch(layer -> layer.getNumParams() > 0)) {
                model.readWeightsInto(imported.getLayersOrdered(), graph);
            }
            BuiltLayers.setActivations(imported.getLayersOrdered(), activations);
            BuiltLayers.dropIdleDropouts(imported.getLayersOrdered());
            if (trainingConfiguration) {
                BuiltLayers.checkTraining(imported);
            }
            return new Reading(imported, notes.report(layers));
        }
    }

    private KerasModel build(ModelGraph graph, @Nullable Map<String, @Nullable Object> training)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        try (KerasModelBuilder builder = new KerasModelBuilder(new KerasModelConfiguration())) {
            ObjectMapper json = new ObjectMapper();
            builder.modelJson(json.writeValueAsString(graph.toJson())).enforceTrainingConfig(trainingConfiguration);
            if (training != null) {
                builder.trainingJson(json.writeValueAsString(
                        Training.asDl4jReads(training, graph.outputs().size())));
            }
            return graph.isSequential() ? builder.buildSequential() : builder.buildModel();
        } catch (UnsupportedKerasConfigurationException e) {
            throw Support.explained(graph, e);
        }
    }
}
