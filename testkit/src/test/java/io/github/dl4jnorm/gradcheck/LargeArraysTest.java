package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.gradcheck.Diagnoses.assertText;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Samples;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Arrays whose Jacobian does not fit into memory: some groups are examined, the rest is projected. */
class LargeArraysTest {
    private static final long[] LARGE = {512, 128};

    private static INDArray shares(INDArray x) {
        return x.div(x.sum(true, 1));
    }

    private static INDArray sharesBackward(INDArray x, INDArray dy) {
        INDArray s = x.sum(true, 1);
        return dy.sub(dy.mul(x).divi(s).sum(true, 1)).divi(s);
    }

    private static INDArray diagonalOfShares(INDArray x, INDArray dy) {
        INDArray s = x.sum(true, 1);
        return dy.mul(s.rdiv(1).sub(x.div(s.mul(s))));
    }

    /** And the number of forward passes is bounded, whatever the size. */
    @Test
    void rightIsRightAndTheDiagonalIsNamed() {
        AtomicInteger passes = new AtomicInteger();
        GradientDoctor.of(
                        x -> {
                            passes.incrementAndGet();
                            return shares(x);
                        },
                        LargeArraysTest::sharesBackward)
                .examineShapes(LARGE)
                .assertHealthy();
        assertTrue(passes.get() < 4000, () -> passes + " forward passes");
        Diagnosis wrong = GradientDoctor.of(LargeArraysTest::shares, LargeArraysTest::diagonalOfShares)
                .examineShapes(LARGE);
        assertEquals(List.of(Cause.DIAGONAL_ONLY), wrong.causes(), wrong::toString);
        assertText(wrong, "those of [2, 128] of [512, 128] were examined");
    }

    /** With γ and β, and groups along axis 0: a column is all that fits. */
    @Test
    void batchNormWithParameters() {
        Differentiable right = OurNorm.of(NormSpec.batchNorm(1e-5, 1));
        long[] features = {16};
        Diagnosis healthy = GradientDoctor.of(right).examineShapes(new long[] {256, 16}, features, features);
        healthy.assertHealthy();
        assertEquals(
                List.of("x", "gamma", "beta"),
                healthy.findings().stream().map(Finding::input).toList());
        assertTrue(healthy.forward().startsWith("BatchNorm in training of [256, 1]"), healthy::toString);
        Diagnosis mean = GradientDoctor.of(Differentiable.withCache(right::forward, (saved, d) -> {
                    INDArray[] gradients = right.backward(saved, d);
                    return new INDArray[] {gradients[0], gradients[1], d[0].mean(0)};
                }))
                .examineShapes(new long[] {256, 16}, features, features);
        assertEquals(List.of(Cause.MEAN_INSTEAD_OF_SUM), mean.of("beta").causes(), mean::toString);
        assertEquals(Verdict.RIGHT, mean.of("x").verdict());
    }

    /** A mistake in one row of 512 that is not among those examined. */
    @Test
    void aMistakeElsewhereShowsInProjections() {
        Diagnosis diagnosis = GradientDoctor.of(LargeArraysTest::shares, (x, dy) -> {
                    INDArray dx = sharesBackward(x, dy);
                    dx.getRow(300).muli(1.01);
                    return dx;
                })
                .examineShapes(LARGE);
        assertEquals(Verdict.UNEXPLAINED, diagnosis.of("x").verdict(), diagnosis::toString);
        assertText(diagnosis, "those of [2, 128] of [512, 128] are right");
    }

    @Test
    void otherSignsAreTriedAndOverwrittenInputsFound() {
        Diagnosis abs = GradientDoctor.of(Transforms::abs, (x, dy) -> dy.dup()).examineShapes(LARGE);
        assertFalse(abs.healthy());
        assertText(abs, "right on positive data only, wrong on data of both signs");
        Diagnosis overwritten = GradientDoctor.of(x -> x.divi(x.sum(true, 1)), LargeArraysTest::sharesBackward)
                .examineShapes(LARGE);
        assertEquals(
                List.of(Cause.INPUT_OVERWRITTEN, Cause.FORWARD_MODIFIES_INPUT),
                overwritten.causes(),
                overwritten::toString);
    }

    /** A group of 10,000 elements is too large for causes, but not for a verdict. */
    @Test
    void oneLargeGroup() {
        GradientDoctor.of(x -> x.div(x.sumNumber()), LargeArraysTest::wholeBackward)
                .examineShapes(100, 100)
                .assertHealthy();
        Diagnosis wrong = GradientDoctor.of(x -> x.div(x.sumNumber()), (x, dy) -> wholeBackward(x, dy)
                        .muli(1.001))
                .examineShapes(100, 100);
        assertEquals(Verdict.UNEXPLAINED, wrong.of("x").verdict(), wrong::toString);
        assertTrue(Math.abs(wrong.of("x").relativeError() - 1e-3) < 1e-8, wrong::toString);
    }

    @Test
    void randomNumbersAreNoGroundForAVerdict() {
        Random random = new Random(1);
        Diagnosis diagnosis = GradientDoctor.of(
                        x -> array(x.shape(), random.doubles(x.length()).toArray()), (x, dy) -> dy.mul(-7))
                .examineShapes(30, 20);
        assertEquals(Verdict.UNDECIDED, diagnosis.of("x").verdict(), diagnosis::toString);
        assertText(diagnosis, "the forward pass gives other numbers when it is run again");
        assertThrows(AssertionError.class, diagnosis::assertHealthy);
    }

    private static INDArray wholeBackward(INDArray x, INDArray dy) {
        double s = x.sumNumber().doubleValue();
        return dy.sub(dy.mul(x).sumNumber().doubleValue() / s).divi(s);
    }

    /** The gradient of x/Σx is about 1e-3 here: an absolute tolerance of 1e-5 must not let its sum go missing. */
    @Test
    void fastChecksMeasureByTheGradientsOwnSize() {
        long[] shape = {4096, 8};
        for (double scale : new double[] {1, 100, 1e6}) {
            INDArray x = array(shape, Samples.mostlyPositive(1, 4096 * 8)).muli(scale);
            GradCheck.of(Differentiable.of(LargeArraysTest::shares, LargeArraysTest::sharesBackward))
                    .input("x", x)
                    .fast(2, 1)
                    .assertPasses();
            GradCheckReport wrong = GradCheck.of(
                            Differentiable.of(LargeArraysTest::shares, (at, dy) -> dy.div(at.sum(true, 1))))
                    .input("x", x)
                    .fast(2, 1)
                    .check();
            assertEquals(2, wrong.mismatches().size(), wrong::toString);
        }
    }

    private static INDArray array(long[] shape, double... values) {
        return Doubles.toArray(DataType.DOUBLE, shape, values);
    }
}
