package io.github.dl4jnorm.gradcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is missing is named, and a test can assert that a gradient is right in one line. */
class GradientToolsMessagesTest {
    private static final INDArray X = Nd4j.createFromArray(1.0, 2.0, 4.0);

    @Test
    void shapesReadNaturally() {
        GradientDoctor square =
                GradientDoctor.of(x -> x.mul(x), (x, dy) -> x.mul(dy).muli(2));
        square.examineShapes(4, 3).assertHealthy();
        square.examineShapes(new long[] {4, 3}).assertHealthy();
        Diagnosis wrong = GradientDoctor.of(x -> x.mul(x), (x, dy) -> x.mul(dy)).examineShapes(4, 3);
        assertEquals(
                wrong.toString(),
                assertThrows(AssertionError.class, wrong::assertHealthy).getMessage());
        assertTrue(wrong.toString().contains("WRONG"));
    }

    @Test
    void missingPasses() {
        assertEquals(
                "Differentiable: expected a forward pass, got null",
                message(() -> Differentiable.of(null, (x, dy) -> x)));
        assertEquals(
                "Differentiable: expected a backward pass, got null", message(() -> Differentiable.of(x -> x, null)));
        assertEquals(
                "Differentiable: expected a backward pass, got null", message(() -> GradientDoctor.of(x -> x, null)));
        assertEquals(
                "Differentiable: expected a forward pass, got null", message(() -> Differentiable.ofMany(null, null)));
        assertEquals(
                "Differentiable: expected a backward pass, got null",
                message(() -> Differentiable.withCache(in -> Forward.of(in), null)));
        assertEquals("GradientDoctor: expected a function, got null", message(() -> GradientDoctor.of(null)));
        assertEquals("GradCheck: expected a function, got null", message(() -> GradCheck.of(null)));
        assertEquals(
                "GradientDoctor: expected a normalization, got null",
                message(() -> GradientDoctor.of(x -> x, (x, dy) -> dy).expecting(null)));
        assertEquals("Jacobian: expected a function, got null", message(() -> Jacobian.of(null, X)));
        assertEquals(
                "Jacobian: expected a backward pass, got null",
                message(() -> Jacobian.fromVjp(null, new long[] {2}, new long[] {2})));
        assertEquals(
                "Differentiable: expected a forward pass, got null",
                message(() -> GradientDoctor.judge(null, X, X, X)));
    }

    @Test
    void missingArrays() {
        GradientDoctor doctor = GradientDoctor.of(x -> x, (x, dy) -> dy);
        assertEquals(
                "GradientDoctor: expected at least one input, got null",
                message(() -> doctor.examine((INDArray[]) null)));
        assertEquals(
                "GradientDoctor: expected an array for input 0, got null",
                message(() -> doctor.examine((INDArray) null)));
        assertEquals(
                "GradientDoctor: expected at least one shape, got null",
                message(() -> doctor.examineShapes((long[][]) null)));
        assertEquals(
                "GradientDoctor: expected shapes of sizes > 0, got [3, 0]", message(() -> doctor.examineShapes(3, 0)));
        assertEquals(
                "GradientDoctor: expected shapes of sizes > 0, got null",
                message(() -> doctor.examineShapes(new long[] {3}, null)));
        assertEquals("GradCheck: expected a name for input 0, got null", message(() -> GradCheck.of(
                        Differentiable.of(x -> x, (x, dy) -> dy))
                .input(null, X)));
        assertEquals(
                "GradientDoctor: expected an array for dy, got null",
                message(() -> GradientDoctor.judge(x -> x.mul(2), X, null, X)));
        assertEquals("Jacobian: expected an array for x, got null", message(() -> Jacobian.of(x -> x, null)));
    }

    @Test
    void missingOutputsAndGradients() {
        String outputs = "expected an output from the forward pass, got null";
        assertEquals("GradientDoctor: " + outputs, message(() -> GradientDoctor.of(x -> null, (x, dy) -> dy)
                .examine(X)));
        assertEquals("GradCheck: " + outputs, message(() -> GradCheck.of(Differentiable.of(x -> null, (x, dy) -> dy))
                .input("x", X)
                .check()));
        assertEquals(
                "GradientDoctor: expected outputs from the forward pass, got null",
                message(() -> GradientDoctor.of(Differentiable.withCache(in -> null, (saved, d) -> d))
                        .examine(X)));
        assertEquals(
                "GradientDoctor: expected one gradient per input from the backward pass, got null",
                message(() -> GradientDoctor.of(
                                Differentiable.withCache(in -> Forward.of(in[0].mul(2)), (saved, d) -> null))
                        .examine(X)));
        assertEquals("Forward: expected outputs, got null", message(() -> new Forward(null, new INDArray[0])));
        assertEquals("Forward: expected arrays to save, got null; save none with of(...)", message(() -> Forward.of(X)
                .saving((INDArray[]) null)));
    }

    /** Nothing was saved, and the backward pass looks for it. */
    @Test
    void aCacheThatIsNotThere() {
        Differentiable forgetful = Differentiable.withCache(in -> Forward.of(in[0].mul(in[0])), (saved, d) ->
                new INDArray[] {saved[0].mul(d[0]).muli(2)});
        String expected = "the backward pass of output gradients [3] threw"
                + " java.lang.ArrayIndexOutOfBoundsException: Index 0 out of bounds for length 0;"
                + " the forward pass saved nothing";
        assertEquals("GradientDoctor: " + expected, message(() -> GradientDoctor.of(forgetful)
                .examine(X)));
        assertEquals(
                "GradCheck: " + expected,
                message(() -> GradCheck.of(forgetful).input("x", X).check()));
        Differentiable hole =
                Differentiable.withCache(in -> Forward.of(in[0].mul(in[0])).saving(in[0], null), (saved, d) ->
                        new INDArray[] {saved[1].mul(d[0]).muli(2)});
        String message = message(() -> GradientDoctor.of(hole).examine(X));
        assertTrue(message.endsWith("the forward pass saved [3], null"), message);
        assertTrue(message(() ->
                        GradientDoctor.of(x -> x.mmul(x), (x, dy) -> dy).examine(Nd4j.ones(DataType.DOUBLE, 2, 3)))
                .startsWith("GradientDoctor: the forward pass of inputs [2, 3] threw "));
    }

    private static String message(Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }
}
