package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.gradcheck.Diagnoses.assertHealthy;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertNamed;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertText;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.NormGradients;
import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** What the forward pass is: an explanation that rests on another one is worse than none. */
class ForwardRecognitionTest {
    private static final NDNorm NORM = new NDNorm();
    private static final double EPS = 1e-3;
    private static final long[] BATCH = {4, 6};
    private static final long[] FEATURES = {6};

    // The unbiased variance.

    /** BatchNorm whose σ² is Σ(x−μ)²/(N−1); its dx divides Σ(g·x̂) by N−1, too, or by another number. */
    private static GradientDoctor unbiased(double eps, UnaryOperator<Double> divisor) {
        return GradientDoctor.of(Differentiable.withCache(
                in -> {
                    INDArray xHat = unbiasedXHat(eps, in[0]);
                    INDArray y =
                            in.length == 1 ? xHat : xHat.mulRowVector(in[1]).addiRowVector(in[2]);
                    return Differentiable.Forward.of(y.dup()).saving(in);
                },
                (in, d) -> {
                    long n = in[0].size(0);
                    INDArray xHat = unbiasedXHat(eps, in[0]);
                    INDArray g = in.length == 1 ? d[0] : d[0].mulRowVector(in[1]);
                    INDArray dx = g.subRowVector(g.mean(0))
                            .subi(xHat.mulRowVector(g.mul(xHat).sum(0).divi(divisor.apply(n - 1.0))))
                            .muliRowVector(unbiasedScale(eps, in[0]));
                    return in.length == 1
                            ? new INDArray[] {dx}
                            : new INDArray[] {dx, d[0].mul(xHat).sum(0), d[0].sum(0)};
                }));
    }

    private static INDArray unbiasedScale(double eps, INDArray x) {
        INDArray centered = x.subRowVector(x.mean(0));
        return Transforms.pow(
                centered.mul(centered).sum(0).divi(x.size(0) - 1.0).addi(eps), -0.5);
    }

    private static INDArray unbiasedXHat(double eps, INDArray x) {
        return x.subRowVector(x.mean(0)).muliRowVector(unbiasedScale(eps, x));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-8, 1e-5, 1e-3})
    void theUnbiasedVarianceIsRecognised(double eps) {
        for (long[][] shapes : List.of(new long[][] {BATCH}, new long[][] {BATCH, FEATURES, FEATURES})) {
            Diagnosis diagnosis = unbiased(eps, n -> n).examineShapes(shapes);
            assertHealthy(diagnosis);
            String text = diagnosis.forward();
            assertTrue(
                    text.startsWith(
                            "BatchNorm in training of [4, 6] over axis 0, M = 4, its variance divided by M − 1, "
                                    + "ε = "),
                    text);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-8, 1e-3})
    void theBiasedFormulaForTheUnbiasedVariance(double eps) {
        for (long[][] shapes : List.of(new long[][] {BATCH}, new long[][] {BATCH, FEATURES, FEATURES})) {
            Diagnosis diagnosis = unbiased(eps, n -> n + 1).examineShapes(shapes);
            assertNamed(diagnosis, "x", Cause.BIASED_VARIANCE);
            assertText(diagnosis, "Σ(g·x̂) is divided by M, not by M − 1");
            assertText(diagnosis, "dx = s·(");
            assertText(diagnosis, "x̂·Σ(");
            assertText(diagnosis, "/(M−1)");
        }
    }

    @Test
    void theUnbiasedVarianceCanBeDeclared() {
        KnownNorm unbiased = KnownNorm.batchNorm(EPS, 1).withUnbiasedVariance();
        Diagnosis diagnosis = unbiased(EPS, n -> n).expecting(unbiased).examineShapes(BATCH, FEATURES, FEATURES);
        assertHealthy(diagnosis);
        assertEquals(List.of(), diagnosis.notes());
        assertFalse(unbiased(EPS, n -> n)
                .expecting(KnownNorm.batchNorm(EPS, 1))
                .examineShapes(BATCH, FEATURES, FEATURES)
                .notes()
                .isEmpty());
    }

    @Test
    void onlyAVarianceCanBeUnbiased() {
        assertEquals(
                "withUnbiasedVariance: expected a normalization by mean and variance, got RMSNorm",
                assertThrows(IllegalArgumentException.class, () -> KnownNorm.rmsNorm(EPS, 1)
                                .withUnbiasedVariance())
                        .getMessage());
    }

    // An activation behind.

    private static Stream<Arguments> activations() {
        return Stream.of(
                activation("ReLU", z -> Transforms.relu(z, true), z -> z.gt(0).castTo(z.dataType())),
                activation("tanh", z -> Transforms.tanh(z, true), z -> Transforms.pow(Transforms.tanh(z, true), 2)
                        .rsubi(1)),
                activation("sigmoid", z -> Transforms.sigmoid(z, true), z -> {
                    INDArray y = Transforms.sigmoid(z, true);
                    return y.mul(y.rsub(1));
                }));
    }

    private static Arguments activation(String name, UnaryOperator<INDArray> a, UnaryOperator<INDArray> slope) {
        return Arguments.of(name, a, slope);
    }

    /** a(γ·x̂ + β), whose backward pass multiplies dy by {@code factor} of the argument, in all gradients. */
    private static GradientDoctor activated(UnaryOperator<INDArray> a, UnaryOperator<INDArray> factor) {
        return GradientDoctor.of(Differentiable.withCache(
                in -> Differentiable.Forward.of(a.apply(batchNorm(in))).saving(in), (in, d) -> {
                    INDArray dz = d[0].mul(factor.apply(batchNorm(in)));
                    NormGradients g = in.length == 1
                            ? NORM.batchNorm(in[0], null, null, EPS, 1).backward(dz)
                            : NORM.batchNorm(in[0], in[1], in[2], EPS, 1).backward(dz);
                    return in.length == 1 ? new INDArray[] {g.dx()} : new INDArray[] {g.dx(), g.dGamma(), g.dBeta()};
                }));
    }

    private static INDArray batchNorm(INDArray... in) {
        return in.length == 1
                ? NORM.batchNorm(in[0], null, null, EPS, 1).y()
                : NORM.batchNorm(in[0], in[1], in[2].sub(1.5), EPS, 1).y();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("activations")
    void anActivationIsRecognised(String name, UnaryOperator<INDArray> a, UnaryOperator<INDArray> slope) {
        for (long[][] shapes : List.of(new long[][] {BATCH}, new long[][] {BATCH, FEATURES, FEATURES})) {
            Diagnosis diagnosis = activated(a, slope).examineShapes(shapes);
            assertHealthy(diagnosis);
            assertEquals(
                    "BatchNorm in training of [4, 6] over axis 0, M = 4, ε = 0.0010, followed by " + name,
                    diagnosis.forward());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("activations")
    void aForgottenActivation(String name, UnaryOperator<INDArray> a, UnaryOperator<INDArray> slope) {
        Diagnosis alone = activated(a, z -> z.mul(0).addi(1)).examineShapes(BATCH);
        assertNamed(alone, "x", Cause.ACTIVATION_MISSING);
        Diagnosis diagnosis = activated(a, z -> z.mul(0).addi(1)).examineShapes(BATCH, FEATURES, FEATURES);
        assertEquals(List.of(Cause.ACTIVATION_MISSING), diagnosis.causes(), diagnosis::toString);
        assertEquals(
                List.of("x", "gamma", "beta"),
                diagnosis.findings().stream().map(Finding::input).toList());
        assertTrue(diagnosis.findings().stream().allMatch(f -> f.verdict() == Verdict.EXPLAINED), diagnosis::toString);
    }

    /** With other mistakes, too. */
    @Test
    void anActivationAndGammaForgotten() {
        Diagnosis diagnosis = GradientDoctor.of(Differentiable.withCache(
                        in -> Differentiable.Forward.of(Transforms.relu(batchNorm(in), true))
                                .saving(in),
                        (in, d) -> {
                            INDArray dz = d[0].mul(batchNorm(in).gt(0).castTo(DataType.DOUBLE));
                            NormGradients right =
                                    NORM.batchNorm(in[0], in[1], in[2], EPS, 1).backward(dz);
                            INDArray dx = NORM.batchNorm(in[0], null, null, EPS, 1)
                                    .backward(d[0])
                                    .dx();
                            return new INDArray[] {dx, right.dGamma(), right.dBeta()};
                        }))
                .examineShapes(BATCH, FEATURES, FEATURES);
        assertNamed(diagnosis, "x", Cause.GAMMA_MISSING, Cause.ACTIVATION_MISSING);
    }

    @Test
    void theBiasedFormulaAndNoPathThroughTheMean() {
        Diagnosis diagnosis = GradientDoctor.of(x -> unbiasedXHat(EPS, x), (x, dy) -> {
                    INDArray xHat = unbiasedXHat(EPS, x);
                    return dy.sub(xHat.mulRowVector(dy.mul(xHat).mean(0))).muliRowVector(unbiasedScale(EPS, x));
                })
                .examineShapes(BATCH);
        assertNamed(diagnosis, "x", Cause.MEAN_PATH_MISSING, Cause.BIASED_VARIANCE);
    }

    /** An activation that y does not tell, but the gradient of β. */
    @Test
    void anUnknownActivationShowsInTheGradientOfBeta() {
        UnaryOperator<INDArray> a = z -> z.mul(Transforms.sigmoid(z, true));
        UnaryOperator<INDArray> slope = z -> {
            INDArray s = Transforms.sigmoid(z, true);
            return s.add(z.mul(s).muli(s.rsub(1)));
        };
        Diagnosis right = activated(a, slope).examineShapes(BATCH, FEATURES, FEATURES);
        assertHealthy(right);
        assertTrue(right.forward().endsWith("followed by an activation"), right.forward());
        Diagnosis wrong = activated(a, z -> z.mul(0).addi(1)).examineShapes(BATCH, FEATURES, FEATURES);
        assertEquals(List.of(Cause.ACTIVATION_MISSING), wrong.causes(), wrong::toString);
    }

    @Test
    void theMaskOfTheInputInPlaceOfThatOfTheOutput() {
        UnaryOperator<INDArray> relu = z -> Transforms.relu(z, true);
        Diagnosis diagnosis = GradientDoctor.of(
                        x -> relu.apply(NORM.layerNorm(x, null, null, EPS, 1).y()),
                        (x, dy) -> NORM.layerNorm(x, null, null, EPS, 1)
                                .backward(dy.mul(x.gt(0).castTo(DataType.DOUBLE)))
                                .dx())
                .examine(Doubles.toArray(
                        DataType.DOUBLE, new long[] {3, 4}, 1, -.5, .7, 2, -.1, -2, .3, 1.5, -3, -1, -2.5, -.4));
        assertNamed(diagnosis, "x", Cause.ACTIVATION_WRONG);
        assertText(diagnosis, "of x in place of y");
    }

    /** Our own fused activation, of another normalization. */
    @Test
    void rmsNormWithRelu() {
        NormSpec spec = NormSpec.rmsNorm(EPS, 1).with(FusedActivation.RELU);
        INDArray x =
                Doubles.toArray(DataType.DOUBLE, new long[] {3, 4}, 1, -.5, .7, 2, -.1, -2, .3, 1.5, -3, 1, -2, .4);
        Diagnosis diagnosis =
                GradientDoctor.of(OurNorm.of(spec)).examine(x, x.getRow(0).dup());
        assertHealthy(diagnosis);
        assertEquals("RMSNorm of [3, 4] over axis 1, M = 4, ε = 0.0010, followed by ReLU", diagnosis.forward());
    }

    // Softmax.

    @Test
    void softmaxIsASumNormalization() {
        Diagnosis right = softmax((y, dy) -> y.mul(dy.subColumnVector(dy.mul(y).sum(1))));
        assertHealthy(right);
        assertEquals("softmax of [4, 6] over axis 1", right.forward());
        Diagnosis diagonal = softmax((y, dy) -> y.mul(y.rsub(1)).muli(dy));
        assertNamed(diagonal, "x", Cause.DIAGONAL_ONLY);
        Diagnosis direct = softmax((y, dy) -> y.mul(dy));
        assertNamed(direct, "x", Cause.SUM_PATH_MISSING);
        assertText(direct, "dx = y·(dy − Σ(dy·y))");
        assertNamed(softmax((y, dy) -> y.mul(dy.subRowVector(dy.mul(y).sum(0)))), "x", Cause.WRONG_AXES);
        assertNamed(softmax((y, dy) -> dy.subColumnVector(dy.mul(y).sum(1))), "x", Cause.WRONG_CACHE);
    }

    private static Diagnosis softmax(java.util.function.BinaryOperator<INDArray> backward) {
        return GradientDoctor.of(
                        x -> Transforms.softmax(x, true), (x, dy) -> backward.apply(Transforms.softmax(x, true), dy))
                .examineShapes(BATCH);
    }

    // Small groups, and statistics that differ by a factor only.

    @Test
    void groupsOfTwo() {
        Differentiable batch = OurNorm.of(NormSpec.batchNorm(EPS, 1));
        for (long[][] shapes : List.of(new long[][] {{2, 5}}, new long[][] {{2, 5}, {5}, {5}})) {
            Diagnosis diagnosis = GradientDoctor.of(batch).examineShapes(shapes);
            assertHealthy(diagnosis);
            assertEquals("BatchNorm in training of [2, 5] over axis 0, M = 2, ε = 0.0010", diagnosis.forward());
        }
        Diagnosis groups = GradientDoctor.of(OurNorm.of(NormSpec.groupNorm(2, EPS, 1)))
                .examineShapes(new long[] {3, 4}, new long[] {4}, new long[] {4});
        assertHealthy(groups);
        assertEquals("GroupNorm of [3, 4] over axis 1 in 2 groups, M = 2, ε = 0.0010", groups.forward());
    }

    @Test
    void aMistakeInGroupsOfTwo() {
        Differentiable right = OurNorm.of(NormSpec.batchNorm(EPS, 1));
        Diagnosis diagnosis = GradientDoctor.of(Differentiable.withCache(right::forward, (saved, d) -> {
                    INDArray[] gradients = right.backward(saved, d);
                    gradients[0] = gradients[0].divRowVector(saved[1]);
                    return gradients;
                }))
                .examineShapes(new long[] {2, 5}, new long[] {5}, new long[] {5});
        assertNamed(diagnosis, "x", Cause.GAMMA_MISSING);
    }

    @Test
    void groupsOfOne() {
        Diagnosis rms = GradientDoctor.of(OurNorm.of(NormSpec.rmsNorm(0.1, 1)))
                .examineShapes(new long[] {5, 1}, new long[] {1});
        assertHealthy(rms);
        assertEquals("RMSNorm of [5, 1] over axis 1, M = 1, ε = 0.10", rms.forward());
        Diagnosis batch = GradientDoctor.of(OurNorm.of(NormSpec.batchNorm(EPS, 1)))
                .examineShapes(new long[] {1, 5}, new long[] {5}, new long[] {5});
        assertHealthy(batch);
        assertTrue(
                batch.forward()
                        .contains("does not depend on x, like a normalization that subtracts the mean of a"
                                + " single element"),
                batch.forward());
    }

    @Test
    void unitNormWithGamma() {
        Diagnosis diagnosis =
                GradientDoctor.of(OurNorm.of(NormSpec.unitNorm(EPS, 1))).examineShapes(BATCH, FEATURES);
        assertHealthy(diagnosis);
        assertEquals("x/‖x‖ of [4, 6] over axis 1", diagnosis.forward());
    }

    /** x/√(Σx²+ε) = (1/√M)·x/√(Σx²/M + ε/M): an ε that is added is no floor. */
    @Test
    void unitNormWithAnAddedEpsIsAnRmsNorm() {
        Diagnosis diagnosis = GradientDoctor.of(Differentiable.of(x -> x.mul(inverseNorm(x)), (x, dy) -> {
                    INDArray s = inverseNorm(x);
                    INDArray xHat = x.mul(s);
                    return dy.sub(xHat.mul(dy.mul(xHat).sum(true, 1))).mul(s);
                }))
                .examineShapes(BATCH);
        assertHealthy(diagnosis);
        assertEquals("RMSNorm of [4, 6] over axis 1, M = 6, ε = 0.10", diagnosis.forward());
    }

    private static INDArray inverseNorm(INDArray x) {
        return Transforms.pow(x.mul(x).sum(true, 1).add(0.6), -0.5);
    }

    // What is no normalization.

    private static Stream<UnaryOperator<INDArray>> noNorms() {
        return Stream.of(
                x -> x.mul(2),
                x -> x.sub(3),
                x -> Transforms.relu(x, true),
                x -> Transforms.abs(x, true),
                x -> x.mulRowVector(Doubles.toArray(DataType.DOUBLE, new long[] {6}, 1, 2, 3, 4, 5, 6)),
                x -> Transforms.tanh(x, true));
    }

    @ParameterizedTest
    @MethodSource("noNorms")
    void isNoNorm(UnaryOperator<INDArray> f) {
        for (INDArray x : List.of(
                Doubles.toArray(
                        DataType.DOUBLE,
                        BATCH,
                        new java.util.Random(1).doubles(24, .5, 2.5).toArray()),
                Doubles.toArray(
                        DataType.DOUBLE,
                        BATCH,
                        new java.util.Random(2).doubles(24, -1, 1).toArray()))) {
            Diagnosis diagnosis = GradientDoctor.of(f, (in, dy) -> dy).examine(x);
            assertEquals("a function of [4, 6] to [4, 6] that is not known here", diagnosis.forward());
        }
    }

    // Running statistics that nobody declared.

    private static final INDArray MEAN = Doubles.toArray(DataType.DOUBLE, FEATURES, 1, 1.2, 1.4, 1.6, 1.8, 2);
    private static final INDArray SCALE = Doubles.toArray(DataType.DOUBLE, FEATURES, 2, 1.5, .9, 1.1, 3, .7);

    @Test
    void theTrainingFormulaWithRunningStatisticsAndGamma() {
        Differentiable test = Differentiable.ofMany(
                in -> new INDArray[] {running(in[0]).mulRowVector(in[1]).addiRowVector(in[2])}, (in, d) -> {
                    INDArray xHat = running(in[0]);
                    INDArray g = d[0].mulRowVector(in[1]);
                    INDArray dx = g.subRowVector(g.mean(0))
                            .subi(xHat.mulRowVector(g.mul(xHat).mean(0)))
                            .muliRowVector(SCALE);
                    return new INDArray[] {dx, d[0].mul(xHat).sum(0), d[0].sum(0)};
                });
        Diagnosis diagnosis = GradientDoctor.of(test).examineShapes(BATCH, FEATURES, FEATURES);
        assertEquals(
                "BatchNorm in inference of [4, 6] over axis 0, its statistics seen in the gradient of gamma",
                diagnosis.forward());
        assertNamed(diagnosis, "x", Cause.TRAINING_FORMULA_IN_INFERENCE);
    }

    /** The same with a γ that is no input. */
    @Test
    void theTrainingFormulaWithRunningStatisticsAndAHiddenGamma() {
        INDArray gamma = Doubles.toArray(DataType.DOUBLE, FEATURES, .5, -1.5, 2, .8, 1.3, -.6);
        Diagnosis diagnosis = GradientDoctor.of(
                        x -> running(x).mulRowVector(gamma).addiRowVector(MEAN), (x, dy) -> {
                            INDArray xHat = running(x);
                            INDArray g = dy.mulRowVector(gamma);
                            return g.subRowVector(g.mean(0))
                                    .subi(xHat.mulRowVector(g.mul(xHat).mean(0)))
                                    .muliRowVector(SCALE);
                        })
                .examineShapes(BATCH);
        assertNamed(diagnosis, "x", Cause.TRAINING_FORMULA_IN_INFERENCE);
    }

    private static INDArray running(INDArray x) {
        return x.subRowVector(MEAN).muliRowVector(SCALE);
    }
}
