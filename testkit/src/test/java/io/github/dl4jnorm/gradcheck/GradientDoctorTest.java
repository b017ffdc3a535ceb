package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.gradcheck.Diagnoses.assertHealthy;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertNamed;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertText;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.NormGradients;
import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

class GradientDoctorTest {
    private static final NDNorm NORM = new NDNorm();
    private static final double EPS = 1e-3;

    // No false alarms: hundreds of right backward passes, in random shapes, axes and layouts.

    @Property(tries = 80)
    void batchNormIsHealthy(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        NormSpec spec = NormSpec.batchNorm(c.eps(), c.axes()[0]);
        assertHealthy(GradientDoctor.of(OurNorm.of(spec)).examine(c.x(), c.parameter(1), c.parameter(2)));
    }

    @Property(tries = 80)
    void batchNormInferenceIsHealthy(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        int axis = c.axes()[0];
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);
        Differentiable inference = Differentiable.ofMany(
                in -> new INDArray[] {
                    NORM.batchNormInference(in[0], mean, variance, in[1], in[2], c.eps(), axis)
                            .y()
                },
                (in, d) -> {
                    NormGradients g = NORM.batchNormInference(in[0], mean, variance, in[1], in[2], c.eps(), axis)
                            .backward(d[0]);
                    return new INDArray[] {g.dx(), g.dGamma(), g.dBeta()};
                });
        Diagnosis diagnosis = GradientDoctor.of(inference)
                .expecting(KnownNorm.batchNormInference(mean, variance, c.eps(), axis))
                .examine(c.x(), c.parameter(1), c.parameter(2));
        assertHealthy(diagnosis);
        assertEquals(List.of(), diagnosis.notes());
    }

    /** Any statistic over any axes, with γ and β, with γ that counts from 1, and with neither. */
    @Property(tries = 120)
    void anyNormOverAxesIsHealthy(
            @ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c,
            @ForAll Statistic statistic,
            @ForAll boolean unitOffset) {
        if (statistic.isGiven()) {
            return;
        }
        NormSpec spec = new NormSpec(statistic, NormAxes.over(c.axes()), c.eps()).withUnitOffset(unitOffset);
        INDArray x = statistic == Statistic.SUM ? c.mostlyPositiveX() : c.x();
        GradientDoctor doctor = GradientDoctor.of(OurNorm.of(spec));
        assertHealthy(doctor.examine(x));
        assertHealthy(doctor.expecting(KnownNorm.of(spec)).examine(x, c.parameter(1), c.parameter(2)));
    }

    static Stream<Arguments> known() {
        long[] images = {2, 4, 3, 2};
        long[] sequences = {3, 2, 4};
        return Stream.of(
                Arguments.of(KnownNorm.batchNorm(EPS, 1), images, "BatchNorm in training of [2, 4, 3, 2] over"),
                Arguments.of(KnownNorm.layerNorm(EPS, -1), sequences, "LayerNorm of [3, 2, 4] over axis 2"),
                Arguments.of(
                        KnownNorm.groupNorm(2, EPS, 1), images, "GroupNorm of [2, 4, 3, 2] over axis 1 in 2 groups"),
                Arguments.of(
                        KnownNorm.groupNorm(2, EPS, -1), sequences, "GroupNorm of [3, 2, 4] over axis 2 in 2 groups"),
                Arguments.of(
                        KnownNorm.groupNorm(4, EPS, 1), images, "GroupNorm of [2, 4, 3, 2] over axis 1 in 4 groups"),
                Arguments.of(KnownNorm.instanceNorm(EPS, 1), images, "InstanceNorm of [2, 4, 3, 2] over axes [2, 3]"),
                Arguments.of(KnownNorm.rmsNorm(EPS, 1, 2), sequences, "RMSNorm of [3, 2, 4] over axes [1, 2]"),
                Arguments.of(KnownNorm.unitNorm(EPS, 1), sequences, "x/‖x‖ of [3, 2, 4] over axis 1"),
                Arguments.of(KnownNorm.sumNorm(0, 1), sequences, "x/Σx of [3, 2, 4] over axis 1, ε = 0.0"),
                Arguments.of(
                        KnownNorm.of(NormSpec.rmsNorm(EPS, -1).withUnitOffset(true)),
                        sequences,
                        "RMSNorm of [3, 2, 4] over axis 2"));
    }

    /** What is declared is checked, and right; γ and β are recognised, and ε as it is declared, unless it is a floor. */
    @ParameterizedTest
    @MethodSource("known")
    void knowsEveryNorm(KnownNorm norm, long[] shape, String text) {
        long[] parameters = norm.spec().on("test", shape).parameterShape();
        boolean affine = norm.spec().statistic() != Statistic.L2;
        long[][] shapes = affine ? new long[][] {shape, parameters, parameters} : new long[][] {shape};
        Differentiable ours = OurNorm.of(norm.spec());
        Diagnosis declared = GradientDoctor.of(ours).expecting(norm).examineShapes(shapes);
        assertHealthy(declared);
        assertEquals(List.of(), declared.notes());
        assertTrue(declared.forward().startsWith(text), declared.forward());
        assertEquals(
                affine ? List.of("x", "gamma", "beta") : List.of("x"),
                declared.findings().stream().map(Finding::input).toList());
        Diagnosis recognised = GradientDoctor.of(ours).examineShapes(shapes);
        assertHealthy(recognised);
        boolean isFloor = norm.spec().statistic().scale() == Statistic.Scale.INVERSE_FLOORED_ROOT;
        assertEquals(isFloor ? text : details(declared), details(recognised));
    }

    /** Vectors shorter than √ε, and longer ones, in one array: where s is a constant there is no path through it. */
    @Test
    void knowsGroupsBelowAFloor() {
        NormSpec spec = NormSpec.unitNorm(0.25, 1);
        INDArray x = Doubles.toArray(DataType.DOUBLE, new long[] {3, 3}, .1, -.2, .3, 1, -2, 3, .2, 0, .1);
        Differentiable right = OurNorm.of(spec);
        Diagnosis diagnosis =
                GradientDoctor.of(right).expecting(KnownNorm.of(spec)).examine(x);
        assertHealthy(diagnosis);
        assertEquals("x/‖x‖ of [3, 3] over axis 1, ε = 0.25", diagnosis.forward());
        Diagnosis wrong = GradientDoctor.of(Differentiable.withCache(right::forward, (saved, d) -> {
                    INDArray s =
                            Transforms.pow(Transforms.max(saved[0].mul(saved[0]).sum(true, 1), spec.eps(), true), -0.5);
                    INDArray xHat = saved[0].mul(s);
                    return new INDArray[] {
                        d[0].sub(xHat.mul(d[0].mul(xHat).sum(true, 1))).mul(s)
                    };
                }))
                .expecting(KnownNorm.of(spec))
                .examine(x);
        assertNamed(wrong, "x", Cause.NORM_PATH_WRONG);
        assertText(wrong, "s is a constant where it is 1/√ε");
        assertText(wrong, "dx = s·(dy − x̂·Σ(dy·x̂)) with s = 1/√max(Σx², ε), where Σx² < ε: dx = s·dy");
    }

    private static String details(Diagnosis diagnosis) {
        return diagnosis.forward().replaceAll(".*ε", "ε");
    }

    /** The weight's gradient of an RMSNorm, with x in place of x̂. */
    @Test
    void findsTheWrongArrayInAGradientOfGamma() {
        Differentiable right = OurNorm.of(NormSpec.rmsNorm(EPS, 1));
        Differentiable wrong = Differentiable.withCache(right::forward, (saved, d) ->
                new INDArray[] {right.backward(saved, d)[0], d[0].mul(saved[0]).sum(0)});
        Diagnosis diagnosis = GradientDoctor.of(wrong).examineShapes(BATCH, new long[] {3});
        assertNamed(diagnosis, "gamma", Cause.WRONG_CACHE);
        assertText(diagnosis, "x in place of x̂");
    }

    /** With a weight that counts from 1 the output gradient is multiplied with 1 + γ. */
    @Test
    void findsAWeightWithoutItsOffset() {
        NormSpec spec = NormSpec.rmsNorm(EPS, 1).withUnitOffset(true);
        Differentiable right = OurNorm.of(spec);
        Differentiable wrong = Differentiable.withCache(right::forward, (saved, d) -> {
            INDArray weight = saved[1].div(saved[1].add(1));
            INDArray dx = right.backward(saved, d[0].mulRowVector(weight))[0];
            return new INDArray[] {dx, right.backward(saved, d)[1]};
        });
        Diagnosis diagnosis =
                GradientDoctor.of(wrong).expecting(KnownNorm.of(spec)).examineShapes(BATCH, new long[] {3});
        assertNamed(diagnosis, "x", Cause.GAMMA_WITHOUT_OFFSET);
    }

    // What the doctor says.

    private static final long[] BATCH = {5, 3};
    private static final INDArray X = array(BATCH, 1, 2, 4, 3, 7, 1, 2, 2, 8, 5, 1, 3, 9, 4, 6);

    private static INDArray shares(INDArray x) {
        return x.div(x.sum(true, 1));
    }

    private static INDArray sharesBackward(INDArray x, INDArray dy) {
        INDArray s = x.sum(true, 1);
        return dy.sub(dy.mul(x).divi(s).sum(true, 1)).divi(s);
    }

    @Test
    void judgesASingleGradient() {
        INDArray ones = Nd4j.ones(DataType.DOUBLE, BATCH);
        INDArray s = X.sum(true, 1);
        INDArray diagonal = s.rdiv(1).sub(X.div(s.mul(s)));
        Diagnosis wrong = GradientDoctor.judge(GradientDoctorTest::shares, X, ones, diagonal);
        assertEquals(List.of(Cause.DIAGONAL_ONLY), wrong.causes(), wrong::toString);
        assertTrue(
                wrong.toString().contains("the true Jacobian's largest value is 0, its diagonal's 0.122"),
                wrong::toString);

        INDArray dy = array(BATCH, 1, -2, 3, 2, 1, 0, 4, 1, -1, 2, 2, 1, 0, 3, 5);
        INDArray right = sharesBackward(X, dy);
        assertTrue(
                GradientDoctor.judge(GradientDoctorTest::shares, X, dy, right).healthy());
        Diagnosis scaled = GradientDoctor.judge(GradientDoctorTest::shares, X, dy, right.mul(2.5));
        assertEquals(List.of(Cause.SCALED), scaled.causes());
    }

    /** For dy = 1, Σ(g·x̂) is zero: nobody can see whether the path through the variance is there. */
    @Test
    void saysThatDataCannotTell() {
        INDArray ones = Nd4j.ones(DataType.DOUBLE, BATCH);
        INDArray invStd = NORM.batchNorm(X, null, null, 1e-5, 1).scale();
        Diagnosis ambiguous = GradientDoctor.judge(
                x -> NORM.batchNorm(x, null, null, 1e-5, 1).y(), X, ones, ones.mulRowVector(invStd));
        Finding finding = ambiguous.of("x");
        assertEquals(Verdict.AMBIGUOUS, finding.verdict(), ambiguous::toString);
        assertEquals(
                List.of(List.of(Cause.MEAN_PATH_MISSING), List.of(Cause.INFERENCE_FORMULA_IN_TRAINING)),
                finding.explanations().stream().map(Explanation::causes).toList(),
                ambiguous::toString);
        assertTrue(ambiguous.toString().contains("these data cannot tell"), ambiguous::toString);
    }

    @Test
    void admitsNotToKnow() {
        Diagnosis diagnosis = GradientDoctor.of(GradientDoctorTest::shares, (x, dy) -> sharesBackward(x, dy)
                        .add(dy.mul(x).muli(x).muli(0.01)))
                .examine(X);
        Finding finding = diagnosis.of("x");
        assertEquals(Verdict.UNEXPLAINED, finding.verdict(), diagnosis::toString);
        assertEquals(List.of(), finding.causes());
        String text = finding.toString();
        assertTrue(text.contains("none of those known here"), text);
        assertTrue(
                text.contains("yours − true has rank 15 of 15, is diagonal, is symmetric, largest element 0.81"), text);
    }

    @Test
    void aFunctionThatIsNoNorm() {
        assertTrue(
                GradientDoctor.of(Transforms::exp, (x, dy) -> Transforms.exp(x).muli(dy))
                        .examineShapes(BATCH)
                        .healthy());
        Diagnosis softmax = GradientDoctor.of(x -> Transforms.softmax(x), (x, dy) -> {
                    INDArray y = Transforms.softmax(x);
                    return y.mul(y.rsub(1)).muli(dy);
                })
                .examineShapes(BATCH);
        assertEquals(List.of(Cause.DIAGONAL_ONLY), softmax.causes(), softmax::toString);
        assertEquals("softmax of [5, 3] over axis 1", softmax.forward());
        Diagnosis sums = GradientDoctor.of(
                        x -> x.sum(1), (x, dy) -> x.mul(0).addiColumnVector(dy).divi(3))
                .examineShapes(BATCH);
        assertEquals(List.of(Cause.SCALED), sums.causes(), sums::toString);
    }

    @Test
    void noticesAForwardPassThatIsNotAsDeclared() {
        Diagnosis diagnosis = GradientDoctor.of(GradientDoctorTest::shares, GradientDoctorTest::sharesBackward)
                .expecting(KnownNorm.sumNorm(0, 0))
                .examine(X);
        assertEquals(
                List.of("the forward pass is not x/Σx as declared: its derivatives are others"), diagnosis.notes());
        assertEquals("x/Σx of [5, 3] over axis 1, ε = 0.0", diagnosis.forward());
        assertTrue(GradientDoctor.of(GradientDoctorTest::shares, GradientDoctorTest::sharesBackward)
                .expecting(KnownNorm.sumNorm(0, -1))
                .examine(X)
                .notes()
                .isEmpty());
    }

    /** With γ = 1 nobody can see that γ is missing. */
    @Test
    void warnsOfDataThatHideAMistake() {
        Differentiable withoutGamma = Differentiable.ofMany(
                in -> new INDArray[] {
                    NORM.batchNorm(in[0], in[1], null, 1e-5, 1).y()
                },
                (in, d) -> {
                    INDArray ones = Nd4j.ones(DataType.DOUBLE, 3);
                    NormGradients g = NORM.batchNorm(in[0], ones, null, 1e-5, 1).backward(d[0]);
                    return new INDArray[] {g.dx(), g.dGamma()};
                });
        GradientDoctor doctor = GradientDoctor.of(withoutGamma);
        Diagnosis blind = doctor.examine(X, Nd4j.ones(DataType.DOUBLE, 3));
        assertTrue(blind.healthy(), blind::toString);
        assertTrue(blind.toString().contains("γ is 1 in these data: a missing γ would not show"), blind::toString);
        assertEquals(
                List.of(Cause.GAMMA_MISSING),
                doctor.examineShapes(BATCH, new long[] {3}).causes());
    }

    @Test
    void nanIsNotRight() {
        Diagnosis diagnosis = GradientDoctor.of(
                        GradientDoctorTest::shares, (x, dy) -> array(BATCH, Doubles.filled(Double.NaN, BATCH)))
                .examine(X);
        assertEquals(Verdict.UNEXPLAINED, diagnosis.of("x").verdict(), diagnosis::toString);
        assertTrue(diagnosis.toString().contains("225 of 225 derivatives are NaN or infinite"), diagnosis::toString);
    }

    @Test
    void refusesWhatItCannotExamine() {
        GradientDoctor doctor = GradientDoctor.of(GradientDoctorTest::shares, GradientDoctorTest::sharesBackward);
        assertEquals("GradientDoctor: expected at least one input, got none", message(doctor::examine));
        assertEquals(
                "GradientDoctor: expected input 0 in DOUBLE, got FLOAT; finite differences need double precision: "
                        + "use castTo(DataType.DOUBLE)",
                message(() -> doctor.examine(X.castTo(DataType.FLOAT))));
        INDArray large = Nd4j.ones(DataType.DOUBLE, 10, 100);
        assertEquals(
                "GradientDoctor: expected a Jacobian of at most 262144 elements, got 1000000; "
                        + "smaller shapes show the same mistakes",
                message(() -> GradientDoctor.judge(GradientDoctorTest::shares, large, large, large)));
        assertEquals("GradientDoctor: expected one output, got 2", message(() -> GradientDoctor.of(
                        Differentiable.ofMany(in -> new INDArray[] {X, X}, (in, d) -> d))
                .examine(X)));
        assertEquals(
                "GradientDoctor: expected 1 gradients from the backward pass, one per input, got 2",
                message(() -> GradientDoctor.of(Differentiable.ofMany(
                                in -> new INDArray[] {in[0].mul(2)}, (in, d) -> new INDArray[] {d[0], d[0]}))
                        .examine(X)));
        assertEquals(
                "GradientDoctor: the forward pass gives NaN or infinity for these inputs",
                message(() -> doctor.examine(X.mul(0))));
        assertEquals(
                "GradientDoctor: expected dx of the shape of x, [5, 3], got [3]",
                message(() -> GradientDoctor.judge(GradientDoctorTest::shares, X, X, array(new long[] {3}, 1, 2, 3))));
        assertEquals("batchNorm: expected eps > 0, got 0.0", message(() -> KnownNorm.batchNorm(0, 1)));
        assertEquals(
                "KnownNorm: expected statistics that come from x, got GIVEN; use batchNormInference",
                message(() -> KnownNorm.of(NormSpec.batchNormInference(EPS, 1))));
        assertEquals(
                "KnownNorm: expected no activation, got RELU; examine the normalization alone",
                message(() -> KnownNorm.of(NormSpec.rmsNorm(EPS, 1).with(FusedActivation.RELU))));
        assertEquals("Diagnosis: expected one of [x], got gamma", message(() -> doctor.examine(X)
                .of("gamma")));
    }

    private static String message(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }

    private static INDArray array(long[] shape, double... values) {
        return Doubles.toArray(DataType.DOUBLE, shape, values);
    }
}
