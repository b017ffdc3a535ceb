package io.github.dl4jnorm.benchmarks;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J's own BatchNormalization layer, which knows rank 2 and 4 only. */
final class BuiltinTask implements Task {
    private final Restorable layer;
    private final INDArray x;
    private final INDArray dy;

    BuiltinTask(Workload workload) {
        x = Task.input(workload);
        dy = Task.gradient(workload);
        long channels = workload.shape()[workload.axis()];
        BatchNormalization configuration = new BatchNormalization.Builder()
                .nIn(channels)
                .nOut(channels)
                .dataFormat(workload.axis() == 3 ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
                .build();
        NeuralNetConfiguration conf =
                new NeuralNetConfiguration.Builder().layer(configuration).build();
        INDArray parameters =
                Nd4j.create(DataType.FLOAT, 1, conf.getLayer().initializer().numParams(conf));
        layer = new Restorable(conf);
        layer.setParamsViewArray(parameters);
        layer.setParamTable(conf.getLayer().initializer().init(conf, parameters, true));
        layer.setBackpropGradientsViewArray(Nd4j.create(DataType.FLOAT, 1, parameters.length()));
    }

    static boolean supports(Workload workload) {
        return workload.kind() == Workload.Kind.BATCH && (workload.shape().length == 2 || workload.shape().length == 4);
    }

    @Override
    public void forward() {
        layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
        layer.save();
    }

    @Override
    public void backward() {
        layer.setInput(x, LayerWorkspaceMgr.noWorkspaces());
        layer.restore();
        layer.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces());
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
