package io.github.dl4jnorm;

import static io.github.dl4jnorm.Graphs.assertSameBits;
import static io.github.dl4jnorm.Graphs.random;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.engine.ComputeTypes;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
import org.nd4j.linalg.factory.Nd4j;

/** Graphs of half types train, and those of HALF are saved; SDFunctionsTest has their values and gradients. */
class SDHalfTypesTest {
    private static final long[] SHAPE = {6, 4, 3};

    @TempDir
    Path folder;

    static Stream<SDFunction.Use> uses() {
        return SDFunction.uses();
    }

    /** sd.fit moves what is trained by what sd.calculateGradients says, in the type of the graph. */
    @ParameterizedTest
    @MethodSource("uses")
    void everyFunctionIsTrainedByFit(SDFunction.Use use) {
        for (DataType type : List.of(DataType.FLOAT16, DataType.BFLOAT16)) {
            SameDiff sd = graph(use, type);
            DataSet data =
                    new DataSet(random(5, SHAPE).castTo(type), random(6, SHAPE).castTo(type));
            Map<String, INDArray> placeholders = Map.of("x", data.getFeatures(), "weights", data.getLabels());
            INDArray gradient = sd.calculateGradients(placeholders, "factor").get("factor");
            INDArray expected = Graphs.array(sd, "factor").sub(gradient.mul(0.125));
            assertTrue(gradient.amaxNumber().doubleValue() > 0.01, type::toString);
            sd.fit(data);
            assertSameBits(expected, Graphs.array(sd, "factor"));
        }
    }

    @ParameterizedTest
    @MethodSource("uses")
    void savedGraphsOfHalfGiveTheSame(SDFunction.Use use) {
        assertTrue(givesTheSameWhenLoaded(graph(use, DataType.FLOAT16), DataType.FLOAT16));
    }

    /** What the class says of BFLOAT16 graphs: a graph of one addition of ND4J's own is garbled too. */
    @Test
    void savedGraphsOfBfloat16AreGarbledByNd4j() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.BFLOAT16, -1, 4, 3);
        x.add("y", sd.var("b", Nd4j.ones(DataType.BFLOAT16, 1, 4, 3)));
        assertFalse(
                givesTheSameWhenLoaded(sd, DataType.BFLOAT16),
                "ND4J now saves BFLOAT16: take the warning out of SDNorm, the README and docs/limits.md");
    }

    private boolean givesTheSameWhenLoaded(SameDiff sd, DataType type) {
        File file = folder.resolve("graph.fb").toFile();
        sd.save(file, true);
        SameDiff loaded = SameDiff.load(file, true);
        Map<String, INDArray> in = Map.of("x", random(5, SHAPE).castTo(type));
        double[] expected = Graphs.doubles(sd.output(in, "y").get("y"));
        return Arrays.equals(expected, Graphs.doubles(loaded.output(in, "y").get("y")));
    }

    private static SameDiff graph(SDFunction.Use use, DataType type) {
        SameDiff sd = SameDiff.create();
        long[] parameter = new ComposedFormula(use.spec(), SHAPE).parameterShape();
        SDVariable x = sd.placeHolder("x", type, -1, SHAPE[1], SHAPE[2]);
        Map<String, SDVariable> v = new HashMap<>();
        v.put(
                "x",
                x.mul(sd.var("factor", random(11, 1, SHAPE[1], SHAPE[2]).addi(1).castTo(type))));
        List<String> parameters = new ArrayList<>();
        if (use.hasGamma()) {
            parameters.add("gamma");
        }
        if (use.hasBeta()) {
            parameters.add("beta");
        }
        parameters.forEach(
                name -> v.put(name, sd.var(name, random(7, parameter).addi(1).castTo(type))));
        if (use.isGiven()) {
            DataType statistic = ComputeTypes.of(type);
            v.put("mean", sd.constant("mean", random(9, parameter).castTo(statistic)));
            v.put(
                    "variance",
                    sd.constant("variance", random(10, parameter).addi(2).castTo(statistic)));
        }
        SDVariable y = use.function().call().on(new SDNorm(sd), v);
        SDVariable weights = sd.placeHolder("weights", type, -1, SHAPE[1], SHAPE[2]);
        y.mul(weights).sum("loss").markAsLoss();
        sd.setTrainingConfig(Graphs.training(0.125));
        return sd;
    }
}
