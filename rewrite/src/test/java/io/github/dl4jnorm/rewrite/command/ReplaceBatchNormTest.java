package io.github.dl4jnorm.rewrite.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.Outcome;
import io.github.dl4jnorm.cli.UserError;
import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.rewrite.BatchNormFolding;
import io.github.dl4jnorm.rewrite.BatchNormReplacement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class ReplaceBatchNormTest {
    private static final long[] SHAPE = {4, 2, 6, 6};

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void choosePath() {
        file = directory.resolve("model.zip");
    }

    private static Outcome run(String... args) {
        return Outcome.of(new ReplaceBatchNorm(), args);
    }

    /** Runs the program on the model file. */
    private Outcome runOnFile(String... options) {
        return run(Stream.concat(Stream.of(file.toString()), Stream.of(options)).toArray(String[]::new));
    }

    private static DataSet data(int seed) {
        Nd4j.getRandom().setSeed(seed);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, SHAPE[0], 3);
        for (int i = 0; i < SHAPE[0]; i++) {
            labels.putScalar(i, i % 3, 1);
        }
        return new DataSet(Nd4j.randn(DataType.FLOAT, SHAPE), labels);
    }

    private static NeuralNetConfiguration.Builder base() {
        return new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(1e-3))
                .activation(Activation.RELU);
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build();
    }

    private static MultiLayerNetwork chain() {
        return chain(Activation.RELU);
    }

    /** A trained network, with an activation between its convolution and the batch normalization behind. */
    private static MultiLayerNetwork chain(Activation activation) {
        MultiLayerNetwork network = new MultiLayerNetwork(base().list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(activation)
                        .build())
                .layer(new BatchNormalization.Builder().build())
                .layer(output())
                .setInputType(InputType.convolutional(6, 6, 2))
                .build());
        network.init();
        network.fit(data(1));
        return network;
    }

    private static ComputationGraph graph() {
        ComputationGraph graph = new ComputationGraph(base().graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(5))
                .addLayer("dense", new DenseLayer.Builder().nOut(4).build(), "in")
                .addLayer("norm", new BatchNormalization.Builder().build(), "dense")
                .addLayer("out", output(), "norm")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    /** The same bits: what is in the file is what the library makes of the model, and that has bounds of its own. */
    private static void assertSameOutput(MultiLayerNetwork expected, MultiLayerNetwork actual) {
        INDArray x = data(9).getFeatures();
        assertArrayEquals(
                expected.output(x).dup('c').data().asFloat(),
                actual.output(x).dup('c').data().asFloat());
    }

    private void save(Model model, boolean updater) throws IOException {
        ModelSerializer.writeModel(model, file.toFile(), updater);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void replacesAndRestores() throws IOException {
        MultiLayerNetwork original = chain();
        save(original, true);
        NormalizerStandardize normalizer = new NormalizerStandardize(
                Nd4j.createFromArray(1f, 2f).reshape(1, 2),
                Nd4j.createFromArray(3f, 4f).reshape(1, 2));
        ModelSerializer.addNormalizerToModel(file.toFile(), normalizer);
        ModelSerializer.addObjectToFile(file.toFile(), "labels", "cat, dog");
        byte[] before = Files.readAllBytes(file);

        Outcome outcome = runOnFile("--shape", "2,6,6", "--batch", "4");

        assertEquals(0, outcome.exitCode(), outcome::err);
        assertEquals("", outcome.err());
        assertTrue(outcome.out().contains("MultiLayerNetwork, 3 layers, "), outcome::out);
        assertTrue(outcome.out().contains("replaced  layer1  4 channels\n1 replaced, 0 kept"), outcome::out);
        assertTrue(outcome.out().matches("(?s).*Outputs +differ by \\d\\.\\de[-+]\\d\\d at most.*"), outcome::out);
        assertTrue(outcome.out().matches("(?s).*inference +\\d+\\.\\d\\d +\\d+\\.\\d\\d .*"), outcome::out);
        assertTrue(outcome.out().matches("(?s).*training step +\\d+\\.\\d\\d +\\d+\\.\\d\\d .*"), outcome::out);
        assertEquals(List.of("model-replaced.zip", "model.zip"), files());
        assertArrayEquals(before, Files.readAllBytes(file));

        Path replacedFile = directory.resolve("model-replaced.zip");
        MultiLayerNetwork replaced = ModelSerializer.restoreMultiLayerNetwork(replacedFile.toFile(), true);
        assertInstanceOf(BatchNorm.class, replaced.getLayer(1).conf().getLayer());
        assertEquals(1, replaced.getIterationCount());
        MultiLayerNetwork expected = BatchNormReplacement.replace(original).network();
        assertSameOutput(expected, replaced);
        assertEquals(
                original.getUpdater().getStateViewArray(), replaced.getUpdater().getStateViewArray());
        NormalizerStandardize kept = ModelSerializer.restoreNormalizerFromFile(replacedFile.toFile());
        assertEquals(normalizer, kept);
        assertEquals("cat, dog", ModelSerializer.getObjectFromFile(replacedFile.toFile(), "labels"));

        Path back = directory.resolve("back.zip");
        Outcome restore = run(replacedFile.toString(), "--restore", "--output", back.toString(), "--no-timing");
        assertEquals(0, restore.exitCode(), restore::err);
        assertTrue(restore.out().contains("not compared and not measured"), restore::out);
        MultiLayerNetwork restored = ModelSerializer.restoreMultiLayerNetwork(back.toFile(), true);
        assertInstanceOf(BatchNormalization.class, restored.getLayer(1).conf().getLayer());
        assertSameOutput(BatchNormReplacement.restore(expected).network(), restored);
    }

    @Test
    void graphOfVectorsKnowsItsShape() throws IOException {
        ComputationGraph original = graph();
        save(original, false);
        Outcome outcome = runOnFile("--no-timing");
        assertEquals(0, outcome.exitCode(), outcome::err);
        assertTrue(outcome.out().contains("ComputationGraph"), outcome::out);
        assertTrue(outcome.out().contains("on 16 random examples"), outcome::out);
        ComputationGraph replaced = ModelSerializer.restoreComputationGraph(
                directory.resolve("model-replaced.zip").toFile(), true);
        assertInstanceOf(BatchNorm.class, replaced.getLayer("norm").conf().getLayer());
        try (java.util.zip.ZipFile zip = new java.util.zip.ZipFile(
                directory.resolve("model-replaced.zip").toFile())) {
            assertNull(zip.getEntry(ModelSerializer.UPDATER_BIN));
            assertNotNull(zip.getEntry(ModelSerializer.CONFIGURATION_JSON));
        }
    }

    @Test
    void folds() throws IOException {
        MultiLayerNetwork original = chain(Activation.IDENTITY);
        save(original, true);
        Outcome outcome = runOnFile("--fold", "--shape", "2,6,6");
        assertEquals(0, outcome.exitCode(), outcome::err);
        assertTrue(outcome.out().contains("folded    layer1  into layer0"), outcome::out);
        assertTrue(outcome.out().contains("inference"), outcome::out);
        assertFalse(outcome.out().contains("training step"), outcome::out);
        MultiLayerNetwork folded = ModelSerializer.restoreMultiLayerNetwork(
                directory.resolve("model-folded.zip").toFile(), true);
        assertEquals(2, folded.getnLayers());
        assertSameOutput(BatchNormFolding.fold(original).network(), folded);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--fold --restore | --restore and --fold exclude each other",
                "--batch=0 | Invalid value for option '--batch': '0' is not a whole number of at least 1",
                "--shape=3,x | Invalid value for option '--shape' (SIZES): '3,x' is not a list of sizes such as 3,224,224",
                "--nonsense | Unknown option: '--nonsense'"
            })
    void wrongOptionsAreExitCode2(String options, String message) {
        Outcome outcome = run((file + " " + options).split(" "));
        assertEquals(2, outcome.exitCode());
        assertEquals(
                List.of(message, "Try ReplaceBatchNorm --help"),
                outcome.err().lines().toList());
        assertEquals("", outcome.out());
    }

    @Test
    void existingFileIsKeptUnlessToldOtherwise() throws IOException {
        save(graph(), false);
        byte[] before = Files.readAllBytes(file);
        Outcome refused = runOnFile("--output", file.toString(), "--no-timing");
        assertEquals(1, refused.exitCode());
        assertEquals("", refused.out());
        assertEquals(
                file + " exists already: name another with --output, or add --overwrite",
                refused.err().strip());
        assertArrayEquals(before, Files.readAllBytes(file));
        assertEquals(List.of("model.zip"), files());

        Outcome allowed = runOnFile("--output", file.toString(), "--overwrite", "--no-timing");
        assertEquals(0, allowed.exitCode(), allowed::err);
        ComputationGraph replaced = ModelSerializer.restoreComputationGraph(file.toFile());
        assertInstanceOf(BatchNorm.class, replaced.getLayer("norm").conf().getLayer());
        assertEquals(List.of("model.zip"), files());
    }

    @Test
    void nothingToReplace() throws IOException {
        save(graph(), false);
        assertFails("nothing to be restored, so nothing is written", "--restore");
    }

    /** The program fails with one line about the file, and leaves the directory as it was. */
    private void assertFails(String message, String... options) throws IOException {
        List<String> names = files();
        byte[] before = Files.exists(file) ? Files.readAllBytes(file) : null;
        Outcome outcome = runOnFile(options);
        assertEquals(1, outcome.exitCode());
        assertEquals(1, outcome.err().strip().lines().count(), outcome::err);
        assertTrue(outcome.err().contains(message), outcome::err);
        assertEquals(names, files());
        if (before != null) {
            assertArrayEquals(before, Files.readAllBytes(file));
        }
    }

    @Test
    void missingFile() throws IOException {
        assertFails("model.zip: there is no such file");
    }

    @Test
    void notAZip() throws IOException {
        Files.writeString(file, "not a zip at all, but some text of a certain length");
        assertFails("model.zip: no zip file, or a damaged or truncated one");
    }

    @Test
    void emptyFile() throws IOException {
        Files.createFile(file);
        assertFails("model.zip: no zip file, or a damaged or truncated one");
    }

    @Test
    void truncated() throws IOException {
        save(chain(), true);
        byte[] bytes = Files.readAllBytes(file);
        for (int length : new int[] {bytes.length - 1, bytes.length / 2, 100}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertFails("model.zip: no zip file, or a damaged or truncated one");
        }
    }

    @Test
    void damagedParameters() throws IOException {
        save(chain(), true);
        byte[] bytes = Files.readAllBytes(file);
        // Inside the compressed data of one of the entries.
        bytes[bytes.length / 2] ^= 0x55;
        bytes[bytes.length / 2 + 1] ^= 0x55;
        Files.write(file, bytes);
        assertFails("model.zip: no zip file, or a damaged or truncated one");
    }

    private void saveZip(String... namesAndContents) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndContents[i]));
                zip.write(namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
    }

    @Test
    void zipOfAnotherKind() throws IOException {
        saveZip("readme.txt", "hello");
        assertFails("a zip file, but no model of DL4J's ModelSerializer: it lacks configuration.json");
        saveZip("configuration.json", "{}");
        assertFails("a zip file, but no model of DL4J's ModelSerializer: it lacks coefficients.bin");
        saveZip("configuration.json", "{}", "coefficients.bin", "x");
        assertFails("DL4J cannot load this model");
        saveZip("configuration.json", "no json", "coefficients.bin", "x");
        assertFails("DL4J cannot load this model");
    }

    @Test
    void unknownLayer() throws IOException {
        String json = graph().getConfiguration().toJson().replace("conf.layers.DenseLayer", "conf.layers.NoSuchLayer");
        saveZip("configuration.json", json, "coefficients.bin", "x");
        assertFails("DL4J cannot load this model");
    }

    @Test
    void wrongShapes() throws IOException {
        save(graph(), false);
        assertFails("the model does not take examples of shape [4]", "--shape", "4");
        assertFails("--shape: expected one per input, 1, got 2", "--shape", "5", "--shape", "5");
    }

    /** What can be known of the target is said before anything is read, let alone computed. */
    private void assertRefusedAtOnce(String message, String... options) throws IOException {
        Files.writeString(file, "no model: whoever reads it first complains of that");
        assertFails(message, options);
        assertEquals("", runOnFile(options).out());
    }

    @Test
    void targetThatCannotBe() throws IOException {
        Path missing = directory.resolve("missing");
        Path inMissing = missing.resolve("new.zip");
        assertRefusedAtOnce(
                inMissing + ": there is no folder " + missing, "--output", inMissing.toString(), "--overwrite");
        assertRefusedAtOnce(
                file.resolve("new.zip") + ": there is no folder " + file,
                "--output",
                file.resolve("new.zip").toString());
        assertRefusedAtOnce(directory + ": is a folder", "--output", directory.toString(), "--overwrite");
        Files.writeString(directory.resolve("model-folded.zip"), "there");
        assertRefusedAtOnce(
                directory.resolve("model-folded.zip")
                        + " exists already: name another with --output, or add --overwrite",
                "--fold");
    }

    /** Root may write to every folder, but no file system lets anybody create files in this one. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void folderThatTakesNoFiles() throws IOException {
        assertRefusedAtOnce("/proc/new.zip: nothing can be written to the folder /proc: ", "--output", "/proc/new.zip");
    }

    @Test
    void folderThatVanishesMeanwhile() throws IOException {
        save(graph(), false);
        ModelFile model = ModelFile.read(file);
        Path target = directory.resolve("gone").resolve("new.zip");
        String message = assertThrows(UserError.class, () -> model.writeChanged(target, model.model(), false, false))
                .getMessage();
        assertEquals(target + ": cannot be written: NoSuchFileException", message);
    }

    @Test
    void failedWritingNamesTheTarget() throws IOException {
        save(graph(), false);
        // A name that fits the target, and is too long for a file system.
        Path target = directory.resolve("x".repeat(300) + ".zip");
        Outcome outcome = runOnFile("--output", target.toString(), "--no-timing");
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.err().startsWith(target + ": cannot be written: "), outcome::err);
        assertFalse(outcome.err().contains(".tmp"), outcome::err);
        assertEquals(1, outcome.err().strip().lines().count(), outcome::err);
        assertEquals(List.of("model.zip"), files());
    }

    @Test
    void badOptionsHaveTheirOwnExitCode() throws IOException {
        save(graph(), false);
        for (String[] options : new String[][] {
            {"--batch", "0"},
            {"--batch", "many"},
            {"--shape", "0"},
            {"--no-such"},
            {"--fold", "--restore"},
            {"--output"}
        }) {
            Outcome outcome = runOnFile(options);
            assertEquals(2, outcome.exitCode(), () -> Arrays.toString(options) + outcome.err());
            assertTrue(outcome.err().contains("Try ReplaceBatchNorm --help"), outcome::err);
        }
        assertEquals(2, run().exitCode());
        assertEquals(List.of("model.zip"), files());
    }

    @Test
    void helpSaysExitCodes() {
        String help = run("--help").out();
        assertTrue(
                help.matches(
                        "(?s).*Exit codes:\\R +0 +a new file was written\\R +1 +.*\\R +2 +options that are wrong for any model\\R.*"),
                help);
    }

    /** A layer that cannot be replaced is kept, with its reason, and the others are replaced. */
    @Test
    void zeroEpsAndANegativeVariance() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(base().list()
                .layer(new BatchNormalization.Builder().eps(0).build())
                .layer(new BatchNormalization.Builder().useLogStd(false).build())
                .layer(output())
                .setInputType(InputType.feedForward(5))
                .build());
        network.init();
        network.getLayer(1).getParam("var").putScalar(3, -0.5);
        save(network, true);
        Outcome outcome = runOnFile("--no-timing", "--shape", "5");
        assertEquals(0, outcome.exitCode(), outcome::err);
        assertTrue(
                outcome.out()
                        .contains(
                                "kept      layer1  running variance -0.5 of channel 3 and eps 1.0E-5 have no positive sum"
                                        + System.lineSeparator()),
                outcome::out);
        assertTrue(outcome.out().contains("1 replaced, 1 kept"), outcome::out);
    }

    @Test
    void helpNamesEveryOption() {
        Outcome outcome = run("--help");
        assertEquals(0, outcome.exitCode());
        for (String option : List.of(
                "MODEL", "--restore", "--fold", "--output", "--overwrite", "--shape", "--batch", "--no-timing")) {
            assertTrue(outcome.out().contains(option), option + " in:\n" + outcome.out());
        }
    }
}
