package io.github.dl4jnorm.gradcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Samples;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GradCheckTest {
    private static final INDArray X = array(new long[] {3, 2}, 1, 2, -3, 4, 0.5, 6);

    /** y = x·w and z = x², with two inputs and two outputs. */
    private static final Differentiable RIGHT =
            Differentiable.ofMany(in -> new INDArray[] {in[0].mul(in[1]), in[0].mul(in[0])}, (in, d) ->
                    new INDArray[] {in[1].mul(d[0]).addi(in[0].mul(d[1]).muli(2)), in[0].mul(d[0])});

    @Test
    void severalInputsAndOutputs() {
        GradCheckReport report =
                GradCheck.of(RIGHT).input("x", X).input("w", X.add(1)).check();
        assertTrue(report.passes());
        report.assertPasses();
        assertEquals("gradients of x, w: right, 144 derivatives compared", report.toString());
    }

    @Test
    void theLargestErrorComesFirst() {
        Differentiable wrong = Differentiable.of(x -> x.mul(x), (x, dy) -> {
            INDArray dx = x.mul(dy).muli(2);
            dx.putScalar(0, 1, dx.getDouble(0, 1) * 1.01);
            dx.putScalar(2, 1, -dx.getDouble(2, 1));
            return dx;
        });
        GradCheckReport report = GradCheck.of(wrong).input("x", X).check();
        assertFalse(report.passes());
        assertEquals(2, report.mismatches().size());
        assertEquals("[2, 1]", report.mismatches().get(0).inputIndex());
        List<String> lines = report.toString().lines().map(String::strip).toList();
        assertEquals("gradients of x: WRONG", lines.get(0));
        assertEquals("2 of 36 derivatives differ; the largest errors first:", lines.get(1));
        assertTrue(lines.get(2)
                .matches("output 0 \\[2, 1] by x \\[2, 1]: yours -12.0+, differences 1[12][.0-9]+, off by 24.0"));
        assertTrue(lines.get(3).startsWith("output 0 [0, 1] by x [0, 1]: yours 4.04"), lines.get(3));
        assertEquals(
                report.toString(),
                assertThrows(
                                AssertionError.class,
                                () -> GradCheck.of(wrong).input("x", X).assertPasses())
                        .getMessage());
    }

    /** As strict as PyTorch: an error of 1e-5 is let pass, one of 1e-3 of the value, too, and nothing above. */
    @Test
    void toleranceIsThatOfPyTorch() {
        assertTrue(scaledBy(1 + 0.9e-3).passes());
        assertFalse(scaledBy(1 + 1.2e-3).passes());
        assertTrue(GradCheck.of(squareTimes(1 + 1.2e-3))
                .input("x", X)
                .tolerances(0, 2e-3)
                .check()
                .passes());
    }

    private static GradCheckReport scaledBy(double factor) {
        return GradCheck.of(squareTimes(factor)).input("x", X.mul(100)).check();
    }

    private static Differentiable squareTimes(double factor) {
        return Differentiable.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(2 * factor));
    }

    @Test
    void aGradientThatIsNoNumberFails() {
        Differentiable wrong =
                Differentiable.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(Double.NaN));
        assertFalse(GradCheck.of(wrong).input("x", X).check().passes());
        assertFalse(GradCheck.of(wrong).input("x", X).fast(1, 1).check().passes());
    }

    @Test
    void nullIsAZeroGradient() {
        Differentiable constant = Differentiable.of(x -> Nd4j.ones(DataType.DOUBLE, 2), (x, dy) -> null);
        assertTrue(GradCheck.of(constant).input("x", X).check().passes());
        Differentiable forgotten = Differentiable.of(x -> x.mul(2), (x, dy) -> null);
        assertEquals(
                6, GradCheck.of(forgotten).input("x", X).check().mismatches().size());
    }

    @Test
    void noticesWhatForwardAndBackwardModify() {
        assertProblem("forward modified its input x in place", Differentiable.of(x -> x.muli(x), (x, dy) -> x.mul(dy)
                .muli(2)));
        assertProblem("backward modified the input x in place", Differentiable.of(x -> x.mul(x), (x, dy) -> x.muli(dy)
                .muli(2)));
        assertProblem(
                "backward modified output gradient 0 in place",
                Differentiable.of(x -> x.mul(x), (x, dy) -> dy.muli(x).mul(2)));
        assertProblem(
                "backward modified saved array 0 in place",
                Differentiable.withCache(in -> Forward.of(in[0].mul(in[0])).saving(in[0].mul(2)), (saved, d) ->
                        new INDArray[] {saved[0].muli(d[0])}));
        assertProblem(
                "backward modified output 0 in place",
                Differentiable.withCache(
                        in -> {
                            INDArray y = in[0].mul(in[0]);
                            return Forward.of(y).saving(in[0], y);
                        },
                        (saved, d) -> new INDArray[] {
                            saved[1].assign(saved[0].mul(d[0])).mul(2)
                        }));
    }

    @Test
    void noticesWhatDiffersInASecondRun() {
        AtomicInteger runs = new AtomicInteger();
        assertProblem(
                "backward is not deterministic: the gradient of x differs in a second run",
                Differentiable.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(2 + 1e-12 * runs.incrementAndGet())));
        assertProblem(
                "forward is not deterministic: output 0 differs in a second run",
                Differentiable.of(x -> x.mul(x).addi(1e-12 * runs.incrementAndGet()), (x, dy) -> x.mul(dy)
                        .muli(2)));
    }

    @Test
    void noticesAGradientThatZeroDoesNotSilence() {
        assertProblem(
                "a zero output gradient gives a gradient of x that is not zero",
                Differentiable.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(2).addi(1e-9)));
    }

    @Test
    void noticesWrongShapesTypesAndNumbers() {
        assertProblem(
                "the gradient of x has shape [2, 3], expected [3, 2]",
                Differentiable.of(x -> x.mul(x), (x, dy) -> x.mul(dy).reshape(2, 3)));
        assertProblem(
                "the gradient of x has type FLOAT, expected DOUBLE",
                Differentiable.of(x -> x.mul(x), (x, dy) -> x.mul(dy).castTo(DataType.FLOAT)));
        assertProblem(
                "backward returned 2 gradients for 1 inputs",
                Differentiable.ofMany(in -> new INDArray[] {in[0].mul(2)}, (in, d) -> new INDArray[] {d[0], d[0]}));
    }

    private static void assertProblem(String problem, Differentiable function) {
        GradCheckReport report = GradCheck.of(function).input("x", X).check();
        assertTrue(report.problems().contains(problem), report::toString);
        assertFalse(report.passes());
    }

    @Test
    void refusesWhatItCannotCheck() {
        assertEquals(
                "GradCheck: expected gamma in DOUBLE, got FLOAT; finite differences need double precision: "
                        + "use castTo(DataType.DOUBLE)",
                message(() -> GradCheck.of(RIGHT).input("gamma", Nd4j.ones(DataType.FLOAT, 2))));
        assertEquals("GradCheck: expected at least one input, got none", message(() -> GradCheck.of(RIGHT)
                .check()));
        assertEquals("GradCheck: expected an array for x, got null", message(() -> GradCheck.of(RIGHT)
                .input("x", null)));
        assertEquals("GradCheck: expected elements in x, got shape [0, 2]", message(() -> GradCheck.of(RIGHT)
                .input("x", Nd4j.create(DataType.DOUBLE, 0, 2))));
        assertEquals("GradCheck: expected tolerances >= 0, got atol 0.0 and rtol NaN", message(() -> GradCheck.of(RIGHT)
                .tolerances(0, Double.NaN)));
        assertEquals("GradCheck: expected at least one projection, got 0", message(() -> GradCheck.of(RIGHT)
                .fast(0, 1)));
    }

    /** A gradient of 1e-7 is measured by its own size. */
    @Test
    void aSmallGradientHasToBeAsExact() {
        INDArray x = X.mul(1e3);
        Differentiable small = Differentiable.of(at -> at.mul(1e-7), (at, dy) -> dy.mul(1e-7));
        assertTrue(GradCheck.of(small).input("x", x).check().passes());
        Differentiable twice = Differentiable.of(at -> at.mul(1e-7), (at, dy) -> dy.mul(2e-7));
        assertEquals(6, GradCheck.of(twice).input("x", x).check().mismatches().size());
    }

    /** Differences say nothing at a kink, and neither does the check: it does not pass. */
    @Test
    void doesNotPassWhatItCannotJudge() {
        Differentiable relu = Differentiable.of(
                at -> at.mul(at.gt(0).castTo(DataType.DOUBLE)),
                (at, dy) -> dy.mul(at.gt(0).castTo(DataType.DOUBLE)));
        assertTrue(GradCheck.of(relu).input("x", X).check().passes());
        INDArray near = array(new long[] {3}, 1, 1e-4, -2);
        assertTrue(GradCheck.of(relu).input("x", near).check().passes());
        GradCheckReport atKink =
                GradCheck.of(relu).input("x", array(new long[] {3}, 1, 0, -2)).check();
        assertFalse(atKink.passes());
        assertEquals(List.of(), atKink.mismatches());
        assertEquals(
                List.of("1 derivatives by x cannot be judged here: there is a kink at or near x[1]"),
                atKink.undecided());
        assertTrue(atKink.toString().startsWith("gradients of x: CANNOT BE JUDGED here"), atKink::toString);
    }

    private static String message(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }

    /** An array whose Jacobian would have 10^10 elements. */
    @Test
    void fastModeChecksLargeArrays() {
        long[] shape = {500, 200};
        INDArray x = array(shape, Samples.gaussian(1, 100_000));
        INDArray gamma = array(new long[] {200}, Samples.gaussian(2, 200));
        GradCheck.of(batchNorm(1))
                .input("x", x)
                .input("gamma", gamma)
                .fast(4, 1)
                .assertPasses();
        GradCheckReport report = GradCheck.of(withoutMeanPath())
                .input("x", x)
                .input("gamma", gamma)
                .fast(4, 1)
                .check();
        assertFalse(report.passes());
        assertTrue(report.mismatches().stream().allMatch(m -> m.input().equals("x")));
        assertEquals("projection", report.mismatches().get(0).outputIndex().split(" ")[0]);
        assertTrue(message(() -> GradCheck.of(batchNorm(1))
                        .input("x", x)
                        .input("gamma", gamma)
                        .check())
                .contains("use smaller arrays, or GradCheck's fast mode"));
    }

    @Property(tries = 25)
    void ourOwnGradientsPass(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        GradCheck.of(batchNorm(c.axes()[0]))
                .input("x", c.x().castTo(DataType.DOUBLE))
                .input("gamma", c.parameter(1).castTo(DataType.DOUBLE))
                .assertPasses();
    }

    private static Differentiable batchNorm(int axis) {
        return OurNorm.of(NormSpec.batchNorm(1e-1, axis));
    }

    private static Differentiable withoutMeanPath() {
        Differentiable right = batchNorm(1);
        return Differentiable.withCache(right::forward, (saved, d) -> {
            INDArray[] gradients = right.backward(saved, d);
            INDArray missing =
                    d[0].mulRowVector(saved[1]).mulRowVector(saved[6]).mean(0);
            return new INDArray[] {gradients[0].addRowVector(missing), gradients[1]};
        });
    }

    private static INDArray array(long[] shape, double... values) {
        return Doubles.toArray(DataType.DOUBLE, shape, values);
    }
}
