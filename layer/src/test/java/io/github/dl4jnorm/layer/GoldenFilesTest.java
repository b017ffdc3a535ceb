package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * Every version reads what an earlier one saved: JSON, YAML and ModelSerializer's zip of each {@link GoldenFile}, alone in
 * a MultiLayerNetwork and together in a ComputationGraph, are in src/test/resources/saved.
 *
 * <p>Files that are missing, and no others, are written by
 *
 * <pre>
 * mvn test -pl layer -am -Dtest=GoldenFilesTest -Dsurefire.failIfNoSpecifiedTests=false -Ddl4jnorm.writeGoldenFiles=true
 * </pre>
 *
 * For a new layer or option, add a constant to {@link GoldenFile} and write its files. After a change of the format that
 * is meant to leave older files behind, which only an unreleased one may, delete the files first. Then look at what git
 * says has changed.
 */
class GoldenFilesTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "saved");
    private static final String GRAPH = "graph";
    private static final InputType INPUT = InputType.convolutional(3, 2, 4, CNN2DFormat.NHWC);
    private static final Nesterovs UPDATER = new Nesterovs(0.25, 0.75);
    private static final int ITERATIONS = 7;
    private static final int EPOCHS = 2;

    @BeforeAll
    static void writeIfAsked() throws IOException {
        if (Boolean.getBoolean("dl4jnorm.writeGoldenFiles")) {
            Files.createDirectories(FOLDER);
            for (GoldenFile golden : GoldenFile.values()) {
                MultiLayerConfiguration conf = configuration(golden);
                MultiLayerNetwork network = new MultiLayerNetwork(conf.clone());
                network.init();
                fill(network);
                network.setIterationCount(ITERATIONS);
                network.setEpochCount(EPOCHS);
                write(golden.name(), conf.toJson(), conf.toYaml(), network);
            }
            ComputationGraphConfiguration conf = graphConfiguration();
            ComputationGraph graph = new ComputationGraph(conf.clone());
            graph.init();
            fill(graph);
            graph.getConfiguration().setIterationCount(ITERATIONS);
            graph.getConfiguration().setEpochCount(EPOCHS);
            write(GRAPH, conf.toJson(), conf.toYaml(), graph);
        }
    }

    private static void write(String name, String json, String yaml, Model model) throws IOException {
        if (Files.notExists(file(name, "json"))) {
            Files.writeString(file(name, "json"), json);
        }
        if (Files.notExists(file(name, "yaml"))) {
            Files.writeString(file(name, "yaml"), yaml);
        }
        if (Files.notExists(file(name, "zip"))) {
            org.deeplearning4j.util.ModelSerializer.writeModel(
                    model, file(name, "zip").toFile(), true);
        }
    }

    private static Path file(String name, String kind) {
        return FOLDER.resolve(name + "." + kind);
    }

    private static MultiLayerConfiguration configuration(GoldenFile golden) {
        return Scenario.base(DataType.DOUBLE, UPDATER)
                .list()
                .layer(golden.layer())
                .setInputType(INPUT)
                .build();
    }

    private static ComputationGraphConfiguration graphConfiguration() {
        GraphBuilder builder = Scenario.base(DataType.DOUBLE, UPDATER)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(INPUT);
        for (GoldenFile golden : GoldenFile.values()) {
            builder.addLayer(golden.name(), golden.layer(), "in");
        }
        return builder.setOutputs(
                        Arrays.stream(GoldenFile.values()).map(GoldenFile::name).toArray(String[]::new))
                .build();
    }

    private static INDArray updaterState(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.getUpdater().getStateViewArray()
                : ((MultiLayerNetwork) model).getUpdater().getStateViewArray();
    }

    /** Of networks without trained parameters there is none. */
    private static double[] expectedState(INDArray state) {
        return IntStream.range(0, (int) state.length())
                .mapToDouble(i -> 0.125 * (i + 1))
                .toArray();
    }

    private static double[] expected(String parameter, INDArray array) {
        String name = parameter.substring(parameter.lastIndexOf('_') + 1);
        return IntStream.range(0, (int) array.length())
                .mapToDouble(i -> GoldenFile.saved(name, i))
                .toArray();
    }

    private static void fill(Model model) {
        model.paramTable()
                .forEach((name, array) ->
                        array.assign(Nd4j.createFromArray(expected(name, array)).reshape(array.shape())));
        INDArray state = updaterState(model);
        if (state != null) {
            state.assign(Nd4j.createFromArray(expectedState(state)).reshape(state.shape()));
        }
    }

    private static void assertSettings(GoldenFile golden, Layer layer) {
        NormLayer norm = (NormLayer) layer;
        assertEquals(golden.layer().getClass(), norm.getClass());
        String all = norm.toString();
        assertEquals(
                "layerName=" + golden.name() + ", " + golden.settings + ")",
                all.substring(all.indexOf("layerName=" + golden.name() + ", eps")));
        assertEquals(4, norm.getNIn());
        assertEquals(UPDATER, norm.getIUpdater());
        assertEquals(
                golden == GoldenFile.BATCH_NORM ? 1 : 0,
                norm.getRegularization().size());
    }

    private static void assertOutputs(GoldenFile golden, INDArray actual) {
        assertEquals(
                Arrays.toString(GoldenFile.SHAPE),
                Arrays.toString(
                        Arrays.stream(actual.shape()).mapToInt(i -> (int) i).toArray()));
        double roundoff = actual.dataType() == DataType.FLOAT ? 0x1p-24 : 0x1p-53;
        for (int[] at : GoldenFile.positions()) {
            double expected = golden.output(at);
            // Of sums of up to 12 numbers; 2^7 is for the two formulas of the variance.
            double tolerance = 0x1p7 * roundoff * (1 + Math.abs(expected));
            assertEquals(expected, actual.getDouble(at), tolerance, golden::name);
        }
    }

    private static INDArray input() {
        INDArray x = Nd4j.create(
                DataType.DOUBLE,
                Arrays.stream(GoldenFile.SHAPE).mapToLong(i -> i).toArray());
        for (int[] at : GoldenFile.positions()) {
            x.putScalar(at, GoldenFile.input(at));
        }
        return x;
    }

    private static void assertSavedState(Model model) {
        model.paramTable()
                .forEach((name, array) ->
                        Expect.same(Nd4j.createFromArray(expected(name, array)).reshape(array.shape()), array));
        INDArray state = updaterState(model);
        if (state != null) {
            Expect.same(Nd4j.createFromArray(expectedState(state)).reshape(state.shape()), state);
        }
    }

    @ParameterizedTest
    @EnumSource
    void jsonAndYamlAreRead(GoldenFile golden) throws IOException {
        for (MultiLayerConfiguration conf : new MultiLayerConfiguration[] {
            MultiLayerConfiguration.fromJson(Files.readString(file(golden.name(), "json"))),
            MultiLayerConfiguration.fromYaml(Files.readString(file(golden.name(), "yaml")))
        }) {
            assertSettings(golden, conf.getConf(0).getLayer());
            MultiLayerNetwork network = new MultiLayerNetwork(conf);
            network.init();
            fill(network);
            assertOutputs(golden, network.output(input()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void zipIsRead(GoldenFile golden) throws IOException {
        MultiLayerNetwork network =
                MultiLayerNetwork.load(file(golden.name(), "zip").toFile(), true);
        assertSettings(golden, network.getLayer(0).conf().getLayer());
        assertSavedState(network);
        assertEquals(ITERATIONS, network.getIterationCount());
        assertEquals(EPOCHS, network.getEpochCount());
        INDArray y = network.output(input());
        // DL4J takes the type from the parameters that it reads, and FLOAT if there are none.
        assertEquals(network.numParams() == 0 ? DataType.FLOAT : DataType.DOUBLE, y.dataType());
        assertOutputs(golden, y);
    }

    @Test
    void jsonAndYamlOfTheGraphAreRead() throws IOException {
        for (ComputationGraphConfiguration conf : new ComputationGraphConfiguration[] {
            ComputationGraphConfiguration.fromJson(Files.readString(file(GRAPH, "json"))),
            ComputationGraphConfiguration.fromYaml(Files.readString(file(GRAPH, "yaml")))
        }) {
            ComputationGraph graph = new ComputationGraph(conf);
            graph.init();
            fill(graph);
            assertGraph(graph);
        }
    }

    @Test
    void zipOfTheGraphIsRead() throws IOException {
        ComputationGraph graph = ComputationGraph.load(file(GRAPH, "zip").toFile(), true);
        assertSavedState(graph);
        assertEquals(ITERATIONS, graph.getConfiguration().getIterationCount());
        assertGraph(graph);
    }

    private static void assertGraph(ComputationGraph graph) {
        INDArray[] outputs = graph.output(input());
        assertEquals(GoldenFile.values().length, outputs.length);
        for (GoldenFile golden : GoldenFile.values()) {
            assertSettings(golden, graph.getLayer(golden.name()).conf().getLayer());
            assertOutputs(golden, outputs[golden.ordinal()]);
        }
    }

    /** A layer without a saved form, or a file that no test reads, would be forgotten. */
    @Test
    void everyLayerHasItsFilesAndEveryFileItsTest() throws IOException {
        Set<Class<?>> layers = Arrays.stream(Variants.values())
                .map(variant -> variant.layer.get().getClass())
                .collect(Collectors.toSet());
        assertEquals(
                layers,
                Arrays.stream(GoldenFile.values())
                        .map(golden -> golden.layer().getClass())
                        .collect(Collectors.toSet()));
        Set<String> expected = Stream.concat(Arrays.stream(GoldenFile.values()).map(GoldenFile::name), Stream.of(GRAPH))
                .flatMap(name -> Stream.of(name + ".json", name + ".yaml", name + ".zip"))
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertEquals(
                    expected,
                    files.map(path -> path.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    /** That the formulas are right is no use if they do not tell one layer from another. */
    @Test
    void outputsDiffer() {
        for (GoldenFile one : GoldenFile.values()) {
            for (GoldenFile other : GoldenFile.values()) {
                assertTrue(one == other || one.output(1, 2, 1, 3) != other.output(1, 2, 1, 3), one + " " + other);
            }
        }
    }
}
