package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.samediff.NormalizeBackwardOp;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.NameScope;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What {@link SDNorm} calls its ops and variables, and what it refuses when an op is added and when it runs. */
class SDNormErrorsTest {
    private static final double EPS = 1e-3;

    /** A graph with a placeholder x of one shape, and what is added to it. */
    record Case(String message, long[] shape, BiFunction<SDNorm, Vars, SDVariable> add) {
        Case(String message, BiFunction<SDNorm, Vars, SDVariable> add) {
            this(message, new long[] {-1, 6, 5}, add);
        }

        @Override
        public String toString() {
            return message;
        }
    }

    /** Makes variables and constants of given shapes. */
    record Vars(SameDiff sd) {
        SDVariable x() {
            return sd.getVariable("x");
        }

        /** x as another op's output, whose shape SameDiff does not know. */
        SDVariable unknown() {
            return sd.getVariable("unknown");
        }

        SDVariable ones(long... shape) {
            return sd.var(Nd4j.ones(DataType.FLOAT, shape));
        }

        SDVariable constant(long... shape) {
            return sd.constant(Nd4j.ones(DataType.FLOAT, shape));
        }
    }

    static final List<Case> WHEN_ADDED = List.of(
            new Case(
                    "layerNorm \"c5\": axis 3 is out of range for rank 3 (shape [-1, 6, 5])",
                    (n, v) -> n.layerNorm("c5", v.x(), null, null, EPS, 3)),
            new Case(
                    "layerNorm \"c5\": axis 2 is repeated in [2, -1] (shape [-1, 6, 5])",
                    (n, v) -> n.layerNorm("c5", v.x(), null, null, EPS, 2, -1)),
            new Case(
                    "layerNorm \"c5\": expected gamma of shape [5], got [6]",
                    (n, v) -> n.layerNorm("c5", v.x(), v.ones(6), null, EPS, 2)),
            new Case(
                    "layerNorm \"c5\": expected beta of shape [6, 5], got [5, 6]",
                    (n, v) -> n.layerNorm("c5", v.x(), null, v.ones(5, 6), EPS, 1, 2)),
            new Case(
                    "layerNorm \"c5\": expected gamma of shape [-1, 5], got [5]",
                    (n, v) -> n.layerNorm("c5", v.x(), v.ones(5), null, EPS, 0, 2)),
            new Case(
                    "layerNorm \"c5\": axis 1 is repeated in [1, 1]",
                    (n, v) -> n.layerNorm("c5", v.unknown(), null, null, EPS, 1, 1)),
            new Case(
                    "layerNorm \"c5\": expected beta of the shape of gamma, [5], got [6]",
                    (n, v) -> n.layerNorm("c5", v.unknown(), v.ones(5), v.ones(6), EPS, 1)),
            new Case(
                    "layerNorm \"c5\": expected gamma of rank 1, got shape [6, 5]",
                    (n, v) -> n.layerNorm("c5", v.unknown(), v.ones(6, 5), null, EPS, 1)),
            new Case(
                    "batchNormTraining \"c5\": expected an array of rank 2 or more, got shape [7]",
                    new long[] {7},
                    (n, v) -> n.batchNormTraining("c5", v.x(), null, null, EPS, 0)),
            new Case(
                    "batchNormTraining \"c5\": expected gamma of shape [6], got [5]",
                    (n, v) -> n.batchNormTraining("c5", v.x(), v.ones(5), null, EPS, 1)),
            new Case(
                    "batchNormInference \"c5\": expected mean of shape [6], got [5]",
                    (n, v) -> n.batchNormInference("c5", v.x(), v.ones(5), v.ones(6), null, null, EPS, 1)),
            new Case(
                    "batchNormInference \"c5\": expected variance of shape [6], got [5]",
                    (n, v) -> n.batchNormInference("c5", v.x(), v.ones(6), v.ones(5), null, null, EPS, 1)),
            new Case(
                    "batchNormInference \"c5\": expected variance of the shape of mean, [6], got [5]",
                    (n, v) -> n.batchNormInference("c5", v.unknown(), v.ones(6), v.ones(5), null, null, EPS, 1)),
            new Case(
                    "batchNorm \"c5\": expected runningMean of shape [6], got [5]",
                    (n, v) -> n.batchNorm("c5", v.x(), null, null, v.constant(5), v.constant(6), EPS, 0.9, 1)),
            new Case(
                    "batchNorm \"c5\": expected runningVariance of shape [6], got [5]",
                    (n, v) -> n.batchNorm("c5", v.x(), null, null, v.constant(6), v.constant(5), EPS, 0.9, 1)),
            new Case(
                    "batchNorm \"c5\": expected runningVariance of the shape of runningMean, [6], got [5]",
                    (n, v) -> n.batchNorm("c5", v.unknown(), null, null, v.constant(6), v.constant(5), EPS, 0.9, 1)),
            new Case(
                    "batchNorm \"c5\": expected 5 channels on axis 1, got 6 (shape [-1, 6, 5])",
                    (n, v) -> n.batchNorm("c5", v.x(), 5, 1)),
            new Case(
                    "batchNorm \"c5\": expected 1 or more channels, got 0",
                    (n, v) -> n.batchNorm("c5", v.unknown(), 0, 1)),
            new Case(
                    "batchNorm \"c5\": axis -4 is out of range for rank 3 (shape [-1, 6, 5])",
                    (n, v) -> n.batchNorm("c5", v.x(), 6, -4)),
            new Case("batchNorm \"c5\": x is missing", (n, v) -> n.batchNorm("c5", null, 6, 1)),
            new Case(
                    "groupNorm \"c5\": expected a number of groups that divides the 6 channels on axis 1, got 4"
                            + " (shape [-1, 6, 5])",
                    (n, v) -> n.groupNorm("c5", v.x(), 4, null, null, EPS, 1)),
            new Case(
                    "groupNorm \"c5\": expected the channels on an axis behind axis 0, the examples, of shape"
                            + " [-1, 6, 5]",
                    (n, v) -> n.groupNorm("c5", v.x(), 2, null, null, EPS, -3)),
            new Case(
                    "groupNorm \"c5\": expected 1 or more groups, got 0",
                    (n, v) -> n.groupNorm("c5", v.unknown(), 0, null, null, EPS, 1)),
            new Case(
                    "instanceNorm \"c5\": expected an array of rank 3 or more, got shape [-1, 6]",
                    new long[] {-1, 6},
                    (n, v) -> n.instanceNorm("c5", v.x(), null, null, EPS, 1)),
            new Case(
                    "rmsNorm \"c5\": expected gamma of shape [5], got [6]",
                    (n, v) -> n.rmsNorm("c5", v.x(), v.ones(6), EPS, -1)),
            new Case(
                    "sumNorm \"c5\": axis 5 is out of range for rank 3 (shape [-1, 6, 5])",
                    (n, v) -> n.sumNorm("c5", v.x(), 0, 5)),
            new Case(
                    "unitNorm \"c5\": axis -5 is out of range for rank 3 (shape [-1, 6, 5])",
                    (n, v) -> n.unitNorm("c5", v.x(), EPS, -5)),
            new Case(
                    "normalize \"c5\": expected gamma of shape [6], got [5]",
                    (n, v) -> n.normalize("c5", NormSpec.groupNorm(2, EPS, 1), v.x(), v.ones(5), null)),
            new Case("normalize \"c5\": spec is missing", (n, v) -> n.normalize("c5", null, v.x(), null, null)),
            new Case(
                    "layerNorm \"x\": a variable of the name \"x\" is in the graph already",
                    (n, v) -> n.layerNorm("x", v.x(), null, null, EPS, 1)),
            new Case(
                    "batchNorm \"x\": a variable of the name \"x\" is in the graph already",
                    (n, v) -> n.batchNorm("x", v.x(), 6, 1)),
            new Case(
                    "batchNorm \"taken\": a variable of the name \"taken/beta\" is in the graph already",
                    (n, v) -> n.batchNorm("taken", v.x(), 6, 1)));

    @ParameterizedTest
    @FieldSource("WHEN_ADDED")
    void isRefusedWhenAddedAndLeavesTheGraphAsItWas(Case c) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, c.shape);
        x.mul("unknown", sd.constant(2f));
        sd.var("taken/beta", Nd4j.ones(DataType.FLOAT, 1));
        SDNorm norm = new SDNorm(sd);
        Set<String> ops = Set.copyOf(sd.getOps().keySet());
        Set<String> names = new TreeSet<>();
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> {
            Vars vars = new Vars(sd);
            c.add.apply(norm, vars);
        });
        sd.variableMap().keySet().stream().filter(name -> name.startsWith("c5")).forEach(names::add);
        assertEquals(c.message, e.getMessage());
        assertEquals(ops, sd.getOps().keySet());
        assertEquals(Set.of(), names);
        assertFalse(sd.hasVariable("taken/gamma"));
    }

    /** Shapes that are not known when the op is added, and a parameter as a row, are no reason to refuse. */
    @Test
    void whatMayFitIsAccepted() {
        SameDiff sd = SameDiff.create();
        Vars v = new Vars(sd);
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, -1, -1);
        x.mul("unknown", sd.constant(2f));
        SDVariable anyShape = sd.placeHolder("any", DataType.FLOAT);
        SDNorm norm = new SDNorm(sd);
        norm.layerNorm("a", x, v.ones(5), v.ones(1, 5), EPS, 2);
        norm.layerNorm("b", v.unknown(), v.ones(6, 5), null, EPS, 1, 2);
        norm.groupNorm("c", x, 4, v.ones(8), null, EPS, 1);
        norm.batchNorm("d", x, 6, 1);
        norm.batchNorm("e", v.unknown(), 6, -2);
        norm.batchNorm("f", anyShape, 6, 1);
        norm.layerNorm("g", anyShape, v.ones(1, 5), null, EPS, -1);
        INDArray in = Nd4j.rand(DataType.FLOAT, 3, 6, 5);
        Map<String, INDArray> y = sd.output(Map.of("x", in, "any", in), "a", "b", "d", "e", "f", "g");
        assertEquals(6, y.size());
    }

    static Stream<SDFunction.Use> uses() {
        return SDFunction.uses().filter(use -> use.hasGamma());
    }

    /** gamma of another length than an x whose shape is only known when the graph runs. */
    @ParameterizedTest
    @MethodSource("uses")
    void runsNameTheOpAsItsUserDid(SDFunction.Use use) {
        String function = use.function().name().startsWith("normalize")
                ? specName(use.spec())
                : use.function().name().split(" ")[0];
        long[] shape = {6, 4, 3};
        long[] parameter = new ComposedFormula(use.spec(), shape).parameterShape();
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, -1, -1);
        Map<String, SDVariable> v = new HashMap<>();
        v.put("x", x.mul(2));
        for (String name : List.of("gamma", "beta", "mean", "variance")) {
            if (use.isGiven() || name.equals("gamma") || name.equals("beta") && use.hasBeta()) {
                v.put(name, sd.constant(name, Nd4j.ones(DataType.DOUBLE, parameter)));
            }
        }
        if (!use.hasBeta()) {
            v.remove("beta");
        }
        use.function().call().on(new SDNorm(sd), v).rename("c5");
        Map<String, INDArray> tooLarge = Map.of("x", Nd4j.ones(DataType.DOUBLE, 8, 8, 8));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> sd.output(tooLarge, "c5"));
        String expected = function + " \"c5\": expected " + (use.isGiven() ? "mean" : "gamma") + " of shape [8";
        assertTrue(e.getMessage().startsWith(expected), e.getMessage());
    }

    private static String specName(NormSpec spec) {
        return switch (spec.statistic()) {
            case ROOT_MEAN_SQUARE -> "rmsNorm";
            case SUM -> "sumNorm";
            case L2 -> "unitNorm";
            case GIVEN -> "batchNormInference";
            case MEAN_VARIANCE ->
                switch (spec.axes().kind()) {
                    case PER_CHANNEL -> "batchNormTraining";
                    case OVER -> "layerNorm";
                    case PER_EXAMPLE_AND_CHANNEL -> "instanceNorm";
                    case PER_EXAMPLE_AND_GROUP -> "groupNorm";
                };
        };
    }

    @Test
    void aZeroSumAndRunningStatisticsNameTheOpToo() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, -1);
        SDNorm norm = new SDNorm(sd);
        norm.sumNorm("share", x, 0, 1);
        norm.batchNorm("c5", x, 3, 1);
        ArithmeticException zero = assertThrows(
                ArithmeticException.class, () -> sd.output(Map.of("x", Nd4j.zeros(DataType.FLOAT, 2, 3)), "share"));
        assertTrue(zero.getMessage().startsWith("sumNorm \"share\": the sum over axes [1] is zero"), zero.getMessage());
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> sd.output(Map.of("x", Nd4j.ones(DataType.FLOAT, 2, 4)), "c5"));
        assertEquals("batchNorm \"c5\": expected runningMean of shape [4], got [3]", e.getMessage());
    }

    @Test
    void gradientsNameTheOpThatTheyAreOf() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", Nd4j.rand(DataType.FLOAT, 2, 3));
        SDNorm norm = new SDNorm(sd);
        SDVariable a = norm.layerNorm("a", x, null, null, EPS, 1);
        SDVariable b = norm.batchNormInference(
                "b", a, sd.constant(Nd4j.ones(3)), sd.constant(Nd4j.ones(3)), null, null, EPS, 1);
        SDVariable c = norm.batchNorm("c", b, 3, 1);
        c.sum("loss").markAsLoss();
        sd.createGradFunction("x");
        SameDiff gradients = sd.getFunction("grad");
        List<String> said = new ArrayList<>();
        gradients.getOps().values().stream()
                .filter(op -> op.getOp() instanceof NormalizeBackwardOp)
                .forEach(op -> said.add(assertThrows(UnsupportedOperationException.class, () -> op.getOp()
                                .doDiff(List.of()))
                        .getMessage()));
        for (String name : List.of("layerNorm \"a\"", "batchNormInference \"b\"", "batchNorm \"c\"")) {
            assertTrue(
                    said.contains("gradient of " + name
                            + " has no gradient of its own: second-order gradients are not supported"),
                    said::toString);
        }
    }

    /** Every function with a null name, twice in a graph, in a name scope and outside. */
    @Test
    void aNullNameLetsSameDiffChoose() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 4, 3);
        SDNorm n = new SDNorm(sd);
        Vars v = new Vars(sd);
        List<Function<String, SDVariable>> functions = List.of(
                name -> n.batchNorm(name, x, 4, 1),
                name -> n.batchNorm(name, x, null, null, v.constant(4), v.constant(4), EPS, 0.9, 1),
                name -> n.batchNormTraining(name, x, null, null, EPS, 1),
                name -> n.batchNormInference(name, x, v.constant(4), v.constant(4), null, null, EPS, 1),
                name -> n.layerNorm(name, x, null, null, EPS, 1),
                name -> n.groupNorm(name, x, 2, null, null, EPS, 1),
                name -> n.instanceNorm(name, x, null, null, EPS, 1),
                name -> n.rmsNorm(name, x, null, EPS, 1),
                name -> n.sumNorm(name, x, 9, 1),
                name -> n.unitNorm(name, x, EPS, 1),
                name -> n.normalize(name, NormSpec.layerNorm(EPS, 1), x, null, null));
        Set<String> chosen = new TreeSet<>();
        for (Function<String, SDVariable> function : functions) {
            assertTrue(chosen.add(function.apply(null).name()));
            assertTrue(chosen.add(function.apply(null).name()));
            try (NameScope scope = sd.withNameScope("s")) {
                String name = function.apply(null).name();
                assertTrue(name.startsWith(scope.getName() + "/"), name);
                assertTrue(chosen.add(name));
            }
        }
        assertTrue(sd.variableMap().keySet().stream().noneMatch(name -> name.contains("null")));
        INDArray in = Nd4j.rand(DataType.FLOAT, 2, 4, 3);
        assertEquals(
                chosen,
                sd.output(Map.of("x", in), chosen.toArray(new String[0])).keySet());
    }

    /** In a name scope, which SameDiff puts before the names of outputs but not of variables, parameters keep together. */
    @Test
    void parametersAreNamedAfterTheOutput() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 4);
        SDNorm norm = new SDNorm(sd);
        for (String scope : List.of("encoder", "decoder")) {
            try (NameScope ignored = sd.withNameScope(scope)) {
                assertEquals(scope + "/bn", norm.batchNorm("bn", x, 4, 1).name());
            }
            for (String parameter : List.of("gamma", "beta", "mean", "var")) {
                assertTrue(sd.hasVariable(scope + "/bn/" + parameter), sd.variableMap()::toString);
            }
        }
    }
}
