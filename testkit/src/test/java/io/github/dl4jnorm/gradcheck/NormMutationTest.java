package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.gradcheck.Diagnoses.assertHealthy;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertNamed;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertText;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.gradcheck.HandWrittenNorm.Formula;
import io.github.dl4jnorm.gradcheck.HandWrittenNorm.Pass;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** One line for each normalization that is right, and for each way to get its gradient wrong. */
class NormMutationTest {
    private static final double EPS = 1e-3;
    private static final int N = 4;

    private static final HandWrittenNorm BATCH =
            new HandWrittenNorm("BatchNorm", NormSpec.batchNorm(EPS, 1), true, N, 6);
    private static final HandWrittenNorm IMAGES =
            new HandWrittenNorm("BatchNorm of images", NormSpec.batchNorm(EPS, 1), true, 3, 2, 2, 2);
    private static final HandWrittenNorm LAYER =
            new HandWrittenNorm("LayerNorm", NormSpec.layerNorm(EPS, 1), true, N, 6);
    private static final HandWrittenNorm GROUP =
            new HandWrittenNorm("GroupNorm", NormSpec.groupNorm(2, EPS, 1), true, 3, 4, 2, 2);
    private static final HandWrittenNorm INSTANCE =
            new HandWrittenNorm("InstanceNorm", NormSpec.instanceNorm(EPS, 1), true, 3, 2, 2, 2);
    private static final HandWrittenNorm RMS = new HandWrittenNorm("RMSNorm", NormSpec.rmsNorm(EPS, 1), true, N, 6);
    private static final HandWrittenNorm UNIT = new HandWrittenNorm("x/‖x‖", NormSpec.unitNorm(EPS, 1), false, 3, 5);
    private static final HandWrittenNorm SUM = new HandWrittenNorm("x/Σx", NormSpec.sumNorm(0, 1), false, 3, 4, 5);
    private static final HandWrittenNorm SUM_EPS =
            new HandWrittenNorm("x/(Σx+ε)", NormSpec.sumNorm(EPS, 1), false, 3, 4, 5);

    static INDArray standardized(Pass p) {
        return p.dx(p.mean(p.g), p.mean(p.g.mul(p.xHat)));
    }

    private static INDArray rms(Pass p) {
        return p.dx(null, p.mean(p.g.mul(p.xHat)));
    }

    private static INDArray unit(Pass p) {
        return p.dx(null, p.sum(p.g.mul(p.xHat)));
    }

    private static INDArray shares(Pass p) {
        return p.dx(p.sum(p.g.mul(p.xHat)), null);
    }

    static Stream<Arguments> right() {
        Formula standardized = NormMutationTest::standardized;
        return Stream.of(
                Arguments.of(BATCH, standardized, "BatchNorm in training of [4, 6] over axis 0, M = 4, ε = 0.0010"),
                Arguments.of(IMAGES, standardized, "BatchNorm in training of [3, 2, 2, 2] over axes [0, 2, 3], M = 12"),
                Arguments.of(LAYER, standardized, "LayerNorm of [4, 6] over axis 1, M = 6"),
                Arguments.of(GROUP, standardized, "GroupNorm of [3, 4, 2, 2] over axis 1 in 2 groups and axes [2, 3]"),
                Arguments.of(INSTANCE, standardized, "InstanceNorm (or LayerNorm without gamma) of [3, 2, 2, 2]"),
                Arguments.of(RMS, (Formula) NormMutationTest::rms, "RMSNorm of [4, 6] over axis 1, M = 6, ε = 0.0010"),
                Arguments.of(UNIT, (Formula) NormMutationTest::unit, "x/‖x‖ of [3, 5] over axis 1"),
                Arguments.of(SUM, (Formula) NormMutationTest::shares, "x/Σx of [3, 4, 5] over axis 1, ε = 0.0"),
                Arguments.of(SUM_EPS, (Formula) NormMutationTest::shares, "x/Σx of [3, 4, 5] over axis 1, ε = 0.0010"));
    }

    @ParameterizedTest
    @MethodSource("right")
    void isRecognisedAndRight(HandWrittenNorm norm, Formula formula, String text) {
        Diagnosis diagnosis = norm.diagnose(formula);
        assertHealthy(diagnosis);
        assertEquals(text, diagnosis.forward().substring(0, text.length()));
    }

    private static Arguments row(HandWrittenNorm norm, Cause cause, String text, Formula formula) {
        return Arguments.of(norm, cause, text, formula);
    }

    /** A and B with means over these axes of what g and x̂ are computed in. */
    private static Arguments wrongAxes(HandWrittenNorm norm, String text, int... axes) {
        return row(
                norm,
                Cause.WRONG_AXES,
                text,
                p -> p.dx(p.g.mean(true, axes), p.g.mul(p.xHat).mean(true, axes)));
    }

    static Stream<Arguments> wrong() {
        return Stream.of(batch(), layers(), groups(), roots(), units(), sums()).flatMap(rows -> rows);
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @MethodSource("wrong")
    void isNamed(HandWrittenNorm norm, Cause cause, String text, Formula formula) {
        Diagnosis diagnosis = norm.diagnose(formula);
        assertNamed(diagnosis, "x", cause);
        assertText(diagnosis, text);
    }

    private static Stream<Arguments> batch() {
        return Stream.of(
                row(BATCH, Cause.MEAN_PATH_MISSING, "−s·Σg/M", p -> p.dx(null, p.mean(p.g.mul(p.xHat)))),
                row(BATCH, Cause.VARIANCE_PATH_MISSING, "−s·x̂·Σ(g·x̂)/M", p -> p.dx(p.mean(p.g), null)),
                row(BATCH, Cause.INFERENCE_FORMULA_IN_TRAINING, "statistics depend on x", p -> p.dx(null, null)),
                row(
                        BATCH,
                        Cause.MEAN_PATH_WRONG,
                        "its sign",
                        p -> p.dx(p.mean(p.g).neg(), p.mean(p.g.mul(p.xHat)))),
                row(
                        BATCH,
                        Cause.MEAN_PATH_WRONG,
                        "Σg is not divided by M",
                        p -> p.dx(p.sum(p.g), p.mean(p.g.mul(p.xHat)))),
                row(
                        BATCH,
                        Cause.VARIANCE_PATH_WRONG,
                        "Σ(g·x̂) is not divided by M",
                        p -> p.dx(p.mean(p.g), p.sum(p.g.mul(p.xHat)))),
                row(BATCH, Cause.DIAGONAL_ONLY, "along axes [0]", p -> p.g.mul(p.s)
                        .mul(p.xHat.mul(p.xHat).add(1).div(p.m).rsub(1))),
                row(BATCH, Cause.GAMMA_MISSING, "g = γ·dy, not dy", p -> standardized(p)
                        .div(p.gamma)),
                row(BATCH, Cause.UNBIASED_VARIANCE, "divided by M − 1", p -> {
                    INDArray s = Transforms.pow(p.q.mul(N / (N - 1.0)).add(EPS), -0.5);
                    INDArray hat = p.centered().mul(s);
                    return p.g.sub(p.mean(p.g))
                            .sub(hat.mul(p.mean(p.g.mul(hat))))
                            .mul(s);
                }),
                row(BATCH, Cause.WRONG_CACHE, "√(σ²+ε) in place of s", p -> standardized(p)
                        .div(p.s)
                        .div(p.s)),
                row(
                        BATCH,
                        Cause.WRONG_COUNT,
                        "by 6, the size of axis 1, in place of M = 4, the size of axis 0",
                        p -> counted(p, p.xHat, 6)),
                row(BATCH, Cause.WRONG_SIGN, "wrong sign", p -> standardized(p).neg()),
                row(BATCH, Cause.SCALED, "by 0.3", p -> standardized(p).mul(0.3)),
                // The statistics run over N, H and W, these sums over N only.
                wrongAxes(IMAGES, "over axis 0, not axes [0, 2, 3]", 0),
                row(
                        IMAGES,
                        Cause.WRONG_AXES,
                        "Σg and Σ(g·x̂), but not M",
                        p -> p.dx(
                                p.g.sum(true, 0).div(12),
                                p.g.mul(p.xHat).sum(true, 0).div(12))));
    }

    private static INDArray counted(Pass p, INDArray hat, double count) {
        return p.dx(p.sum(p.g).div(count), hat, p.sum(p.g.mul(hat)).div(count));
    }

    private static Stream<Arguments> layers() {
        return Stream.of(
                row(
                        LAYER,
                        Cause.WRONG_COUNT,
                        "by 4, the size of axis 0, in place of M = 6, the size of axis 1",
                        p -> counted(p, p.xHat, N)),
                row(LAYER, Cause.WRONG_COUNT, "s/M before (M·g − Σg − x̂·Σ(g·x̂))", p -> standardized(p)
                        .mul(p.m / N)),
                row(LAYER, Cause.WRONG_CACHE, "x − μ in place of x̂", p -> counted(p, p.centered(), p.m)),
                row(LAYER, Cause.WRONG_CACHE, "x·s in place of x̂ = (x − μ)·s", p -> counted(p, p.x.mul(p.s), p.m)),
                row(LAYER, Cause.GAMMA_AFTER_SUMS, "g = γ·dy", p -> p.dy.sub(p.mean(p.dy))
                        .sub(p.xHat.mul(p.mean(p.dy.mul(p.xHat))))
                        .mul(p.s)
                        .mul(p.gamma)),
                wrongAxes(LAYER, "over axis 0, not axis 1", 0));
    }

    /** GroupNorm computes in [N, G, C/G, H, W]. */
    private static Stream<Arguments> groups() {
        String group = ", not axis 1 in 2 groups and axes [2, 3]";
        return Stream.of(
                wrongAxes(GROUP, "over axes [2, 3]" + group, 3, 4),
                wrongAxes(GROUP, "over axes [1, 2, 3]" + group, 1, 2, 3, 4),
                wrongAxes(GROUP, "2 groups of channels that are not neighbours", 1, 3, 4),
                row(
                        GROUP,
                        Cause.WRONG_COUNT,
                        "by 4, the size of axis 1, in place of M = 8",
                        p -> counted(p, p.xHat, 4)),
                row(GROUP, Cause.MEAN_PATH_MISSING, "−s·Σg/M", p -> p.dx(null, p.mean(p.g.mul(p.xHat)))),
                row(GROUP, Cause.VARIANCE_PATH_MISSING, "−s·x̂·Σ(g·x̂)/M", p -> p.dx(p.mean(p.g), null)),
                row(GROUP, Cause.GAMMA_AFTER_SUMS, "g = γ·dy", p -> p.dy.sub(p.mean(p.dy))
                        .sub(p.xHat.mul(p.mean(p.dy.mul(p.xHat))))
                        .mul(p.s)
                        .mul(p.gamma)),
                wrongAxes(INSTANCE, "over axes [0, 2, 3], not axes [2, 3]", 0, 2, 3),
                row(INSTANCE, Cause.INFERENCE_FORMULA_IN_TRAINING, "statistics depend on x", p -> p.dx(null, null)),
                row(INSTANCE, Cause.GAMMA_MISSING, "g = γ·dy, not dy", p -> standardized(p)
                        .div(p.gamma)));
    }

    private static Stream<Arguments> roots() {
        String q = "∂s/∂(Σx²/M) = −½·s³";
        return Stream.of(
                row(RMS, Cause.MEAN_SQUARE_PATH_MISSING, "−s·x̂·Σ(g·x̂)/M", p -> p.dx(null, null)),
                row(
                        RMS,
                        Cause.MEAN_SQUARE_PATH_WRONG,
                        "its sign",
                        p -> p.dx(null, p.mean(p.g.mul(p.xHat)).neg())),
                row(
                        RMS,
                        Cause.MEAN_SQUARE_PATH_WRONG,
                        q + ", with the ½",
                        p -> p.dx(null, p.mean(p.g.mul(p.xHat)).mul(2))),
                row(
                        RMS,
                        Cause.MEAN_SQUARE_PATH_WRONG,
                        "∂(Σx²/M)/∂x = 2x/M, with the 2",
                        p -> p.dx(null, p.mean(p.g.mul(p.xHat)).div(2))),
                row(
                        RMS,
                        Cause.MEAN_SQUARE_PATH_WRONG,
                        "s² in place of s³: " + q,
                        p -> p.dx(null, p.x, p.mean(p.g.mul(p.xHat)))),
                row(RMS, Cause.MEAN_SQUARE_PATH_WRONG, "is not divided by M", p -> p.dx(null, p.sum(p.g.mul(p.xHat)))),
                row(
                        RMS,
                        Cause.WRONG_COUNT,
                        "by 4, the size of axis 0, in place of M = 6, the size of axis 1",
                        p -> p.dx(null, p.sum(p.g.mul(p.xHat)).div(N))),
                row(RMS, Cause.WRONG_COUNT, "Σx² is not divided by M", p -> {
                    INDArray s = Transforms.pow(p.sum(p.x.mul(p.x)).add(EPS), -0.5);
                    return p.g.sub(p.x.mul(s).mul(p.mean(p.g.mul(p.x).mul(s)))).mul(s);
                }),
                row(RMS, Cause.SUPERFLUOUS_MEAN, "Σg/M from g", NormMutationTest::standardized),
                row(RMS, Cause.SUPERFLUOUS_MEAN, "μ from x", p -> {
                    INDArray hat = p.x.sub(p.mu).mul(p.s);
                    return p.dx(null, hat, p.mean(p.g.mul(hat)));
                }),
                row(RMS, Cause.SUPERFLUOUS_MEAN, "the backward pass of LayerNorm", p -> {
                    INDArray centered = p.x.sub(p.mu);
                    INDArray s = Transforms.pow(p.mean(centered.mul(centered)).add(EPS), -0.5);
                    INDArray hat = centered.mul(s);
                    return p.g.sub(p.mean(p.g))
                            .sub(hat.mul(p.mean(p.g.mul(hat))))
                            .mul(s);
                }),
                row(RMS, Cause.EPS_MISSING, "s = 1/√(Σx²/M+ε)", p -> {
                    INDArray s = Transforms.pow(p.q, -0.5);
                    return p.g.sub(p.x.mul(s).mul(p.mean(p.g.mul(p.x).mul(s)))).mul(s);
                }),
                row(RMS, Cause.EPS_MISSING, "x̂ being right", p -> rms(p).div(p.s)
                        .div(Transforms.sqrt(p.q))),
                row(RMS, Cause.EPS_OUTSIDE_ROOT, "x̂ being right", p -> rms(p).div(p.s)
                        .div(Transforms.sqrt(p.q).add(EPS))),
                row(RMS, Cause.WRONG_CACHE, "√(Σx²/M+ε) in place of s", p -> rms(p).div(p.s)
                        .div(p.s)),
                row(RMS, Cause.WRONG_CACHE, "x in place of x̂", p -> p.dx(null, p.x, p.mean(p.g.mul(p.x)))),
                row(RMS, Cause.GAMMA_MISSING, "g = γ·dy, not dy", p -> p.dy.sub(p.xHat.mul(p.mean(p.dy.mul(p.xHat))))
                        .mul(p.s)),
                row(RMS, Cause.GAMMA_AFTER_SUMS, "g = γ·dy", p -> p.dy.sub(p.xHat.mul(p.mean(p.dy.mul(p.xHat))))
                        .mul(p.s)
                        .mul(p.gamma)),
                row(
                        RMS,
                        Cause.WRONG_AXES,
                        "over axis 0, not axis 1",
                        p -> p.dx(null, p.g.mul(p.xHat).mean(true, 0))),
                row(RMS, Cause.DIAGONAL_ONLY, "along axes [1]", p -> p.g.mul(p.s)
                        .mul(p.xHat.mul(p.xHat).div(p.m).rsub(1))));
    }

    private static Stream<Arguments> units() {
        return Stream.of(
                row(UNIT, Cause.DIAGONAL_ONLY, "along axes [1]", p -> p.g.mul(p.s)
                        .mul(p.xHat.mul(p.xHat).rsub(1))),
                row(UNIT, Cause.NORM_PATH_MISSING, "−s·x̂·Σ(g·x̂)", p -> p.dx(null, null)),
                row(UNIT, Cause.NORM_PATH_WRONG, "a mean in place of Σ(g·x̂)", NormMutationTest::rms),
                row(UNIT, Cause.NORM_PATH_WRONG, "s² in place of s³", p -> p.dx(null, p.sum(p.g.mul(p.x)))),
                row(UNIT, Cause.SUPERFLUOUS_MEAN, "Σg/M from g", p -> p.dx(p.mean(p.g), p.sum(p.g.mul(p.xHat)))),
                row(UNIT, Cause.WRONG_EPS, "1e-03 is added, not the least that Σx² counts as", p -> {
                    INDArray s = Transforms.pow(p.q.add(1e-3), -0.5);
                    return p.g.sub(p.x.mul(s).mul(p.sum(p.g.mul(p.x).mul(s)))).mul(s);
                }),
                row(
                        UNIT,
                        Cause.WRONG_AXES,
                        "over axis 0, not axis 1",
                        p -> p.dx(null, p.g.mul(p.xHat).sum(true, 0))));
    }

    private static Stream<Arguments> sums() {
        return Stream.of(
                row(SUM, Cause.DIAGONAL_ONLY, "along axes [1]", p -> p.g.mul(p.s)
                        .mul(p.xHat.rsub(1))),
                row(SUM, Cause.SUM_PATH_MISSING, "−s·Σ(g·x̂)", p -> p.dx(null, null)),
                row(
                        SUM,
                        Cause.SUM_PATH_WRONG,
                        "its sign",
                        p -> p.dx(p.sum(p.g.mul(p.xHat)).neg(), null)),
                row(SUM, Cause.SUM_PATH_WRONG, "s in place of s²", p -> p.dx(p.sum(p.g.mul(p.x)), null)),
                row(SUM, Cause.SUM_PATH_WRONG, "a mean in place of Σ(g·x̂)", p -> p.dx(p.mean(p.g.mul(p.xHat)), null)),
                row(
                        SUM,
                        Cause.WRONG_AXES,
                        "over axes [0, 1, 2], not axis 1",
                        p -> p.dx(p.g.mul(p.xHat).sum(true, 0, 1, 2), null)),
                row(SUM, Cause.TRANSPOSED, "transposed", p -> p.g.sub(p.xHat.mul(p.sum(p.g)))
                        .mul(p.s)),
                row(SUM_EPS, Cause.EPS_MISSING, "s = 1/(Σx+ε)", p -> {
                    INDArray sum = p.sum(p.x);
                    return p.g.sub(p.sum(p.g.mul(p.x)).div(sum)).div(sum);
                }));
    }
}
