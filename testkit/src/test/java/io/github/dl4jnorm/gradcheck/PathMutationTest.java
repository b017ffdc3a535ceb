package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.gradcheck.Diagnoses.assertNamed;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertText;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import io.github.dl4jnorm.gradcheck.HandWrittenNorm.Formula;
import io.github.dl4jnorm.gradcheck.HandWrittenNorm.Pass;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Mistakes in one of the paths of a backward pass, singly and in pairs: γ, a count, ε, = for +=, another group. */
class PathMutationTest {
    private static final double EPS = 1e-3;
    private static final HandWrittenNorm BATCH =
            new HandWrittenNorm("BatchNorm", NormSpec.batchNorm(EPS, 1), true, 5, 7);
    private static final HandWrittenNorm LAYER =
            new HandWrittenNorm("LayerNorm", NormSpec.layerNorm(EPS, 1), true, 4, 6);
    private static final HandWrittenNorm SEQUENCES =
            new HandWrittenNorm("LayerNorm of sequences", NormSpec.layerNorm(EPS, 2), true, 2, 3, 5);
    private static final HandWrittenNorm RMS = new HandWrittenNorm("RMSNorm", NormSpec.rmsNorm(EPS, 1), true, 4, 6);

    private static INDArray direct(Pass p, INDArray g) {
        return g.mul(p.s);
    }

    private static INDArray mean(Pass p, INDArray g) {
        return p.mean(g).mul(p.s).neg().broadcast(p.x.shape());
    }

    private static INDArray variance(Pass p, INDArray g) {
        return p.xHat.mul(p.mean(g.mul(p.xHat))).muli(p.s).negi();
    }

    private static INDArray twice(Pass p) {
        return p.g.mul(p.gamma);
    }

    private static INDArray divided(Pass p) {
        return p.dy.div(p.gamma);
    }

    private static Arguments row(HandWrittenNorm norm, Cause cause, String text, Formula formula) {
        return Arguments.of(norm, cause, text, formula);
    }

    private static INDArray all(Pass p, INDArray g) {
        return direct(p, g).add(mean(p, g)).add(variance(p, g));
    }

    static Stream<Arguments> mistakes() {
        List<Arguments> rows = new ArrayList<>();
        for (HandWrittenNorm norm : List.of(BATCH, LAYER)) {
            addGammas(rows, norm);
            addOverwritten(rows, norm);
            addCounts(rows, norm);
            addEps(rows, norm);
        }
        addOfRms(rows);
        addOtherGroups(rows);
        return rows.stream();
    }

    private static void addGammas(List<Arguments> rows, HandWrittenNorm norm) {
        String inMean = "in the path through the mean";
        String inVariance = "in the path through the variance";
        Cause missing = Cause.GAMMA_MISSING;
        Cause twice = Cause.GAMMA_TWICE;
        Cause divided = Cause.GAMMA_DIVIDED;
        rows.add(row(
                norm, missing, inMean, p -> direct(p, p.g).add(mean(p, p.dy)).add(variance(p, p.g))));
        rows.add(row(
                norm, missing, inVariance, p -> direct(p, p.g).add(mean(p, p.g)).add(variance(p, p.dy))));
        rows.add(row(norm, missing, "in the direct path", p -> direct(p, p.dy)
                .add(mean(p, p.g))
                .add(variance(p, p.g))));
        rows.add(row(norm, missing, "in the paths through mean and variance", p -> direct(p, p.g)
                .add(mean(p, p.dy))
                .add(variance(p, p.dy))));
        rows.add(row(norm, twice, "γ² in place of γ", p -> all(p, twice(p))));
        rows.add(row(
                norm, twice, inMean, p -> direct(p, p.g).add(mean(p, twice(p))).add(variance(p, p.g))));
        rows.add(row(
                norm, twice, inVariance, p -> direct(p, p.g).add(mean(p, p.g)).add(variance(p, twice(p)))));
        rows.add(row(norm, divided, "dy/γ", p -> all(p, divided(p))));
        rows.add(row(norm, divided, inMean, p -> direct(p, p.g)
                .add(mean(p, divided(p)))
                .add(variance(p, p.g))));
        rows.add(row(
                norm, divided, inVariance, p -> direct(p, p.g).add(mean(p, p.g)).add(variance(p, divided(p)))));
    }

    private static void addOverwritten(List<Arguments> rows, HandWrittenNorm norm) {
        Cause cause = Cause.PATH_OVERWRITTEN;
        rows.add(row(norm, cause, "only the path through the mean is left", p -> mean(p, p.g)));
        rows.add(row(norm, cause, "only the path through the variance is left", p -> variance(p, p.g)));
        rows.add(row(norm, Cause.DIRECT_PATH_MISSING, "s·g", p -> mean(p, p.g).add(variance(p, p.g))));
    }

    private static void addCounts(List<Arguments> rows, HandWrittenNorm norm) {
        rows.add(row(norm, Cause.WRONG_COUNT, "neither Σg nor Σ(g·x̂) is divided by M", p -> direct(p, p.g)
                .add(mean(p, p.g).mul(p.m))
                .add(variance(p, p.g).mul(p.m))));
        rows.add(row(norm, Cause.WRONG_COUNT, "M − 1, in place of M", p -> direct(p, p.g)
                .add(mean(p, p.g).mul(p.m / (p.m - 1)))
                .add(variance(p, p.g))));
        rows.add(row(norm, Cause.WRONG_COUNT, "M − 1, in place of M", p -> direct(p, p.g)
                .add(mean(p, p.g))
                .add(variance(p, p.g).mul(p.m / (p.m - 1)))));
    }

    private static void addEps(List<Arguments> rows, HandWrittenNorm norm) {
        for (double eps : new double[] {1e-2, 1e-4, 1e-5}) {
            String text = String.format(java.util.Locale.ROOT, "%.0e in place of ε = 1e-03", eps);
            rows.add(row(norm, Cause.WRONG_EPS, text, p -> withEps(p, eps)));
            rows.add(row(norm, Cause.WRONG_EPS, "x̂ being right", p -> all(p, p.g)
                    .div(p.s)
                    .mul(Transforms.pow(p.q.add(eps), -0.5))));
        }
    }

    private static INDArray withEps(Pass p, double eps) {
        INDArray s = Transforms.pow(p.q.add(eps), -0.5);
        INDArray hat = p.centered().mul(s);
        return p.g.sub(p.mean(p.g)).sub(hat.mul(p.mean(p.g.mul(hat)))).mul(s);
    }

    private static void addOfRms(List<Arguments> rows) {
        String path = "in the path through the mean square";
        rows.add(row(RMS, Cause.GAMMA_MISSING, path, p -> direct(p, p.g).add(variance(p, p.dy))));
        rows.add(row(RMS, Cause.GAMMA_TWICE, path, p -> direct(p, p.g).add(variance(p, twice(p)))));
        rows.add(row(
                RMS, Cause.PATH_OVERWRITTEN, "only the path through the mean square is left", p -> variance(p, p.g)));
        rows.add(row(RMS, Cause.WRONG_EPS, "1e-06 in place of ε = 1e-03", p -> {
            INDArray s = Transforms.pow(p.q.add(1e-6), -0.5);
            INDArray hat = p.x.mul(s);
            return p.g.sub(hat.mul(p.mean(p.g.mul(hat)))).mul(s);
        }));
    }

    /** Rows [b, s] of [B, S, D] are numbered b·S + s; a kernel for [N, D] that takes b or s reads another row's sums. */
    private static void addOtherGroups(List<Arguments> rows) {
        Cause cause = Cause.WRONG_GROUP;
        rows.add(row(
                SEQUENCES,
                cause,
                "the sums of",
                p -> p.dx(firstOfExample(p.mean(p.g)), firstOfExample(p.mean(p.g.mul(p.xHat))))));
        rows.add(row(
                SEQUENCES,
                cause,
                "the sums of",
                p -> p.dx(ofFirstExample(p.mean(p.g)), ofFirstExample(p.mean(p.g.mul(p.xHat))))));
        rows.add(row(SEQUENCES, cause, "the mean and s of", p -> {
            INDArray s = ofFirstExample(p.s);
            INDArray hat = p.x.sub(ofFirstExample(p.mu)).mul(s);
            return p.g.sub(p.mean(p.g)).sub(hat.mul(p.mean(p.g.mul(hat)))).mul(s);
        }));
        rows.add(row(
                LAYER,
                cause,
                "the sums of",
                p -> p.dx(ofFirstExample(p.mean(p.g)), ofFirstExample(p.mean(p.g.mul(p.xHat))))));
    }

    private static INDArray firstOfExample(INDArray rows) {
        INDArray first = rows.get(
                org.nd4j.linalg.indexing.NDArrayIndex.all(),
                org.nd4j.linalg.indexing.NDArrayIndex.interval(0, 1),
                org.nd4j.linalg.indexing.NDArrayIndex.all());
        return first.dup().broadcast(rows.shape());
    }

    private static INDArray ofFirstExample(INDArray rows) {
        INDArray copy = rows.dup();
        for (int n = 1; n < rows.size(0); n++) {
            copy.slice(n).assign(rows.slice(0));
        }
        return copy;
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @MethodSource("mistakes")
    void isNamed(HandWrittenNorm norm, Cause cause, String text, Formula formula) {
        Diagnosis diagnosis = norm.diagnose(formula);
        assertNamed(diagnosis, "x", cause);
        assertText(diagnosis, text);
    }

    // Pairs: of all that account for what is wrong, the two are one explanation, or a plainer one is.

    static Stream<Arguments> pairs() {
        return Stream.of(
                pair(Cause.GAMMA_MISSING, Cause.VARIANCE_PATH_WRONG, p -> direct(p, p.g)
                        .add(mean(p, p.dy))
                        .add(variance(p, p.g).mul(p.m))),
                pair(Cause.GAMMA_TWICE, Cause.MEAN_PATH_MISSING, p -> direct(p, twice(p))
                        .add(variance(p, twice(p)))),
                pair(Cause.GAMMA_DIVIDED, Cause.MEAN_PATH_WRONG, p -> direct(p, divided(p))
                        .sub(mean(p, divided(p)))
                        .add(variance(p, divided(p)))),
                pair(Cause.GAMMA_MISSING, Cause.PATH_OVERWRITTEN, p -> variance(p, p.dy)),
                pair(Cause.WRONG_EPS, Cause.GAMMA_MISSING, p -> withEps(p, 1e-2).div(p.gamma)),
                pair(Cause.WRONG_EPS, Cause.WRONG_SIGN, p -> withEps(p, 1e-2).neg()),
                pair(Cause.WRONG_COUNT, Cause.VARIANCE_PATH_WRONG, p -> direct(p, p.g)
                        .add(mean(p, p.g).mul(p.m / (p.m - 1)))
                        .sub(variance(p, p.g))),
                pair(Cause.WRONG_GROUP, Cause.GAMMA_MISSING, p -> p.dx(
                                ofFirstExample(p.mean(p.g)), ofFirstExample(p.mean(p.g.mul(p.xHat))))
                        .div(p.gamma)));
    }

    private static Arguments pair(Cause first, Cause second, Formula formula) {
        return Arguments.of(first, second, formula);
    }

    @ParameterizedTest(name = "{0} and {1}")
    @MethodSource("pairs")
    void twoAtOnce(Cause first, Cause second, Formula formula) {
        HandWrittenNorm norm = first == Cause.WRONG_GROUP
                ? new HandWrittenNorm("InstanceNorm", NormSpec.instanceNorm(EPS, 1), true, 3, 2, 5)
                : BATCH;
        Diagnosis diagnosis = norm.diagnose(formula);
        assertTrue(
                diagnosis.of("x").explanations().stream()
                        .anyMatch(e -> Set.copyOf(e.causes()).equals(Set.of(first, second))),
                diagnosis::toString);
    }

    // Factors that are in no catalogue.

    @Test
    void factorsOfThePaths() {
        Diagnosis one = BATCH.diagnose(
                p -> direct(p, p.g).add(mean(p, p.g)).add(variance(p, p.g).mul(0.37)));
        assertNamed(one, "x", Cause.VARIANCE_PATH_WRONG);
        assertText(one, "0.37 times what it should be");
        Diagnosis two = BATCH.diagnose(
                p -> direct(p, p.g).mul(1.7).add(mean(p, p.g).mul(0.3)).add(variance(p, p.g)));
        assertNamed(two, "x", Cause.DIRECT_PATH_WRONG, Cause.MEAN_PATH_WRONG);
        assertText(two, "1.7 times what it should be");
        assertText(two, "0.3 times what it should be");
        Diagnosis three = BATCH.diagnose(p -> direct(p, p.dy)
                .mul(0.9)
                .add(mean(p, p.dy).mul(0.3))
                .add(variance(p, p.dy).mul(1.7)));
        assertEquals(Verdict.EXPLAINED, three.of("x").verdict(), three::toString);
        assertTrue(three.of("x").causes().contains(Cause.GAMMA_MISSING), three::toString);
    }

    // Parameters: sums over the other axis, which has as many elements, or over everything.

    private static final HandWrittenNorm SQUARE =
            new HandWrittenNorm("BatchNorm of a square", NormSpec.batchNorm(EPS, 1), true, 5, 5);

    @Test
    void gammaIsSummedOverTheOtherAxis() {
        Diagnosis diagnosis = SQUARE.diagnose(
                NormMutationTest::standardized, p -> p.dy.mul(p.xHat).sum(1));
        assertNamed(diagnosis, "gamma", Cause.WRONG_AXES);
        assertText(diagnosis, "over axis 1, not axis 0");
    }

    @Test
    void gammaIsSummedOverEverything() {
        Diagnosis diagnosis = SQUARE.diagnose(NormMutationTest::standardized, p -> p.gamma
                .mul(0)
                .addi(p.dy.mul(p.xHat).sumNumber().doubleValue())
                .reshape(5));
        assertNamed(diagnosis, "gamma", Cause.WRONG_AXES);
        assertText(diagnosis, "over axes [0, 1], not axis 0");
    }

    @Test
    void gammaIsSummedOverEverythingAndX() {
        Diagnosis diagnosis = SQUARE.diagnose(
                NormMutationTest::standardized, p -> p.dy.mul(p.x).sum(1));
        assertNamed(diagnosis, "gamma", Cause.WRONG_AXES, Cause.WRONG_CACHE);
    }
}
