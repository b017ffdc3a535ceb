package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.samediff.NormalizeBackwardOp;
import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.imports.converters.ImportClassMapping;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Graphs that were saved once, in {@code src/test/resources/graphs}: later versions read them, and compute what the
 * formulas say. What is in them is also in this class, as numbers and specs, and nothing that is expected is read from
 * them.
 *
 * <p>They are to stay as they are. If the saved form has to change, in a new format of {@link NormSpec#encode} or
 * otherwise, write them anew from the root of the project, and say so in the change log:
 *
 * <pre>
 * mvn test -pl samediff-ops -Dtest=GoldenGraphsTest#writesThemAnew -Dgolden.write=true
 * </pre>
 */
class GoldenGraphsTest {
    private static final double EPS = 1e-3;
    private static final double DECAY = 0.75;
    private static final long[] SHAPE = {2, 4, 3};
    private static final int CHANNELS = 4;
    private static final double[] MEAN = {0.5, -0.25, 0, 1};
    private static final double[] VARIANCE = {2, 1, 0.5, 4};

    /** Every kind of axes, statistic and activation; [2, 4, 3] has as many numbers as each of them needs. */
    private static final Map<String, NormSpec> SPECS = new TreeMap<>(Map.of(
            "batchNorm", NormSpec.batchNorm(EPS, 1),
            "layerNorm", NormSpec.layerNorm(EPS, 1, -1),
            "groupNorm", NormSpec.groupNorm(2, EPS, 1).with(FusedActivation.RELU),
            "instanceNorm", NormSpec.instanceNorm(EPS, -1),
            "rmsNorm", NormSpec.rmsNorm(EPS, 2).withUnitOffset(true),
            "sumNorm", NormSpec.sumNorm(9, 0, 2),
            "unitNorm", NormSpec.unitNorm(EPS, 1)));

    /** A file. */
    private enum Golden {
        NORMALIZE(GoldenGraphsTest::normalize),
        BACKWARD(GoldenGraphsTest::backward),
        BATCH_NORM(GoldenGraphsTest::batchNorm),
        HALF(GoldenGraphsTest::half);

        private final Consumer<SameDiff> content;

        Golden(Consumer<SameDiff> content) {
            this.content = content;
        }

        private String file() {
            return name().toLowerCase(Locale.ROOT) + ".fb";
        }

        SameDiff load() throws Exception {
            URL resource = GoldenGraphsTest.class.getResource("/graphs/" + file());
            assertNotNull(resource, file());
            return SameDiff.load(new File(resource.toURI()), true);
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "golden.write", matches = "true")
    void writesThemAnew() throws IOException {
        Path folder = Files.createDirectories(Path.of("src", "test", "resources", "graphs"));
        for (Golden golden : Golden.values()) {
            SameDiff sd = SameDiff.create();
            golden.content.accept(sd);
            Path file = folder.resolve(golden.file());
            sd.save(file.toFile(), true);
            assertTrue(Files.size(file) < 32_768, () -> golden.file() + " is larger than 32 KiB");
        }
    }

    private static double[] numbers(int count, double from, double step) {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = from + step * (i * 7 % 5);
        }
        return numbers;
    }

    private static double[] x() {
        return numbers(24, -0.5, 0.75);
    }

    private static double[] dy() {
        return numbers(24, 1, -0.625);
    }

    /** The parameters of a spec: of ReLU a gamma of both signs, so that some outputs are cut. */
    private static double[] gamma(NormSpec spec) {
        return numbers(parameters(spec), 1.5, -0.5);
    }

    private static double[] beta(NormSpec spec) {
        return numbers(parameters(spec), -0.25, 0.125);
    }

    private static int parameters(NormSpec spec) {
        return (int) Arrays.stream(parameterShape(spec)).reduce(1, (a, b) -> a * b);
    }

    private static long[] parameterShape(NormSpec spec) {
        return spec.axes().axes().stream()
                .mapToInt(axis -> axis < 0 ? axis + SHAPE.length : axis)
                .sorted()
                .mapToLong(axis -> SHAPE[axis])
                .toArray();
    }

    private static INDArray array(DataType type, double[] values, long... shape) {
        return Doubles.toArray(type, shape, values);
    }

    private static SDVariable placeHolder(SameDiff sd, String name, DataType type) {
        return sd.placeHolder(name, type, -1, 4, 3);
    }

    private static SDVariable gamma(SameDiff sd, String name, NormSpec spec) {
        return sd.var(name + "/gamma", array(DataType.DOUBLE, gamma(spec), parameterShape(spec)));
    }

    private static SDVariable beta(SameDiff sd, String name, NormSpec spec) {
        return sd.var(name + "/beta", array(DataType.DOUBLE, beta(spec), parameterShape(spec)));
    }

    /** Each spec with both parameters, and BatchNorm with a given mean and variance. */
    private static void normalize(SameDiff sd) {
        SDVariable x = placeHolder(sd, "x", DataType.DOUBLE);
        SDNorm norm = new SDNorm(sd);
        SPECS.forEach((name, spec) -> norm.normalize(name, spec, x, gamma(sd, name, spec), beta(sd, name, spec)));
        norm.batchNormInference(
                "given",
                x,
                sd.constant("mean", array(DataType.DOUBLE, MEAN, CHANNELS)),
                sd.constant("variance", array(DataType.DOUBLE, VARIANCE, CHANNELS)),
                null,
                null,
                EPS,
                1);
    }

    @Test
    void everyNormalizationComputesTheFormulas() throws Exception {
        SameDiff sd = Golden.NORMALIZE.load();
        for (Map.Entry<String, NormSpec> entry : SPECS.entrySet()) {
            NormSpec spec = entry.getValue();
            Reference.Forward expected = Reference.forward(spec, SHAPE, x(), gamma(spec), beta(spec));
            Tolerances.assertClose(entry.getKey(), expected.y(), y(sd, entry.getKey(), DataType.DOUBLE));
        }
        Reference given = Reference.given(NormSpec.batchNormInference(EPS, 1), SHAPE, MEAN, VARIANCE);
        Tolerances.assertClose("given", given.forward(x(), null, null).y(), y(sd, "given", DataType.DOUBLE));
    }

    private static INDArray y(SameDiff sd, String name, DataType type) {
        return sd.output(Map.of("x", array(type, x(), SHAPE)), name).get(name);
    }

    /** Graphs are saved without their gradients, so the backward ops are there as any other op. */
    private static void backward(SameDiff sd) {
        SDVariable x = placeHolder(sd, "x", DataType.DOUBLE);
        SDVariable dy = placeHolder(sd, "dy", DataType.DOUBLE);
        SPECS.forEach((name, spec) -> {
            SDVariable gamma = gamma(sd, name, spec);
            SDVariable beta = beta(sd, name, spec);
            SDVariable y = new SDNorm(sd).normalize(name, spec, x, gamma, beta);
            List<SDVariable> inputs = new ArrayList<>(List.of(x, dy));
            Arrays.stream(sd.getVariableOutputOp(y.name()).outputVariables())
                    .skip(1)
                    .forEach(inputs::add);
            inputs.addAll(List.of(gamma, beta));
            name(
                    new NormalizeBackwardOp(sd, spec, true, true, inputs.toArray(new SDVariable[0])),
                    name,
                    "dx",
                    "dGamma",
                    "dBeta");
        });
        SDVariable mean = sd.constant("mean", array(DataType.DOUBLE, MEAN, CHANNELS));
        SDVariable variance = sd.constant("variance", array(DataType.DOUBLE, VARIANCE, CHANNELS));
        NormSpec given = NormSpec.batchNormInference(EPS, 1);
        name(
                new NormalizeBackwardOp(sd, given, false, false, x, dy, mean, variance),
                "given",
                "dx",
                "dMean",
                "dVariance");
    }

    private static void name(NormalizeBackwardOp op, String of, String... names) {
        SDVariable[] outputs = op.outputVariables();
        for (int i = 0; i < names.length; i++) {
            outputs[i].rename(of + "/" + names[i]);
        }
    }

    @Test
    void everyGradientComputesTheFormulas() throws Exception {
        SameDiff sd = Golden.BACKWARD.load();
        for (Map.Entry<String, NormSpec> entry : SPECS.entrySet()) {
            NormSpec spec = entry.getValue();
            Reference.Gradients expected = Reference.backward(spec, SHAPE, x(), dy(), gamma(spec), beta(spec));
            Tolerances.assertClose("dx", expected.dx(), gradient(sd, entry.getKey() + "/dx"));
            Tolerances.assertClose("dGamma", expected.dGamma(), gradient(sd, entry.getKey() + "/dGamma"));
            Tolerances.assertClose("dBeta", expected.dBeta(), gradient(sd, entry.getKey() + "/dBeta"));
        }
        Reference given = Reference.given(NormSpec.batchNormInference(EPS, 1), SHAPE, MEAN, VARIANCE);
        Tolerances.assertClose("dx", given.backward(x(), dy(), null, null).dx(), gradient(sd, "given/dx"));
        Reference.GivenGradients ofGiven = given.ofGiven(x(), dy(), null, null);
        Tolerances.assertClose("dMean", ofGiven.dMean(), gradient(sd, "given/dMean"));
        Tolerances.assertClose("dVariance", ofGiven.dVariance(), gradient(sd, "given/dVariance"));
    }

    private static INDArray gradient(SameDiff sd, String name) {
        Map<String, INDArray> in =
                Map.of("x", array(DataType.DOUBLE, x(), SHAPE), "dy", array(DataType.DOUBLE, dy(), SHAPE));
        return sd.output(in, name).get(name);
    }

    private static void batchNorm(SameDiff sd) {
        SDVariable x = placeHolder(sd, "x", DataType.DOUBLE);
        SDVariable weights = placeHolder(sd, "weights", DataType.DOUBLE);
        SDVariable plain = running(sd, "plain", x, NormSpec.batchNorm(EPS, 1), false);
        SDVariable relu = running(sd, "relu", x, NormSpec.batchNorm(EPS, 1).with(FusedActivation.RELU), true);
        plain.add(relu).mul(weights).sum("loss").markAsLoss();
        sd.setTrainingConfig(Graphs.training(0));
    }

    private static SDVariable running(SameDiff sd, String name, SDVariable x, NormSpec spec, boolean unbiased) {
        RunningStatistics running = new RunningStatistics(
                sd.constant(name + "/mean", array(DataType.DOUBLE, MEAN, CHANNELS)),
                sd.constant(name + "/var", array(DataType.DOUBLE, VARIANCE, CHANNELS)),
                DECAY,
                unbiased);
        return new SDNorm(sd).batchNorm(name, spec, x, gamma(sd, name, spec), beta(sd, name, spec), running);
    }

    @Test
    void batchNormComputesTheFormulasAndMovesItsStatistics() throws Exception {
        SameDiff sd = Golden.BATCH_NORM.load();
        NormSpec spec = NormSpec.batchNorm(EPS, 1);
        for (String name : List.of("plain", "relu")) {
            NormSpec inference = "relu".equals(name) ? spec.with(FusedActivation.RELU) : spec;
            Reference given = Reference.given(inference.withGivenStatistics(), SHAPE, MEAN, VARIANCE);
            Tolerances.assertClose(
                    name, given.forward(x(), gamma(spec), beta(spec)).y(), y(sd, name, DataType.DOUBLE));
        }

        Reference.Forward batch = Reference.forward(spec, SHAPE, x(), null, null);
        sd.fit(new DataSet(array(DataType.DOUBLE, x(), SHAPE), array(DataType.DOUBLE, dy(), SHAPE)));
        int count = 6;
        for (int c = 0; c < CHANNELS; c++) {
            double mean = DECAY * MEAN[c] + (1 - DECAY) * batch.center().values()[c];
            double biased = batch.measure().values()[c];
            double unbiased = biased * count / (count - 1);
            for (String name : List.of("plain", "relu")) {
                double variance = DECAY * VARIANCE[c] + (1 - DECAY) * ("relu".equals(name) ? unbiased : biased);
                assertEquals(mean, sd.getVariable(name + "/mean").getArr().getDouble(c), 1e-14);
                assertEquals(variance, sd.getVariable(name + "/var").getArr().getDouble(c), 1e-14);
            }
        }
    }

    /** Half types have statistics, and running ones, in FLOAT. */
    private static void half(SameDiff sd) {
        SDVariable x = placeHolder(sd, "x", DataType.FLOAT16);
        SDNorm norm = new SDNorm(sd);
        norm.layerNorm("layerNorm", x, null, null, EPS, 1, 2);
        norm.batchNorm("batchNorm", x, CHANNELS, 1);
    }

    @Test
    void halfGraphsComputeTheFormulas() throws Exception {
        SameDiff sd = Golden.HALF.load();
        Reference.Forward layerNorm = Reference.forward(NormSpec.layerNorm(EPS, 1, 2), SHAPE, x(), null, null);
        Tolerances.assertClose("layerNorm", layerNorm.y(), y(sd, "layerNorm", DataType.FLOAT16));
        Reference given = Reference.given(
                NormSpec.batchNormInference(SDNorm.DEFAULT_EPS, 1), SHAPE, new double[4], new double[] {1, 1, 1, 1});
        Tolerances.assertClose("batchNorm", given.forward(x(), null, null).y(), y(sd, "batchNorm", DataType.FLOAT16));
        assertEquals(DataType.FLOAT, sd.getVariable("batchNorm/var").getArr().dataType());
    }

    @Test
    void everyOpIsInOneOfThem() throws Exception {
        Set<String> saved = new TreeSet<>();
        for (Golden golden : Golden.values()) {
            golden.load().getOps().values().forEach(op -> saved.add(op.getOp().opName()));
        }
        Set<String> ours = ImportClassMapping.getOpNameMapping().keySet().stream()
                .filter(name -> name != null && name.startsWith("dl4jnorm_"))
                .collect(Collectors.toSet());
        assertEquals(3, ours.size());
        assertTrue(saved.containsAll(ours), saved::toString);
    }
}
