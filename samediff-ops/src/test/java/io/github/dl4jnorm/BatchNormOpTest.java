package io.github.dl4jnorm;

import static io.github.dl4jnorm.Graphs.array;
import static io.github.dl4jnorm.Graphs.assertClose;
import static io.github.dl4jnorm.Graphs.assertSameBits;
import static io.github.dl4jnorm.Graphs.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.samediff.BatchNormOp;
import io.github.dl4jnorm.internal.samediff.NormOp;
import io.github.dl4jnorm.testing.GraphListener;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.listeners.BaseListener;
import org.nd4j.autodiff.listeners.Loss;
import org.nd4j.autodiff.listeners.Operation;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.autodiff.samediff.internal.Variable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** BatchNorm with running statistics: its modes, and who moves the statistics, when and in which type. */
class BatchNormOpTest {
    @Test
    void fitMovesRunningStatisticsOncePerIterationAndNothingElseDoes() {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        sd.setTrainingConfig(Graphs.training(0.1));
        INDArray x = random(1, 16, 3);
        INDArray weights = random(2, 16, 3);
        INDArray mean = x.mean(0);
        INDArray variance = x.var(false, 0);

        INDArray expectedMean = Nd4j.zeros(DataType.DOUBLE, 3);
        INDArray expectedVariance = Nd4j.ones(DataType.DOUBLE, 3);
        for (int step = 0; step < 3; step++) {
            sd.fit(new DataSet(x, weights));
            expectedMean = expectedMean.mul(0.9).add(mean.mul(0.1));
            expectedVariance = expectedVariance.mul(0.9).add(variance.mul(0.1));
            assertClose(expectedMean, array(sd, "bn/mean"), 1e-14);
            assertClose(expectedVariance, array(sd, "bn/var"), 1e-14);

            sd.output(Map.of("x", x, "weights", weights), "bn");
            sd.calculateGradients(Map.of("x", x, "weights", weights), "bn/gamma");
            assertClose(expectedMean, array(sd, "bn/mean"), 1e-14);
        }
    }

    @Test
    void outputUsesRunningStatisticsAndGradientsUseTheBatch() {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        array(sd, "bn/mean").assign(Nd4j.createFromArray(0.5, -1, 2));
        array(sd, "bn/var").assign(Nd4j.createFromArray(0.25, 4, 1));
        INDArray x = random(3, 8, 3);
        INDArray weights = random(4, 8, 3);
        Map<String, INDArray> placeholders = Map.of("x", x, "weights", weights);

        INDArray expected = new NDNorm()
                .batchNormInference(
                        x,
                        Nd4j.createFromArray(0.5, -1, 2),
                        Nd4j.createFromArray(0.25, 4, 1),
                        null,
                        null,
                        SDNorm.DEFAULT_EPS,
                        1)
                .y();
        assertClose(expected, sd.output(placeholders, "bn").get("bn"), 1e-14);

        INDArray one = Nd4j.ones(DataType.DOUBLE, 3);
        INDArray zero = Nd4j.zeros(DataType.DOUBLE, 3);
        NormGradients gradients =
                new NDNorm().batchNorm(x, one, zero, SDNorm.DEFAULT_EPS, 1).backward(weights);
        Map<String, INDArray> actual = sd.calculateGradients(placeholders, "bn/gamma", "bn/beta");
        assertClose(gradients.dGamma(), actual.get("bn/gamma"), 1e-13);
        assertClose(gradients.dBeta(), actual.get("bn/beta"), 1e-13);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT", "HALF", "BFLOAT16"})
    void runningStatisticsOfEveryTypeAreUsedByOutput(DataType type) {
        SameDiff sd = Graphs.batchNorm(type);
        sd.setTrainingConfig(Graphs.training(0));
        INDArray x = random(5, 8, 3).castTo(type);
        sd.fit(new DataSet(x, x));
        INDArray mean = array(sd, "bn/mean");
        INDArray variance = array(sd, "bn/var");
        assertEquals(type == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT, mean.dataType());

        Normalized batch = new NDNorm().batchNorm(x, null, null, SDNorm.DEFAULT_EPS, 1);
        assertClose(batch.mean().mul(0.1), mean, 1e-6);
        assertClose(batch.measure().mul(0.1).add(0.9), variance, 1e-6);
        Normalized expected = new NDNorm().batchNormInference(x, mean, variance, null, null, SDNorm.DEFAULT_EPS, 1);
        assertSameBits(
                expected.y(), sd.output(Map.of("x", x, "weights", x), "bn").get("bn"));
    }

    /** Activations of ±300 and ±310 have a variance of 93,050, which HALF, up to 65,504, cannot hold. */
    @Test
    void theRunningVarianceOfAHalfGraphMayExceedHalf() {
        SameDiff sd = Graphs.batchNorm(DataType.FLOAT16);
        sd.setTrainingConfig(Graphs.training(0));
        INDArray x = Nd4j.createFromArray(
                        new double[][] {{300, 310, -300}, {-300, -310, 300}, {310, 300, -310}, {-310, -300, 310}})
                .castTo(DataType.FLOAT16);
        double expected = 1;
        for (int step = 0; step < 20; step++) {
            sd.fit(new DataSet(x, x));
            expected = 0.9 * expected + 0.1 * 93_050;
            assertClose(
                    Nd4j.valueArrayOf(new long[] {3}, expected, DataType.DOUBLE),
                    array(sd, "bn/var").castTo(DataType.DOUBLE),
                    1e-6);
        }
        assertTrue(expected > 65_504);
        INDArray y = sd.output(Map.of("x", x, "weights", x), "bn").get("bn");
        assertClose(x.castTo(DataType.DOUBLE).div(Math.sqrt(expected)), y.castTo(DataType.DOUBLE), 0x1p-11);
    }

    /** A step of 0.001 is below the digits of BFLOAT16, in which 1 + 0.001 is 1. */
    @Test
    void runningStatisticsOfABfloat16GraphMoveBySmallSteps() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.BFLOAT16, -1, 3);
        SDVariable weights = sd.placeHolder("weights", DataType.BFLOAT16, -1, 3);
        SDVariable mean = sd.constant("mean", Nd4j.ones(DataType.FLOAT, 3));
        SDVariable variance = sd.constant("var", Nd4j.ones(DataType.FLOAT, 3));
        SDVariable gamma = sd.var("gamma", Nd4j.ones(DataType.BFLOAT16, 3));
        SDVariable y = new SDNorm(sd).batchNorm("bn", x, gamma, null, mean, variance, 1e-3, 0.999, 1);
        y.mul(weights).sum("loss").markAsLoss();
        sd.setTrainingConfig(Graphs.training(0));
        INDArray data =
                Nd4j.createFromArray(new float[][] {{1, 2, -3}, {3, 2, 1}}).castTo(DataType.BFLOAT16);
        for (int step = 0; step < 10; step++) {
            sd.fit(new DataSet(data, data));
        }
        double old = Math.pow(0.999, 10);
        assertClose(Nd4j.createFromArray(2.0, 2, -1).mul(1 - old).add(old), wide(sd, "mean"), 1e-6);
        assertClose(Nd4j.createFromArray(1.0, 0, 4).mul(1 - old).add(old), wide(sd, "var"), 1e-6);
    }

    private static INDArray wide(SameDiff sd, String name) {
        return array(sd, name).castTo(DataType.DOUBLE);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"HALF", "BFLOAT16"})
    void runningStatisticsInAHalfTypeAreRefused(DataType type) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", type, -1, 3);
        SDVariable wide = sd.constant("wide", Nd4j.ones(DataType.FLOAT, 3));
        SDVariable narrow = sd.constant("narrow", Nd4j.ones(type, 3));
        SDNorm norm = new SDNorm(sd);
        for (String name : List.of("runningMean", "runningVariance")) {
            boolean isMean = "runningMean".equals(name);
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> norm.batchNorm(
                            "bn", x, null, null, isMean ? narrow : wide, isMean ? wide : narrow, 1e-3, 0.9, 1));
            assertEquals(
                    "batchNorm \"bn\": expected " + name + " of type FLOAT for x of type " + type + ", got " + type,
                    e.getMessage());
        }
    }

    /** Where a listener does something while {@code sd.fit} runs. */
    enum When {
        BEFORE_AN_OP,
        AFTER_AN_OP,
        BEFORE_AN_UPDATE,
        AFTER_AN_ITERATION
    }

    /** Runs a task once, whenever the task itself causes more events. */
    private static final class Once extends BaseListener {
        private final When when;
        private final Runnable task;
        private int runs;

        Once(When when, Runnable task) {
            this.when = when;
            this.task = task;
        }

        @Override
        public boolean isActive(Operation operation) {
            return operation == Operation.TRAINING;
        }

        private void at(When event) {
            if (event == when && runs == 0) {
                runs++;
                task.run();
            }
        }

        /** Before one of ours: the session has asked for the shapes of its outputs, but not run it yet. */
        @Override
        public void preOpExecution(SameDiff sd, At at, SameDiffOp op, OpContext context) {
            if (op.getOp() instanceof NormOp) {
                at(When.BEFORE_AN_OP);
            }
        }

        @Override
        public void opExecution(
                SameDiff sd, At at, MultiDataSet batch, SameDiffOp op, OpContext context, INDArray[] outputs) {
            at(When.AFTER_AN_OP);
        }

        @Override
        public void preUpdate(SameDiff sd, At at, Variable variable, INDArray update) {
            at(When.BEFORE_AN_UPDATE);
        }

        @Override
        public void iterationDone(SameDiff sd, At at, MultiDataSet batch, Loss loss) {
            at(When.AFTER_AN_ITERATION);
        }
    }

    @ParameterizedTest
    @EnumSource(When.class)
    void whatAListenerRunsDuringFitMovesNothing(When when) {
        INDArray x = random(6, 8, 3);
        INDArray weights = random(7, 8, 3);
        SameDiff expected = Graphs.batchNorm(DataType.DOUBLE);
        expected.setTrainingConfig(Graphs.training(0.1));
        expected.fit(new DataSet(x, weights));

        SameDiff other = Graphs.batchNorm(DataType.DOUBLE);
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        sd.setTrainingConfig(Graphs.training(0.1));
        Map<String, INDArray> placeholders = Map.of("x", random(8, 4, 3), "weights", random(9, 4, 3));
        Once listener = new Once(when, () -> {
            for (SameDiff graph : List.of(sd, other)) {
                graph.output(placeholders, "bn");
                graph.calculateGradients(placeholders, "bn/gamma");
            }
        });
        sd.fit(new DataSet(x, weights), listener);
        assertEquals(1, listener.runs);
        for (String name : List.of("bn/mean", "bn/var", "bn/gamma", "bn/beta")) {
            assertSameBits(array(expected, name), array(sd, name));
        }
        assertSameBits(Nd4j.zeros(DataType.DOUBLE, 3), array(other, "bn/mean"));
        assertSameBits(Nd4j.ones(DataType.DOUBLE, 3), array(other, "bn/var"));
    }

    /** A graph that fails between the shapes and the run of its op leaves that of the outer graph to be run. */
    @Test
    void whatFailsInAListenerLeavesTheOpThatComesNext() {
        INDArray x = random(6, 8, 3);
        SameDiff failing = Graphs.batchNorm(DataType.DOUBLE);
        failing.setListeners(new GraphListener() {
            @Override
            public void preOpExecution(SameDiff sd, At at, SameDiffOp op, OpContext context) {
                throw new IllegalStateException("by this listener");
            }
        });
        SameDiff expected = Graphs.batchNorm(DataType.DOUBLE);
        expected.setTrainingConfig(Graphs.training(0.1));
        expected.fit(new DataSet(x, x));
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        sd.setTrainingConfig(Graphs.training(0.1));
        Once listener = new Once(
                When.BEFORE_AN_OP,
                () -> assertThrows(
                        IllegalStateException.class, () -> failing.output(Map.of("x", x, "weights", x), "bn")));
        sd.fit(new DataSet(x, x), listener);
        assertEquals(1, listener.runs);
        for (String name : List.of("bn/mean", "bn/var", "bn/gamma", "bn/beta")) {
            assertSameBits(array(expected, name), array(sd, name));
        }
    }

    @Test
    void fitThatAListenerRunsDuringOutputMoves() {
        INDArray x = random(6, 8, 3);
        SameDiff trained = Graphs.batchNorm(DataType.DOUBLE);
        trained.setTrainingConfig(Graphs.training(0.1));
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        sd.setListeners(new BaseListener() {
            @Override
            public boolean isActive(Operation operation) {
                return operation == Operation.INFERENCE;
            }

            @Override
            public void opExecution(
                    SameDiff graph, At at, MultiDataSet batch, SameDiffOp op, OpContext context, INDArray[] outputs) {
                if (op.getOp() instanceof BatchNormOp) {
                    trained.fit(new DataSet(x, x));
                }
            }
        });
        sd.output(Map.of("x", x, "weights", x), "bn");
        assertClose(x.mean(0).mul(0.1), array(trained, "bn/mean"), 1e-14);
        assertSameBits(Nd4j.zeros(DataType.DOUBLE, 3), array(sd, "bn/mean"));
    }
}
