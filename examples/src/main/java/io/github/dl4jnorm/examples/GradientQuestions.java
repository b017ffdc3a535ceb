package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.examples.GradientQuestion.Attempt;
import io.github.dl4jnorm.gradcheck.Differentiable;
import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.gradcheck.GradientDoctor;
import io.github.dl4jnorm.gradcheck.KnownNorm;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Five questions from forums and courses, the code of each written in Java as it was asked about: its mistakes are meant
 * to be here.
 */
final class GradientQuestions {
    private static final double EPS = 1e-5;
    private static final int BATCH = 5;
    private static final int FEATURES = 8;
    private static final long[] X = {BATCH, FEATURES};
    private static final long[] PER_FEATURE = {FEATURES};
    private static final long[] IMAGES = {2, 4, 5};

    private GradientQuestions() {}

    /**
     * All questions.
     *
     * @return five
     */
    static List<GradientQuestion> all() {
        return List.of(
                new GradientQuestion(
                        "Element-wise derivatives of BatchNorm",
                        "I multiply out the element-wise derivatives of x−μ and 1/√(σ²+ε). Why does grad return"
                                + " something else?",
                        List.of(new Attempt("product of element-wise derivatives", () -> GradientDoctor.of(
                                        GradientQuestions::standardize, GradientQuestions::elementWiseBackward)
                                .examineShapes(X)))),
                new GradientQuestion(
                        "The gradient of x/Σx",
                        "grad_input = grad_output·(1/sum − x/sum²) does not agree with autograd. And for images it is"
                                + " worse.",
                        List.of(
                                new Attempt("one vector", () -> GradientDoctor.of(
                                                x -> x.div(x.sumNumber()), GradientQuestions::diagonalOfShares)
                                        .examineShapes(new long[] {6})),
                                new Attempt("images, divided in place, with the right formula", () -> GradientDoctor.of(
                                                GradientQuestions::divideInPlace, GradientQuestions::sharesBackward)
                                        .examineShapes(IMAGES)))),
                new GradientQuestion(
                        "BatchNorm's gradient in test mode",
                        "My gradient agrees with TensorFlow's neither in training nor with training=False.",
                        List.of(
                                new Attempt("in training", () -> GradientDoctor.of(
                                                GradientQuestions::standardize, GradientQuestions::naiveInTraining)
                                        .examineShapes(X)),
                                new Attempt("in test mode, given mean 0 and variance 1", () -> GradientDoctor.of(
                                                GradientQuestions::normalizeForTest,
                                                (x, dy) -> naive(x, dy, NEW_MEAN, NEW_VARIANCE))
                                        .expecting(KnownNorm.batchNormInference(NEW_MEAN, NEW_VARIANCE, EPS, 1))
                                        .examineShapes(X)))),
                new GradientQuestion(
                        "The gradient of β",
                        "Why is dβ a sum over the batch and not its mean?",
                        List.of(new Attempt("dβ as a mean", () -> GradientDoctor.of(Differentiable.withCache(
                                        GradientQuestions::batchNorm, GradientQuestions::backwardWithMean))
                                .examineShapes(X, PER_FEATURE, PER_FEATURE)))),
                new GradientQuestion(
                        "Backward passes of a course assignment",
                        "Three paths or one line: which is right? And why does my LayerNorm, made from it, stop with an"
                                + " error? (It takes five values out of a cache of four: x.T is missing in front.)",
                        List.of(
                                new Attempt(
                                        "BatchNorm along three paths", () -> GradientDoctor.of(Differentiable.withCache(
                                                        GradientQuestions::batchNorm, GradientQuestions::threePaths))
                                                .examineShapes(X, PER_FEATURE, PER_FEATURE)),
                                new Attempt("BatchNorm in one line", () -> GradientDoctor.of(Differentiable.withCache(
                                                GradientQuestions::batchNorm, GradientQuestions::oneLine))
                                        .examineShapes(X, PER_FEATURE, PER_FEATURE)),
                                new Attempt("LayerNorm with x.T in its cache", () -> GradientDoctor.of(
                                                Differentiable.withCache(
                                                        GradientQuestions::layerNorm,
                                                        (cache, d) -> layerNormBackward(cache[0].size(0), cache, d)))
                                        .examineShapes(X, PER_FEATURE, PER_FEATURE)),
                                new Attempt("not that code: LayerNorm with BatchNorm's N", () -> GradientDoctor.of(
                                                Differentiable.withCache(
                                                        GradientQuestions::layerNorm,
                                                        (cache, d) -> layerNormBackward(cache[0].size(1), cache, d)))
                                        .examineShapes(X, PER_FEATURE, PER_FEATURE)))));
    }

    // 1: (uv)' = u'v + uv' holds element by element, but u' and v' are Jacobians, not their diagonals.

    private static INDArray standardize(INDArray x) {
        INDArray centred = x.subRowVector(x.mean(0));
        return centred.mulRowVector(invStd(centred));
    }

    private static INDArray invStd(INDArray centred) {
        return Transforms.pow(centred.mul(centred).mean(0).addi(EPS), -0.5);
    }

    private static INDArray elementWiseBackward(INDArray x, INDArray dy) {
        INDArray u = x.subRowVector(x.mean(0));
        INDArray v = invStd(u);
        double uPrime = 1 - 1.0 / BATCH;
        INDArray vPrime = u.mulRowVector(Transforms.pow(v, 3)).divi(-BATCH);
        return dy.mul(u.mul(vPrime).addiRowVector(v.mul(uPrime)));
    }

    // 2: only ∂y_i/∂x_i; and x is gone when the backward pass comes.

    private static INDArray diagonalOfShares(INDArray x, INDArray dy) {
        double sum = x.sumNumber().doubleValue();
        return dy.mul(x.div(-sum * sum).addi(1 / sum));
    }

    private static INDArray divideInPlace(INDArray x) {
        return x.divi(x.sum(true, 1));
    }

    private static INDArray sharesBackward(INDArray x, INDArray dy) {
        INDArray sum = x.sum(true, 1);
        return dy.sub(dy.mul(x).divi(sum).sum(true, 1)).divi(sum);
    }

    // 3: right with the statistics of the batch; but moving ones, 0 and 1 in a new layer, are constants.

    private static final INDArray NEW_MEAN = Nd4j.zeros(DataType.DOUBLE, FEATURES);
    private static final INDArray NEW_VARIANCE = Nd4j.ones(DataType.DOUBLE, FEATURES);

    private static INDArray normalizeForTest(INDArray x) {
        return x.subRowVector(NEW_MEAN).muliRowVector(Transforms.pow(NEW_VARIANCE.add(EPS), -0.5));
    }

    private static INDArray naiveInTraining(INDArray x, INDArray dy) {
        INDArray mean = x.mean(0);
        INDArray centred = x.subRowVector(mean);
        return naive(x, dy, mean, centred.mul(centred).mean(0));
    }

    private static INDArray naive(INDArray x, INDArray dy, INDArray mean, INDArray variance) {
        return alongThreePaths(dy, x.subRowVector(mean), Transforms.pow(variance.add(EPS), -0.5));
    }

    private static INDArray alongThreePaths(INDArray dXHat, INDArray centred, INDArray invStd) {
        INDArray direct = dXHat.mulRowVector(invStd);
        INDArray dVariance =
                dXHat.mul(centred).sum(0).muli(Transforms.pow(invStd, 3)).muli(-0.5);
        INDArray dMean = direct.sum(0).negi();
        return direct.add(centred.mulRowVector(dVariance).muli(2.0 / BATCH)).addiRowVector(dMean.divi(BATCH));
    }

    // 4 and 5: a course's BatchNorm, with a cache of x̂, γ, x−μ and 1/√(σ²+ε).

    private static Forward batchNorm(INDArray... in) {
        INDArray centred = in[0].subRowVector(in[0].mean(0));
        INDArray invStd = invStd(centred);
        INDArray xHat = centred.mulRowVector(invStd);
        return Forward.of(xHat.mulRowVector(in[1]).addiRowVector(in[2])).saving(xHat, in[1], centred, invStd);
    }

    private static INDArray[] backwardWithMean(INDArray[] cache, INDArray... dOut) {
        INDArray[] right = oneLine(cache, dOut);
        return new INDArray[] {right[0], right[1], dOut[0].mean(0)};
    }

    private static INDArray[] threePaths(INDArray[] cache, INDArray... dOut) {
        INDArray dx = alongThreePaths(dOut[0].mulRowVector(cache[1]), cache[2], cache[3]);
        return new INDArray[] {dx, dOut[0].mul(cache[0]).sum(0), dOut[0].sum(0)};
    }

    private static INDArray[] oneLine(INDArray[] cache, INDArray... dOut) {
        INDArray dx = collapsed(dOut[0].mulRowVector(cache[1]), cache[0], cache[3]);
        return new INDArray[] {dx, dOut[0].mul(cache[0]).sum(0), dOut[0].sum(0)};
    }

    private static INDArray collapsed(INDArray g, INDArray xHat, INDArray invStd) {
        INDArray sum = g.sum(0);
        INDArray sumXHat = g.mul(xHat).sum(0);
        return g.mul(BATCH).subiRowVector(sum).subi(xHat.mulRowVector(sumXHat)).muliRowVector(invStd.div(BATCH));
    }

    /** BatchNorm of the transposed array: features are in front, and a column is an example. */
    private static Forward layerNorm(INDArray... in) {
        INDArray x = in[0].transpose().dup();
        INDArray centred = x.subRowVector(x.mean(0));
        INDArray invStd = invStd(centred);
        INDArray xHat = centred.mulRowVector(invStd);
        INDArray y = xHat.mulColumnVector(in[1]).addiColumnVector(in[2]);
        return Forward.of(y.transpose().dup()).saving(x, xHat, in[1], invStd);
    }

    private static INDArray[] layerNormBackward(long d, INDArray[] cache, INDArray... dOut) {
        INDArray xHat = cache[1];
        INDArray dy = dOut[0].transpose().dup();
        INDArray g = dy.mulColumnVector(cache[2]);
        INDArray dx = g.mul(d)
                .subiRowVector(g.sum(0))
                .subi(xHat.mulRowVector(g.mul(xHat).sum(0)))
                .muliRowVector(cache[3].div(d));
        return new INDArray[] {dx.transpose().dup(), dy.mul(xHat).sum(1), dy.sum(1)};
    }
}
