package io.github.dl4jnorm.benchmarks.kernel;

import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** DL4J's own BatchNormalization layer, which knows rank 2 and 4 only. */
final class BuiltinTask extends KernelTask {
    private final Restorable layer;
    private final INDArray x;
    private final INDArray dy;
    private final INDArray gradients;
    private final int channels;
    private INDArray y;
    private INDArray dx;

    BuiltinTask(Problem problem) {
        super(problem);
        Workload workload = problem.workload();
        x = Nd4jArrays.array(problem.x(), workload.shape());
        dy = Nd4jArrays.array(problem.dy(), workload.shape());
        channels = workload.axisSize();
        BatchNormalization configuration = new BatchNormalization.Builder()
                .nIn(channels)
                .nOut(channels)
                .eps(Kind.EPS)
                .dataFormat(workload.axis() == 3 ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
                .build();
        NeuralNetConfiguration conf =
                new NeuralNetConfiguration.Builder().layer(configuration).build();
        INDArray parameters =
                Nd4j.create(DataType.FLOAT, 1, conf.getLayer().initializer().numParams(conf));
        layer = new Restorable(conf);
        layer.setParamsViewArray(parameters);
        layer.setParamTable(conf.getLayer().initializer().init(conf, parameters, true));
        layer.getParam(BatchNormalizationParamInitializer.GAMMA).assign(Nd4jArrays.array(problem.gamma(), 1, channels));
        layer.getParam(BatchNormalizationParamInitializer.BETA).assign(Nd4jArrays.array(problem.beta(), 1, channels));
        gradients = Nd4j.create(DataType.FLOAT, 1, parameters.length());
        layer.setBackpropGradientsViewArray(gradients);
    }

    static boolean supports(Workload workload) {
        return workload.kind() == Kind.BATCH && (workload.shape().length == 2 || workload.shape().length == 4);
    }

    @Override
    void forward() {
        y = layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
        layer.save();
    }

    @Override
    void backward() {
        layer.setInput(x, LayerWorkspaceMgr.noWorkspaces());
        layer.restore();
        dx = layer.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces()).getSecond();
    }

    @Override
    Optional<Results> results() {
        INDArray affine = gradients.reshape(gradients.length());
        return Optional.of(new Results(
                Nd4jArrays.floats(y),
                Nd4jArrays.floats(dx),
                Nd4jArrays.floats(affine.get(NDArrayIndex.interval(0, channels))),
                Nd4jArrays.floats(affine.get(NDArrayIndex.interval(channels, 2 * channels)))));
    }

    @Override
    public void close() {
        Nd4jArrays.free(x, dy);
    }

    /** The layer forgets in its backward pass what the forward pass saved; timing the former alone needs it again. */
    private static final class Restorable extends org.deeplearning4j.nn.layers.normalization.BatchNormalization {
        private INDArray savedStd;
        private INDArray savedXMu;
        private INDArray savedXHat;

        Restorable(NeuralNetConfiguration conf) {
            super(conf, DataType.FLOAT);
        }

        void save() {
            savedStd = std;
            savedXMu = xMu;
            savedXHat = xHat;
        }

        void restore() {
            std = savedStd;
            xMu = savedXMu;
            xHat = savedXHat;
        }
    }
}
