package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.gradcheck.Diagnoses.assertNamed;
import static io.github.dl4jnorm.gradcheck.Diagnoses.assertText;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** BackwardFormula passes broken in one way each, written as people write them: the doctor must name that way. */
class MutationTest {
    private static final double EPS = 1e-3;
    private static final int N = 4;
    private static final int D = 6;
    private static final long[] BATCH = {N, D};
    private static final long[] FEATURES = {D};

    // BatchNorm over axis 0 of [N, D].

    /** The staged backward pass of the BN paper, with a hook at each place where people slip. */
    private static class BatchNorm {
        double eps = EPS;
        INDArray x;
        INDArray gamma;
        INDArray mu;
        INDArray xMu;
        INDArray variance;
        INDArray invStd;
        INDArray xHat;
        INDArray dXHat;

        Forward forward(INDArray... in) {
            read(in);
            return Forward.of(xHat.mulRowVector(gamma).addiRowVector(in[2])).saving(in);
        }

        final void read(INDArray... in) {
            x = in[0];
            gamma = in[1];
            mu = x.mean(0);
            xMu = x.subRowVector(mu);
            variance = xMu.mul(xMu).mean(0);
            invStd = Transforms.pow(variance.add(EPS), -0.5);
            xHat = xMu.mulRowVector(invStd);
        }

        INDArray[] backward(INDArray[] in, INDArray... d) {
            read(in);
            dXHat = dXHat(d[0]);
            return new INDArray[] {dx(d[0]), dGamma(d[0]), dBeta(d[0])};
        }

        INDArray dXHat(INDArray dy) {
            return dy.mulRowVector(gamma);
        }

        /** Three paths: through x̂, through σ², through μ. */
        INDArray dx(INDArray dy) {
            return direct().addi(throughVariance()).addi(throughMean());
        }

        INDArray direct() {
            return dXHat.mulRowVector(backwardInvStd());
        }

        INDArray backwardInvStd() {
            return invStd;
        }

        INDArray dVariance() {
            return dXHat.mul(xMu)
                    .sum(0)
                    .muli(Transforms.pow(backwardInvStd(), 3))
                    .muli(-0.5);
        }

        INDArray throughVariance() {
            return xMu.mulRowVector(dVariance()).muli(2.0 / N);
        }

        INDArray throughMean() {
            INDArray dMu = direct().sum(0).negi();
            return x.mul(0).addiRowVector(dMu.divi(N));
        }

        INDArray dGamma(INDArray dy) {
            return dy.mul(xHat).sum(0);
        }

        INDArray dBeta(INDArray dy) {
            return dy.sum(0);
        }
    }

    private static Diagnosis diagnose(BatchNorm norm) {
        return GradientDoctor.of(Differentiable.withCache(norm::forward, norm::backward))
                .examineShapes(BATCH, FEATURES, FEATURES);
    }

    @Test
    void threePathsAreRight() {
        Diagnosis diagnosis = diagnose(new BatchNorm());
        assertTrue(diagnosis.healthy(), diagnosis::toString);
        assertEquals(List.of(), diagnosis.causes());
        assertEquals("BatchNorm in training of [4, 6] over axis 0, M = 4, ε = 0.0010", diagnosis.forward());
        assertEquals(
                List.of("x", "gamma", "beta"),
                diagnosis.findings().stream().map(Finding::input).toList());
    }

    private static Arguments row(String mistake, String input, Cause cause, String text, BatchNorm norm) {
        return Arguments.of(mistake, input, cause, text, norm);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                row("sign of the variance path", "x", Cause.VARIANCE_PATH_WRONG, "its sign", new BatchNorm() {
                    @Override
                    INDArray dVariance() {
                        return super.dVariance().negi();
                    }
                }),
                row("½ forgotten", "x", Cause.VARIANCE_PATH_WRONG, "with the ½", new BatchNorm() {
                    @Override
                    INDArray dVariance() {
                        return super.dVariance().muli(2);
                    }
                }),
                row("2 forgotten", "x", Cause.VARIANCE_PATH_WRONG, "with the 2", new BatchNorm() {
                    @Override
                    INDArray throughVariance() {
                        return super.throughVariance().muli(0.5);
                    }
                }),
                row("wrong power of the variance", "x", Cause.WRONG_CACHE, "s in place of s³", new BatchNorm() {
                    @Override
                    INDArray dVariance() {
                        return dXHat.mul(xMu).sum(0).muli(invStd).muli(-0.5);
                    }
                }),
                row("eps missing", "x", Cause.EPS_MISSING, "", new BatchNorm() {
                    @Override
                    INDArray backwardInvStd() {
                        return Transforms.pow(variance, -0.5);
                    }
                }),
                row("eps outside the root", "x", Cause.EPS_OUTSIDE_ROOT, "", new BatchNorm() {
                    @Override
                    INDArray backwardInvStd() {
                        return Transforms.sqrt(variance).addi(EPS).rdivi(1);
                    }
                }),
                row("gradient forgotten", "x", Cause.ZERO, "", new BatchNorm() {
                    @Override
                    INDArray dx(INDArray dy) {
                        return null;
                    }
                }),
                row(
                        "mean in place of sum",
                        "beta",
                        Cause.MEAN_INSTEAD_OF_SUM,
                        "divided by 4, the number of outputs that each element goes into",
                        new BatchNorm() {
                            @Override
                            INDArray dBeta(INDArray dy) {
                                return dy.mean(0);
                            }
                        }),
                row(
                        "sum over the batch forgotten",
                        "beta",
                        Cause.BROADCAST_SUM_MISSING,
                        "sum over axis 0; it has the shape [4, 6], the input has [6]",
                        new BatchNorm() {
                            @Override
                            INDArray dBeta(INDArray dy) {
                                return dy.dup();
                            }
                        }),
                row(
                        "one example in place of all",
                        "beta",
                        Cause.ONE_COPY_ONLY,
                        "the last along axis 0",
                        new BatchNorm() {
                            @Override
                            INDArray dBeta(INDArray dy) {
                                return dy.getRow(N - 1).dup();
                            }
                        }),
                row("input in place of x̂", "gamma", Cause.WRONG_CACHE, "x in place of x̂", new BatchNorm() {
                    @Override
                    INDArray dGamma(INDArray dy) {
                        return dy.mul(x).sum(0);
                    }
                }),
                row("gamma gets the gradient of beta", "gamma", Cause.GAMMA_AND_BETA_SWAPPED, "", new BatchNorm() {
                    @Override
                    INDArray dGamma(INDArray dy) {
                        return dBeta(dy);
                    }
                }),
                row(
                        "transposed shape",
                        "x",
                        Cause.WRONG_SHAPE,
                        "it has the shape [6, 4], the input has [4, 6]",
                        new BatchNorm() {
                            @Override
                            INDArray dx(INDArray dy) {
                                return super.dx(dy).transpose();
                            }
                        }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void isNamed(String mistake, String input, Cause cause, String text, BatchNorm norm) {
        Diagnosis diagnosis = diagnose(norm);
        assertNamed(diagnosis, input, cause);
        assertText(diagnosis, text);
    }

    @Test
    void gradientOverwrittenBeforeItsSecondUse() {
        Diagnosis diagnosis = diagnose(new BatchNorm() {
            @Override
            INDArray dXHat(INDArray dy) {
                return dy.muliRowVector(gamma);
            }

            @Override
            INDArray dGamma(INDArray dy) {
                return super.dGamma(dy).divi(gamma);
            }
        });
        assertNamed(diagnosis, "beta", Cause.WRONG_CACHE);
        assertText(diagnosis, "γ·dy in place of dy");
        assertEquals(List.of(Cause.BACKWARD_MODIFIES_ITS_ARGUMENTS), diagnosis.sideEffects());
        assertText(diagnosis, "Note: backward modified output gradient 0 in place");
    }

    @Test
    void twoMistakesAtOnce() {
        assertNamed(
                diagnose(new BatchNorm() {
                    @Override
                    INDArray dXHat(INDArray dy) {
                        return dy;
                    }

                    @Override
                    INDArray throughVariance() {
                        return super.throughVariance().muli(2);
                    }
                }),
                "x",
                Cause.VARIANCE_PATH_WRONG,
                Cause.GAMMA_MISSING);
        assertNamed(
                diagnose(new BatchNorm() {
                    @Override
                    INDArray dx(INDArray dy) {
                        return direct().addi(throughVariance()).muli(0.3);
                    }
                }),
                "x",
                Cause.MEAN_PATH_MISSING,
                Cause.SCALED);
    }

    // BatchNorm in inference.

    private static final INDArray MEAN = Elements.array(new double[] {1, 1.2, 1.4, 1.6, 1.8, 2}, FEATURES);
    private static final INDArray VARIANCE = Elements.array(new double[] {.2, .4, .9, 1.3, .1, .6}, FEATURES);
    private static final INDArray INV_STD = Transforms.pow(VARIANCE.add(EPS), -0.5);

    private static Diagnosis diagnoseInference(BinaryOperator<INDArray> backward) {
        return GradientDoctor.of(x -> x.subRowVector(MEAN).muliRowVector(INV_STD), backward)
                .expecting(KnownNorm.batchNormInference(MEAN, VARIANCE, EPS, 1))
                .examineShapes(BATCH);
    }

    private static INDArray trainingFormula(INDArray dy, INDArray xHat, INDArray invStd) {
        INDArray inner =
                dy.subRowVector(dy.mean(0)).subi(xHat.mulRowVector(dy.mul(xHat).mean(0)));
        return inner.muliRowVector(invStd);
    }

    @Test
    void inferenceIsRight() {
        Diagnosis diagnosis = diagnoseInference((x, dy) -> dy.mulRowVector(INV_STD));
        assertTrue(diagnosis.healthy(), diagnosis::toString);
        assertEquals("BatchNorm in inference of [4, 6] over axis 0, ε = 0.0010", diagnosis.forward());
    }

    @Test
    void trainingFormulaInInference() {
        assertNamed(
                diagnoseInference(
                        (x, dy) -> trainingFormula(dy, x.subRowVector(MEAN).muliRowVector(INV_STD), INV_STD)),
                "x",
                Cause.TRAINING_FORMULA_IN_INFERENCE);
    }

    @Test
    void trainingFormulaInInferenceWithBatchStatistics() {
        Diagnosis diagnosis = diagnoseInference((x, dy) -> {
            INDArray xMu = x.subRowVector(x.mean(0));
            INDArray invStd = Transforms.pow(xMu.mul(xMu).mean(0).addi(EPS), -0.5);
            return trainingFormula(dy, xMu.mulRowVector(invStd), invStd);
        });
        assertNamed(diagnosis, "x", Cause.TRAINING_FORMULA_IN_INFERENCE);
        assertText(diagnosis, "with the statistics of the batch");
    }

    @Test
    void inferenceIsRecognisedWithoutBeingTold() {
        Diagnosis diagnosis = GradientDoctor.of(
                        x -> x.subRowVector(MEAN).muliRowVector(INV_STD),
                        (x, dy) -> trainingFormula(dy, x.subRowVector(MEAN).muliRowVector(INV_STD), INV_STD))
                .examineShapes(BATCH);
        assertNamed(diagnosis, "x", Cause.TRAINING_FORMULA_IN_INFERENCE);
    }

    @Test
    void epsMissingInInference() {
        assertNamed(
                diagnoseInference((x, dy) -> dy.mulRowVector(Transforms.pow(VARIANCE, -0.5))), "x", Cause.EPS_MISSING);
    }

    // What x/Σx over axis 1 of [3, 4, 5] does to arrays, and does with its arguments.

    private static final long[] IMAGES = {3, 4, 5};

    private static INDArray overChannels(INDArray x) {
        return x.sum(true, 1);
    }

    private static INDArray rightSumNorm(INDArray x, INDArray dy) {
        INDArray s = overChannels(x);
        return dy.sub(overChannels(dy.mul(x).divi(s))).divi(s);
    }

    @Test
    void inputOverwritten() {
        Diagnosis diagnosis = GradientDoctor.of(x -> x.divi(overChannels(x)), MutationTest::rightSumNorm)
                .examineShapes(IMAGES);
        assertNamed(diagnosis, "x", Cause.INPUT_OVERWRITTEN);
        assertEquals(List.of(Cause.FORWARD_MODIFIES_INPUT), diagnosis.sideEffects());
        assertText(diagnosis, "the gradient would be right: this accounts for 100.0 % of the discrepancy");
    }

    @Test
    void inputOverwrittenAndOnlyTheDiagonal() {
        Diagnosis diagnosis = GradientDoctor.of(x -> x.divi(overChannels(x)), (x, dy) -> {
                    INDArray s = overChannels(x);
                    return dy.mul(s.rdiv(1).sub(x.div(s.mul(s))));
                })
                .examineShapes(IMAGES);
        assertNamed(diagnosis, "x", Cause.INPUT_OVERWRITTEN, Cause.DIAGONAL_ONLY);
    }

    @Test
    void backwardModifiesWhatIsSaved() {
        Diagnosis diagnosis = GradientDoctor.of(Differentiable.withCache(
                        in -> {
                            INDArray s = overChannels(in[0]);
                            INDArray y = in[0].div(s);
                            return Forward.of(y.dup()).saving(y, s);
                        },
                        (saved, d) -> new INDArray[] {
                            d[0].sub(overChannels(saved[0].muli(d[0]))).divi(saved[1])
                        }))
                .examineShapes(IMAGES);
        assertEquals(List.of(Cause.BACKWARD_MODIFIES_ITS_ARGUMENTS), diagnosis.causes());
        assertText(diagnosis, "Note: backward modified saved array 0 in place");
        assertEquals(Verdict.RIGHT, diagnosis.of("x").verdict());
        assertTrue(!diagnosis.healthy());
    }

    @Test
    void outputGradientIgnored() {
        UnaryOperator<INDArray> diagonal = x -> {
            INDArray s = overChannels(x);
            return s.rdiv(1).sub(x.div(s.mul(s)));
        };
        assertNamed(
                GradientDoctor.of(x -> x.div(overChannels(x)), (x, dy) -> diagonal.apply(x))
                        .examineShapes(IMAGES),
                "x",
                Cause.OUTPUT_GRADIENT_IGNORED,
                Cause.DIAGONAL_ONLY);
    }

    @Test
    void notLinear() {
        Diagnosis diagnosis = GradientDoctor.of(x -> x.div(overChannels(x)), (x, dy) -> rightSumNorm(x, dy)
                        .mul(dy))
                .examineShapes(IMAGES);
        assertEquals(Verdict.UNEXPLAINED, diagnosis.of("x").verdict());
        assertEquals(List.of(Cause.NOT_LINEAR), diagnosis.of("x").causes());
    }
}
