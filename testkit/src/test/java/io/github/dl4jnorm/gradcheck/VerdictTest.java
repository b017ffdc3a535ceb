package io.github.dl4jnorm.gradcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import io.github.dl4jnorm.testing.Doubles;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** When the doctor says right, wrong, or neither: verdicts on gradients whose right value is known on paper. */
class VerdictTest {
    private static final long[] VECTOR = {3};

    // Data of the doctor's own: none may hide a mistake.

    @Test
    void findsAForgottenSignOfAnAbsoluteValue() {
        assertWrongOnOwnData(Transforms::abs, (x, dy) -> dy.dup());
        assertTrue(GradientDoctor.of(Transforms::abs, (x, dy) -> dy.mul(Transforms.sign(x)))
                .examineShapes(new long[] {8, 5})
                .healthy());
    }

    /** x/Σ|x| has the gradient (dy − sign(x)·Σ(dy·y))/Σ|x|. */
    @Test
    void findsAForgottenSignInASumOfAbsoluteValues() {
        UnaryOperator<INDArray> shares = x -> x.div(norm1(x));
        assertWrongOnOwnData(
                shares, (x, dy) -> dy.sub(dy.mul(x).div(norm1(x)).sum(true, 1)).div(norm1(x)));
        assertTrue(GradientDoctor.of(shares, (x, dy) -> dy.sub(
                                Transforms.sign(x).mul(dy.mul(x).div(norm1(x)).sum(true, 1)))
                        .div(norm1(x)))
                .examineShapes(new long[] {4, 5})
                .healthy());
    }

    private static INDArray norm1(INDArray x) {
        return Transforms.abs(x).sum(true, 1);
    }

    /** x/|Σx|: whatever the signs of the elements, a sum that is positive throughout hides that its sign is missing. */
    @Test
    void findsAForgottenSignOfASum() {
        UnaryOperator<INDArray> shares = x -> x.div(Transforms.abs(x.sum(true, 1)));
        assertWrongOnOwnData(shares, (x, dy) -> {
            INDArray s = Transforms.abs(x.sum(true, 1));
            return dy.sub(dy.mul(x).div(s).sum(true, 1)).div(s);
        });
    }

    @Test
    void findsAForgottenMaskOfRelu() {
        assertWrongOnOwnData(x -> Transforms.max(x, 0), (x, dy) -> dy.dup());
        assertWrongOnOwnData(x -> Transforms.max(x, x.mul(0.1)), (x, dy) -> dy.dup());
    }

    private static void assertWrongOnOwnData(
            UnaryOperator<INDArray> forward, java.util.function.BinaryOperator<INDArray> backward) {
        Diagnosis diagnosis = GradientDoctor.of(forward, backward).examineShapes(new long[] {8, 5});
        assertNotEquals(Verdict.RIGHT, diagnosis.of("x").verdict(), diagnosis::toString);
        assertFalse(diagnosis.healthy());
    }

    /** A forward pass that is defined for positive numbers only is examined on these, and the report says so. */
    @Test
    void saysOnWhichDataItWasRight() {
        Diagnosis diagnosis =
                GradientDoctor.of(x -> Transforms.log(x), (x, dy) -> dy.div(x)).examineShapes(new long[] {3, 4});
        assertTrue(diagnosis.healthy(), diagnosis::toString);
        assertTrue(diagnosis.toString().contains("on positive data only"), diagnosis::toString);
        Diagnosis square =
                GradientDoctor.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(2)).examineShapes(new long[] {3, 4});
        assertTrue(square.toString().contains("on positive data, and on data of both signs"), square::toString);
    }

    // Differences that say nothing.

    @Test
    void randomNumbersAreNoGroundForAVerdict() {
        Random random = new Random(1);
        Diagnosis diagnosis = GradientDoctor.of(
                        x -> array(random.doubles(x.length()).toArray(), x.shape()), (x, dy) -> dy.mul(-7))
                .examineShapes(new long[] {4, 3});
        assertFalse(diagnosis.healthy());
        assertTrue(
                diagnosis.toString().contains("CANNOT BE JUDGED")
                        && diagnosis.toString().contains("other numbers when it is run again"),
                diagnosis::toString);
        assertEquals(1, diagnosis.findings().size());
        assertNotEquals(Verdict.RIGHT, diagnosis.of("x").verdict());
        assertEquals(java.util.List.of(), diagnosis.of("x").causes());
    }

    private static INDArray shares(INDArray x) {
        return x.div(x.sumNumber());
    }

    private static INDArray sharesBackward(INDArray x, INDArray dy) {
        double s = x.sumNumber().doubleValue();
        double along = dy.mul(x).sumNumber().doubleValue() / s;
        return dy.sub(along).div(s);
    }

    private static INDArray diagonalOfShares(INDArray x, INDArray dy) {
        double s = x.sumNumber().doubleValue();
        return dy.mul(x.div(-s * s).add(1 / s));
    }

    private static void assertJudgesShares(INDArray x) {
        Diagnosis right = GradientDoctor.of(VerdictTest::shares, VerdictTest::sharesBackward)
                .examine(x);
        assertEquals(Verdict.RIGHT, right.of("x").verdict(), right::toString);
        Diagnosis wrong = GradientDoctor.of(VerdictTest::shares, VerdictTest::diagonalOfShares)
                .examine(x);
        assertNotEquals(Verdict.RIGHT, wrong.of("x").verdict(), wrong::toString);
        assertFalse(wrong.toString().contains("scaled"), wrong::toString);
    }

    @Test
    void aSumNearZeroIsNoExcuse() {
        assertJudgesShares(array(new double[] {1, -2, 1.01}, VECTOR));
        assertJudgesShares(array(new double[] {0.7, -1.2, 0.501}, VECTOR));
        assertJudgesShares(array(new double[] {0.7, -1.2, 0.50001}, VECTOR));
        // So near that it can be judged at another point only.
        assertJudgesShares(array(new double[] {1, -2, 1 + 1e-9}, VECTOR));
    }

    @Test
    void twoHundredRandomInputsOfBothSigns() {
        Random random = new Random(5);
        for (int k = 0; k < 200; k++) {
            assertJudgesShares(array(gaussian(random, 9), 3, 3));
        }
    }

    /** The same for each row of [3, 3]: a row with a sum near zero has a large gradient, the others count as well. */
    @Test
    void twoHundredRandomInputsWithSumsOfRows() {
        Random random = new Random(7);
        UnaryOperator<INDArray> rows = x -> x.div(x.sum(true, 1));
        for (int k = 0; k < 200; k++) {
            INDArray x = array(gaussian(random, 9), 3, 3);
            Diagnosis right = GradientDoctor.of(rows, (at, dy) -> {
                        INDArray s = at.sum(true, 1);
                        return dy.sub(dy.mul(at).div(s).sum(true, 1)).div(s);
                    })
                    .examine(x);
            assertEquals(Verdict.RIGHT, right.of("x").verdict(), right::toString);
            if (k >= 50) {
                continue; // looking for causes takes long
            }
            // The sum path of one row is missing, that of the smallest gradient.
            Diagnosis wrong = GradientDoctor.of(rows, (at, dy) -> {
                        INDArray s = at.sum(true, 1);
                        INDArray dx = dy.sub(dy.mul(at).div(s).sum(true, 1)).div(s);
                        int row = Transforms.abs(s).argMax(0).getInt(0);
                        dx.putRow(row, dy.getRow(row).div(s.getDouble(row)));
                        return dx;
                    })
                    .examine(x);
            assertNotEquals(Verdict.RIGHT, wrong.of("x").verdict(), wrong::toString);
        }
    }

    @Test
    void reluIsRightAtAnyPoint() {
        Random random = new Random(6);
        for (int k = 0; k < 30; k++) {
            Diagnosis diagnosis = relu().examine(array(gaussian(random, 40), 8, 5));
            assertEquals(Verdict.RIGHT, diagnosis.of("x").verdict(), diagnosis::toString);
        }
        for (double near : new double[] {1e-2, 1e-3, 1e-5, -1e-7, 1e-12, 0}) {
            Diagnosis diagnosis = relu().examine(array(new double[] {1, near, -2, 3}, 2, 2));
            assertEquals(Verdict.RIGHT, diagnosis.of("x").verdict(), diagnosis::toString);
        }
    }

    private static GradientDoctor relu() {
        return GradientDoctor.of(
                x -> Transforms.max(x, 0), (x, dy) -> dy.mul(x.gt(0).castTo(DataType.DOUBLE)));
    }

    /** A kink is said, and a gradient that is judged elsewhere, too. */
    @Test
    void saysThatAKinkIsNear() {
        Diagnosis diagnosis = relu().examine(array(new double[] {1, 0, -2, 3}, 2, 2));
        assertTrue(diagnosis.toString().contains("a kink at or near x[0, 1]"), diagnosis::toString);
        assertTrue(diagnosis.toString().contains("examined at a point nearby"), diagnosis::toString);
    }

    /** Near enough to be seen, far enough for smaller steps: it is judged where it is, and said. */
    @Test
    void saysThatSmallerStepsWereTaken() {
        Diagnosis diagnosis = relu().examine(array(new double[] {1, 1e-4, -2, 3}, 2, 2));
        assertTrue(
                diagnosis.toString().contains("there is a kink at or near x[0, 1]; smaller steps were taken there"),
                diagnosis::toString);
        Diagnosis pole = GradientDoctor.of(VerdictTest::shares, VerdictTest::sharesBackward)
                .examine(array(new double[] {1, -2, 1.01}, VECTOR));
        assertTrue(pole.toString().contains("a pole or a jump at or near x[0]"), pole::toString);
    }

    /** √|x| has a pole of its slope at 0; there and around 1e-4 a gradient off by one per cent is told from a right one. */
    @Test
    void aPoleOfTheSlope() {
        INDArray x = array(new double[] {1, 1e-4, -2, 3}, 2, 2);
        UnaryOperator<INDArray> root = at -> Transforms.sqrt(Transforms.abs(at));
        UnaryOperator<INDArray> slope =
                at -> Transforms.sign(at).div(root.apply(at).mul(2));
        assertTrue(GradientDoctor.of(root, (at, dy) -> dy.mul(slope.apply(at)))
                .examine(x)
                .healthy());
        assertFalse(GradientDoctor.of(root, (at, dy) -> {
                    INDArray dx = dy.mul(slope.apply(at));
                    return dx.putScalar(3, dx.getDouble(3) * 1.01);
                })
                .examine(x)
                .healthy());
    }

    /** One output of a million times the size of another must not hide what is wrong with the other. */
    @Test
    void everyOutputAndInputCounts() {
        INDArray scale = array(new double[] {1e9, 1, 1}, VECTOR);
        INDArray x = array(new double[] {1, 2, 3}, VECTOR);
        assertFalse(GradientDoctor.of(at -> at.mul(scale), (at, dy) -> {
                    INDArray dx = dy.mul(scale);
                    return dx.putScalar(2, 1.1 * dx.getDouble(2));
                })
                .examine(x)
                .healthy());
        assertFalse(GradientDoctor.of(at -> at.mul(scale).sum(true, 0), (at, dy) -> {
                    INDArray dx = scale.mul(dy.getDouble(0));
                    return dx.putScalar(2, 1.1 * dx.getDouble(2));
                })
                .examine(x)
                .healthy());
        assertTrue(GradientDoctor.of(at -> at.mul(scale), (at, dy) -> dy.mul(scale))
                .examine(x)
                .healthy());
    }

    // What the report says.

    /** The best of useless explanations is none. */
    @Test
    void namesNoExplanationThatCoversNothing() {
        Diagnosis diagnosis = GradientDoctor.of(VerdictTest::shares, (x, dy) -> {
                    INDArray dx = sharesBackward(x, dy);
                    return dx.putScalar(0, dx.getDouble(0) + dy.getDouble(2));
                })
                .examineShapes(new long[] {5});
        assertEquals(Verdict.UNEXPLAINED, diagnosis.of("x").verdict(), diagnosis::toString);
        assertFalse(diagnosis.toString().contains("closest"), diagnosis::toString);
    }

    @Test
    void noErrorOfRoundingIsCalledWrong() {
        // The sum over the batch is missing: summed, it is right but for rounding.
        Diagnosis shape = GradientDoctor.of(Differentiable.ofMany(
                        in -> new INDArray[] {in[0].addRowVector(Transforms.exp(in[1]))},
                        (in, d) -> new INDArray[] {d[0].dup(), d[0].mulRowVector(Transforms.exp(in[1]))}))
                .examineShapes(new long[] {4, 3}, new long[] {3});
        assertNoTinyError(shape);
        // It is not linear, but right for each row of the identity.
        Diagnosis bent = GradientDoctor.of(
                        x -> x.mul(3), (x, dy) -> dy.mul(Transforms.abs(dy)).mul(3))
                .examineShapes(new long[] {4, 3});
        assertEquals(java.util.List.of(Cause.NOT_LINEAR), bent.causes(), bent::toString);
        assertNoTinyError(bent);
    }

    private static void assertNoTinyError(Diagnosis diagnosis) {
        assertTrue(diagnosis.toString().contains("WRONG"), diagnosis::toString);
        assertFalse(diagnosis.toString().matches("(?s).*WRONG, relative error [^\\n]*e-1.*"), diagnosis::toString);
    }

    /** A gradient of 1e-30 in place of 1 is zero, not a multiple. */
    @Test
    void nothingIsScaledByRounding() {
        Diagnosis diagnosis = GradientDoctor.of(
                        VerdictTest::shares, (x, dy) -> sharesBackward(x, dy).muli(1e-30))
                .examineShapes(new long[] {5});
        assertEquals(java.util.List.of(Cause.ZERO), diagnosis.causes(), diagnosis::toString);
    }

    @Test
    void aWrongShapeHasNoNumbers() {
        Diagnosis diagnosis = GradientDoctor.of(x -> x.mul(2), (x, dy) -> Nd4j.ones(DataType.DOUBLE, 7))
                .examineShapes(new long[] {4, 3});
        assertEquals(java.util.List.of(Cause.WRONG_SHAPE), diagnosis.causes(), diagnosis::toString);
        assertFalse(diagnosis.toString().contains("yours 0"), diagnosis::toString);
        assertFalse(diagnosis.toString().contains("relative error"), diagnosis::toString);
        assertTrue(Double.isNaN(diagnosis.of("x").relativeError()));
    }

    /** In a batch of two, a factor of two says nothing about the batch. */
    @Test
    void aFactorOfTwoIsNotTheBatch() {
        for (double factor : new double[] {2, 0.5}) {
            Diagnosis diagnosis = GradientDoctor.of(
                            x -> x.mul(x), (x, dy) -> x.mul(dy).muli(2 * factor))
                    .examineShapes(new long[] {2, 3});
            assertEquals(java.util.List.of(Cause.SCALED), diagnosis.causes(), diagnosis::toString);
            assertFalse(diagnosis.toString().contains("the size of axis 0"), diagnosis::toString);
        }
        Diagnosis five =
                GradientDoctor.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(10)).examineShapes(new long[] {5, 3});
        assertTrue(five.toString().contains("by 5.00000, the size of axis 0"), five::toString);
    }

    private static double[] gaussian(Random random, int length) {
        return random.doubles(length).map(d -> random.nextGaussian()).toArray();
    }

    private static INDArray array(double[] values, long... shape) {
        return Doubles.toArray(DataType.DOUBLE, shape, values);
    }
}
