package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.dl4jnorm.integration.BuiltInLayers.Subject;
import io.github.dl4jnorm.layercheck.Check;
import io.github.dl4jnorm.layercheck.LayerCheck;
import io.github.dl4jnorm.layercheck.LayerCheckReport;
import io.github.dl4jnorm.layercheck.Result;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** What {@link LayerCheck} says of the layers of DL4J 1.0.0-M2.1: the documentation quotes it. */
@TestInstance(Lifecycle.PER_CLASS)
class BuiltInLayerCheckTest {
    private static final InputType FEED_FORWARD = InputType.feedForward(3);
    private static final Logger INPUT_TYPES = (Logger) LoggerFactory.getLogger(InputType.class);

    private final Map<String, LayerCheckReport> reports = new HashMap<>();

    @BeforeAll
    static void expectWarnings() {
        INPUT_TYPES.setLevel(Level.ERROR); // of a size of zero, which DL4J's own code gives
    }

    @AfterAll
    static void expectNoMoreWarnings() {
        INPUT_TYPES.setLevel(null);
    }

    private LayerCheckReport report(Subject subject) {
        return reports.computeIfAbsent(subject.toString(), name -> subject.report());
    }

    static List<Subject> layers() {
        return BuiltInLayers.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void failsWhatItHasAReasonFor(Subject subject) {
        LayerCheckReport report = report(subject);
        assertEquals(subject.reasons().keySet(), report.failed(), report::toString);
    }

    @Test
    void thePageHasTheTable() throws IOException {
        String table = LayerTable.of(layers(), this::report);
        if ("write".equals(System.getProperty("layer.table"))) {
            LayerTable.write(table);
        }
        assertEquals(table, LayerTable.onPage());
    }

    /** But for four names of others, without builders of their own. */
    @Test
    void everyLayerOfDl4jIsExamined() throws Exception {
        Set<String> unseen = layersOfDl4j();
        layers().forEach(subject -> unseen.remove(subject.layer().getClass().getSimpleName()));
        assertEquals(Set.of("Convolution1D", "Convolution2D", "Pooling1D", "Pooling2D"), unseen);
    }

    /** The names of all layers that are not abstract, in the jar of {@link Layer}. */
    private static Set<String> layersOfDl4j() throws Exception {
        Path jar = Path.of(
                Layer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Set<String> names = new TreeSet<>();
        try (FileSystem files = FileSystems.newFileSystem(jar);
                Stream<Path> paths = Files.walk(files.getPath("/org/deeplearning4j/nn/conf"))) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                String name = path.toString().substring(1).replace('/', '.');
                if (name.endsWith(".class") && !name.contains("$")) {
                    Class<?> type = Class.forName(
                            name.substring(0, name.length() - ".class".length()), false, Layer.class.getClassLoader());
                    if (Layer.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
                        names.add(type.getSimpleName());
                    }
                }
            }
        }
        return names;
    }

    @Test
    void outputLayersKeepTheChecksThatNeedNoLabels() {
        OutputLayer layer = new OutputLayer.Builder(LossFunction.MSE)
                .nOut(4)
                .activation(Activation.IDENTITY)
                .build();
        LayerCheckReport report = LayerCheck.of(layer, FEED_FORWARD).run().assertPassed();
        assertEquals(
                "the gradient of an output layer comes from its labels",
                report.result(Check.INPUT_GRADIENT).detail());
        assertTrue(report.passed().containsAll(Set.of(Check.INPUT_LAYOUT, Check.FLOAT, Check.JSON, Check.THREADS)));
    }

    @Test
    void dropoutIsRepeatedInTraining() {
        LayerCheckReport report = LayerCheck.of(
                        new DenseLayer.Builder().nOut(4).dropOut(0.5).build(), FEED_FORWARD)
                .only(Check.DETERMINISM, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                .run()
                .assertPassed();
        assertEquals(
                "random in training, and repeatable",
                report.result(Check.DETERMINISM).detail());
    }

    /** But for the details, in which the last digits depend on the machine. */
    @Test
    void theDocsShowTheReportOfBatchNormalization() throws IOException {
        LayerCheckReport report =
                LayerCheck.of(new BatchNormalization(), FEED_FORWARD).run();
        Iterator<String> lines = Files.readAllLines(Path.of("..", "docs", "layer-check.md")).stream()
                .dropWhile(line -> !line.equals(report.subject()))
                .skip(1)
                .iterator();
        for (Result result : report.results()) {
            String start = String.format(Locale.ROOT, "%-7s  %s", result.status(), result.check());
            String line = lines.next();
            assertTrue(line.startsWith(start), line);
        }
        String text = report.toString();
        assertEquals(text.substring(text.lastIndexOf('\n') + 1), lines.next());
    }

    @Test
    void anExceptionIsNamed() {
        LayerCheckReport report = LayerCheck.of(new BatchNormalization(), InputType.recurrent(3, 4))
                .only(Check.OUTPUT_TYPE)
                .run();
        String detail = report.result(Check.OUTPUT_TYPE).detail();
        assertTrue(detail.startsWith("threw IllegalArgumentException: "), detail);
    }
}
