package io.github.dl4jnorm;

import static io.github.dl4jnorm.Graphs.array;
import static io.github.dl4jnorm.Graphs.assertClose;
import static io.github.dl4jnorm.Graphs.assertSameBits;
import static io.github.dl4jnorm.Graphs.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.SDFunction.Use;
import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.testing.Samples;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Every function of {@link SDNorm} in a graph, one line each in {@link SDFunction#all}. */
class SDFunctionsTest {
    private static final long[] SHAPE = {6, 4, 3};

    @TempDir
    Path folder;

    /** y of variables x, gamma, beta, mean and variance. */
    private interface Formula {
        SDVariable of(SameDiff sd, Map<String, SDVariable> v);
    }

    private static Formula ours(Use use) {
        return (sd, v) -> use.function().call().on(new SDNorm(sd), v);
    }

    static Stream<Use> uses() {
        return SDFunction.uses();
    }

    @Test
    void everyFunctionIsInTheTable() {
        List<String> names = SDFunction.all().stream().map(SDFunction::name).toList();
        // BatchNorm with running statistics computes what two of the others do, in turns: BatchNormOpTest has it.
        Arrays.stream(SDNorm.class.getMethods())
                .filter(method -> method.getReturnType() == SDVariable.class)
                .filter(method -> !"batchNorm".equals(method.getName()))
                .forEach(method -> assertTrue(
                        names.stream().anyMatch(name -> name.startsWith(method.getName())), method.getName()));
    }

    /** The inputs of a function: statistics of half types in FLOAT. */
    private static Map<String, INDArray> inputs(Use use, DataType type) {
        long[] parameter = new ComposedFormula(use.spec(), SHAPE).parameterShape();
        Map<String, INDArray> in = new LinkedHashMap<>();
        in.put("x", random(5, SHAPE).castTo(type));
        if (use.hasGamma()) {
            in.put("gamma", random(7, parameter).addi(1).castTo(type));
        }
        if (use.hasBeta()) {
            in.put("beta", random(8, parameter).castTo(type));
        }
        if (use.isGiven()) {
            in.put("mean", random(9, parameter).castTo(ComputeTypes.of(type)));
            in.put("variance", random(10, parameter).addi(2).castTo(ComputeTypes.of(type)));
        }
        return in;
    }

    private static INDArray weights(DataType type) {
        return random(6, SHAPE).castTo(type);
    }

    @ParameterizedTest
    @MethodSource("uses")
    void valuesAndGradientsAreTheBitsOfTheEagerTwin(Use use) {
        for (DataType type : Samples.TYPES) {
            Map<String, INDArray> in = inputs(use, type);
            Normalized eager = use.eager(in);
            SameDiff sd = variables(ours(use), in);

            List<String> names = List.of(sd.getVariableOutputOp("y").outputVariablesNames());
            List<INDArray> expected = new ArrayList<>(List.of(eager.y()));
            expected.addAll(saved(use, eager.statistics()));
            Map<String, INDArray> actual = sd.output(Map.of(), names);
            assertEquals(expected.size(), names.size());
            for (int i = 0; i < names.size(); i++) {
                assertSameBits(expected.get(i), actual.get(names.get(i)));
            }

            Map<String, INDArray> gradients = sd.calculateGradients(Map.of(), in.keySet());
            eagerGradients(use, eager, in).forEach((name, gradient) -> {
                assertSameBits(gradient, gradients.get(name));
            });
        }
    }

    private static List<INDArray> saved(Use use, GroupStatistics s) {
        return use.isGiven()
                ? List.of()
                : Stream.of(s.center(), s.centerResidual(), s.measure(), s.scale())
                        .filter(Objects::nonNull)
                        .toList();
    }

    private static Map<String, INDArray> eagerGradients(Use use, Normalized eager, Map<String, INDArray> in) {
        INDArray dy = weights(in.get("x").dataType());
        Map<String, INDArray> gradients = new LinkedHashMap<>();
        NormGradients ofInputs = eager.backward(dy);
        gradients.put("x", ofInputs.dx());
        if (use.hasGamma()) {
            gradients.put("gamma", ofInputs.dGamma());
        }
        if (use.hasBeta()) {
            gradients.put("beta", ofInputs.dBeta());
        }
        if (use.isGiven()) {
            gradients.put("mean", ofInputs.dMean());
            gradients.put("variance", ofInputs.dVariance());
        }
        return gradients;
    }

    @ParameterizedTest
    @MethodSource("uses")
    void valuesAndGradientsAreThoseOfTheComposedFormula(Use use) {
        Map<String, INDArray> in = inputs(use, DataType.DOUBLE);
        SameDiff ours = variables(ours(use), in);
        SameDiff composed = variables(new ComposedFormula(use.spec(), SHAPE)::of, in);
        assertClose(
                composed.output(Map.of(), "y").get("y"),
                ours.output(Map.of(), "y").get("y"),
                1e-12);
        Map<String, INDArray> expected = composed.calculateGradients(Map.of(), in.keySet());
        Map<String, INDArray> actual = ours.calculateGradients(Map.of(), in.keySet());
        for (String name : in.keySet()) {
            assertClose(expected.get(name), actual.get(name), 1e-9);
        }
    }

    /** A graph in which all inputs are variables, with a loss that weighs every output differently. */
    private static SameDiff variables(Formula formula, Map<String, INDArray> in) {
        SameDiff sd = SameDiff.create();
        Map<String, SDVariable> v = new LinkedHashMap<>();
        in.forEach((name, array) -> v.put(name, sd.var(name, array.dup())));
        SDVariable y = formula.of(sd, v);
        if (!"y".equals(y.name())) {
            y.rename("y");
        }
        SDVariable weights = sd.constant("weights", weights(in.get("x").dataType()));
        sd.getVariable("y").mul(weights).sum("loss").markAsLoss();
        return sd;
    }

    @ParameterizedTest
    @MethodSource("uses")
    void savedGraphsGiveTheSameAndTrainOn(Use use) {
        SameDiff sd = trainable(use);
        List<String> trained = new ArrayList<>(List.of("factor"));
        Stream.of("gamma", "beta").filter(sd::hasVariable).forEach(trained::add);
        DataSet data = new DataSet(random(5, SHAPE), random(6, SHAPE));
        fitsBySgd(sd, trained, data);

        File file = folder.resolve("graph.fb").toFile();
        sd.save(file, true);
        SameDiff loaded = SameDiff.load(file, true);
        Map<String, INDArray> placeholders = Map.of("x", data.getFeatures(), "weights", data.getLabels());
        assertSameBits(
                sd.output(placeholders, "y").get("y"),
                loaded.output(placeholders, "y").get("y"));
        for (int i = 0; i < 3; i++) {
            sd.fit(data);
            loaded.fit(data);
        }
        for (String name : trained) {
            assertSameBits(array(sd, name), array(loaded, name));
        }
    }

    /** A graph on placeholders, where a factor of x can be trained if nothing else can. */
    private static SameDiff trainable(Use use) {
        SameDiff sd = SameDiff.create();
        Map<String, SDVariable> v = new LinkedHashMap<>();
        Map<String, INDArray> in = inputs(use, DataType.DOUBLE);
        in.remove("x");
        in.forEach((name, array) -> v.put(
                name, "mean".equals(name) || "variance".equals(name) ? sd.constant(name, array) : sd.var(name, array)));
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, SHAPE[1], SHAPE[2]);
        v.put("x", x.mul(sd.var("factor", random(11, 1, SHAPE[1], SHAPE[2]).addi(1))));
        SDVariable y = use.function().call().on(new SDNorm(sd), v);
        SDVariable weights = sd.placeHolder("weights", DataType.DOUBLE, -1, SHAPE[1], SHAPE[2]);
        y.mul(weights).sum("loss").markAsLoss();
        sd.setTrainingConfig(Graphs.training(0.01));
        return sd;
    }

    private static void fitsBySgd(SameDiff sd, List<String> trained, DataSet data) {
        Map<String, INDArray> gradients =
                sd.calculateGradients(Map.of("x", data.getFeatures(), "weights", data.getLabels()), trained);
        Map<String, INDArray> before = new LinkedHashMap<>();
        trained.forEach(name -> before.put(name, array(sd, name).dup()));
        sd.fit(data);
        for (String name : trained) {
            assertTrue(gradients.get(name).amaxNumber().doubleValue() > 1e-6, name);
            assertClose(before.get(name).sub(gradients.get(name).mul(0.01)), array(sd, name), 1e-14);
        }
    }
}
