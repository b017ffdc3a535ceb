package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.examples.GradientQuestion.Attempt;
import io.github.dl4jnorm.gradcheck.Differentiable;
import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.gradcheck.GradientDoctor;
import io.github.dl4jnorm.gradcheck.KnownNorm;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Five questions from forums and courses, the code of each written in Java as it was asked about: the mistakes are meant
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
                        "My gradient agrees in training but not with training=False.",
                        List.of(new Attempt("the training formula with moving statistics", () -> GradientDoctor.of(
                                        GradientQuestions::normalizeForTest,
                                        GradientQuestions::trainingFormulaInTestMode)
                                .expecting(KnownNorm.batchNormInference(MOVING_MEAN, MOVING_VARIANCE, EPS, 1))
                                .examineShapes(X)))),
                new GradientQuestion(
                        "The gradient of β",
                        "Why is dβ a sum over the batch and not its mean?",
                        List.of(new Attempt("dβ as a mean", () -> GradientDoctor.of(Differentiable.withCache(
                                        GradientQuestions::batchNorm, GradientQuestions::backwardWithMean))
                                .examineShapes(X, PER_FEATURE, PER_FEATURE)))),
                new GradientQuestion(
                        "Backward passes of a course assignment",
                        "Three paths or one line: which is right? And why is my LayerNorm wrong if I only swapped axes?",
                        List.of(
                                new Attempt(
                                        "BatchNorm along three paths", () -> GradientDoctor.of(Differentiable.withCache(
                                                        GradientQuestions::batchNorm, GradientQuestions::threePaths))
                                                .examineShapes(X, PER_FEATURE, PER_FEATURE)),
                                new Attempt("BatchNorm in one line", () -> GradientDoctor.of(Differentiable.withCache(
                                                GradientQuestions::batchNorm, GradientQuestions::oneLine))
                                        .examineShapes(X, PER_FEATURE, PER_FEATURE)),
                                new Attempt("LayerNorm after BatchNorm's pattern", () -> GradientDoctor.of(
                                                Differentiable.withCache(
                                                        GradientQuestions::layerNorm,
                                                        GradientQuestions::layerNormBackward))
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

    // 3: moving statistics are constants.

    private static final INDArray MOVING_MEAN = Nd4j.createFromArray(1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7);
    private static final INDArray MOVING_VARIANCE = Nd4j.createFromArray(0.4, 0.9, 0.2, 0.5, 1.1, 0.3, 0.6, 0.8);

    private static INDArray normalizeForTest(INDArray x) {
        return x.subRowVector(MOVING_MEAN).muliRowVector(movingInvStd());
    }

    private static INDArray movingInvStd() {
        return Transforms.pow(MOVING_VARIANCE.add(EPS), -0.5);
    }

    private static INDArray trainingFormulaInTestMode(INDArray x, INDArray dy) {
        return collapsed(dy, normalizeForTest(x), movingInvStd());
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
        INDArray centred = cache[2];
        INDArray invStd = cache[3];
        INDArray dXHat = dOut[0].mulRowVector(cache[1]);
        INDArray direct = dXHat.mulRowVector(invStd);
        INDArray dVariance =
                dXHat.mul(centred).sum(0).muli(Transforms.pow(invStd, 3)).muli(-0.5);
        INDArray dMean = direct.sum(0).negi();
        INDArray dx =
                direct.add(centred.mulRowVector(dVariance).muli(2.0 / BATCH)).addiRowVector(dMean.divi(BATCH));
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

    private static Forward layerNorm(INDArray... in) {
        INDArray centred = in[0].subColumnVector(in[0].mean(1));
        INDArray invStd = Transforms.pow(centred.mul(centred).mean(1).addi(EPS), -0.5);
        INDArray xHat = centred.mulColumnVector(invStd);
        return Forward.of(xHat.mulRowVector(in[1]).addiRowVector(in[2])).saving(centred, xHat, in[1], invStd);
    }

    /** The cache is unpacked in the wrong order, and N is the batch size. */
    private static INDArray[] layerNormBackward(INDArray[] cache, INDArray... dOut) {
        INDArray xHat = cache[0];
        INDArray gamma = cache[2];
        INDArray invStd = cache[3];
        int n = BATCH;
        INDArray g = dOut[0].mulRowVector(gamma);
        INDArray dx = g.mul(n)
                .subiColumnVector(g.sum(1))
                .subi(xHat.mulColumnVector(g.mul(xHat).sum(1)))
                .muliColumnVector(invStd.div(n));
        return new INDArray[] {dx, dOut[0].mul(xHat).sum(0), dOut[0].sum(0)};
    }
}
