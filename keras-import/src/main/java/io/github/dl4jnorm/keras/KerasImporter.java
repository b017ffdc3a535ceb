package io.github.dl4jnorm.keras;

import io.github.dl4jnorm.keras.internal.file.H5ModelFile;
import io.github.dl4jnorm.keras.internal.file.ModelFile;
import io.github.dl4jnorm.keras.internal.file.WeightShapes;
import io.github.dl4jnorm.keras.internal.layers.KerasUnitNorm;
import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Status;
import io.github.dl4jnorm.keras.internal.passes.Activations;
import io.github.dl4jnorm.keras.internal.passes.Arithmetic;
import io.github.dl4jnorm.keras.internal.passes.BuiltLayers;
import io.github.dl4jnorm.keras.internal.passes.ChannelsFirst;
import io.github.dl4jnorm.keras.internal.passes.Embeddings;
import io.github.dl4jnorm.keras.internal.passes.NestedModels;
import io.github.dl4jnorm.keras.internal.passes.NormLayers;
import io.github.dl4jnorm.keras.internal.passes.Penalties;
import io.github.dl4jnorm.keras.internal.passes.Replacements;
import io.github.dl4jnorm.keras.internal.passes.Training;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.KerasSequentialModel;
import org.deeplearning4j.nn.modelimport.keras.config.KerasModelConfiguration;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelBuilder;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports one Keras model, with what {@link KerasNormImport} has no arguments for.
 *
 * <pre>{@code
 * Imported<ComputationGraph> imported = new KerasImporter(Path.of("model.h5")).lenient(true).importGraph();
 * imported.report().doubts().forEach(System.out::println);
 * }</pre>
 */
public final class KerasImporter {
    private static final Logger LOG = LoggerFactory.getLogger(KerasImporter.class);
    private static final byte[] HDF5_SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

    private final Path file;
    private final ImportReport report = new ImportReport();
    private int[] inputShape;
    private boolean trainingConfiguration;

    /**
     * An importer for inference.
     *
     * @param file an H5 file
     */
    public KerasImporter(Path file) {
        this.file = file;
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
        KerasModel model = read();
        if (!(model instanceof KerasSequentialModel sequential)) {
            throw new UnsupportedKerasConfigurationException(file + ": expected a Sequential model, got "
                    + model.getClassName() + "; import it with importKerasModelAndWeights");
        }
        if (model.getLayers().values().stream().anyMatch(KerasUnitNorm.class::isInstance)) {
            throw new UnsupportedKerasConfigurationException(
                    file
                            + ": UnitNormalization becomes a vertex of a graph; import the model with importKerasModelAndWeights");
        }
        MultiLayerNetwork network = sequential.getMultiLayerNetwork(false);
        WeightShapes.check(network.getLayers(), model.getLayers());
        KerasModelUtils.copyWeightsToModel(network, model.getLayers());
        return new Imported<>(network, report);
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
        KerasModel model = read();
        ComputationGraph network = model.getComputationGraph(false);
        WeightShapes.check(network.getLayers(), model.getLayers());
        KerasModelUtils.copyWeightsToModel(network, model.getLayers());
        return new Imported<>(network, report);
    }

    private KerasModel read()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        checkSignature();
        OwnLayers.register();
        try (ModelFile model = new H5ModelFile(file)) {
            ModelGraph graph = new ModelGraph(model.config());
            NestedModels.flatten(graph, this::note);
            if (trainingConfiguration) {
                Penalties.translate(graph, this::note);
            } else {
                Penalties.leaveOut(graph, this::note);
                if (model.training() != null) {
                    LOG.info("{}: imported for inference, without the training configuration that it has", file);
                }
            }
            Embeddings.setLengths(graph);
            ChannelsFirst.tellInputsAndNorms(graph);
            NormLayers.rename(graph);
            Map<String, IActivation> activations = Activations.takeOut(graph, this::note);
            Arithmetic.keepConstants(graph, this::note);
            Replacements.rename(graph, this::note);
            KerasModel imported = build(graph, trainingConfiguration ? model.training() : null);
            if (!readsWeights(graph)) {
                model.readWeightsInto(imported.getLayersOrdered());
            }
            BuiltLayers.setActivations(imported.getLayersOrdered(), activations);
            BuiltLayers.dropIdleDropouts(imported.getLayersOrdered());
            BuiltLayers.meanSquares(imported.getLayersOrdered());
            return imported;
        } catch (RuntimeException e) {
            // The HDF5 library's exceptions come as this very class, and without a cause.
            if (e.getClass() == RuntimeException.class && e.getCause() == null) {
                throw new InvalidKerasConfigurationException(
                        file + ": truncated, damaged, or not laid out as Keras does: " + e.getMessage(), e);
            }
            throw e;
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
                builder.trainingJson(json.writeValueAsString(Training.asDl4jReads(training, graph.outputs().size())));
            }
            if (readsWeights(graph)) {
                builder.weightsHdf5Filename(file.toString());
            }
            return graph.isSequential() ? builder.buildSequential() : builder.buildModel();
        }
    }

    /** Whether DL4J reads the weights: those of Keras 1, and of Keras on Theano, are as it expects them. */
    private static boolean readsWeights(ModelGraph graph) {
        return graph.version() == 1 || graph.version() == 2 && "theano".equals(graph.backend());
    }

    private void checkSignature() throws IOException, InvalidKerasConfigurationException {
        byte[] start;
        try (InputStream stream = Files.newInputStream(file)) {
            start = stream.readNBytes(HDF5_SIGNATURE.length);
        }
        if (!Arrays.equals(start, HDF5_SIGNATURE)) {
            boolean zip = start.length > 1 && start[0] == 'P' && start[1] == 'K';
            throw new InvalidKerasConfigurationException(file + ": expected an HDF5 file, got "
                    + (zip ? "a zip; in Keras, save with model.save(\"model.h5\")" : "something else"));
        }
    }
}
