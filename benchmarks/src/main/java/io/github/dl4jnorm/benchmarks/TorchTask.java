package io.github.dl4jnorm.benchmarks;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;

/**
 * PyTorch's native_batch_norm, native_layer_norm and their backward kernels; x/Σx, for which it has no kernel, is
 * written with its array operations as a user would. Outputs are allocated by PyTorch, from memory that the C library
 * keeps when the benchmark command starts it.
 */
final class TorchTask implements Task {
    private final PtNDManager manager;
    private final PtSymbolBlock forward;
    private final PtSymbolBlock backward;
    private final IValue[] forwardInputs;
    private final IValue[] backwardInputs;

    TorchTask(Workload workload, int threads) {
        manager = (PtNDManager) NDManager.newBaseManager("PyTorch");
        JniUtils.setNumThreads(threads);
        PtNDArray x = array(Task.input(workload), workload);
        PtNDArray dy = array(Task.gradient(workload), workload);
        long affine = workload.shape()[workload.axis()];
        PtNDArray gamma = (PtNDArray) manager.ones(new Shape(affine));
        PtNDArray beta = (PtNDArray) manager.zeros(new Shape(affine));
        switch (workload.kind()) {
            case BATCH -> {
                PtNDArray mean = (PtNDArray) manager.zeros(new Shape(affine));
                PtNDArray variance = (PtNDArray) manager.ones(new Shape(affine));
                forward = load(
                        "x: Tensor, g: Tensor, b: Tensor, m: Tensor, v: Tensor) -> Tuple[Tensor, Tensor, Tensor]",
                        "return torch.native_batch_norm(x, g, b, m, v, True, 0.1, 0.00001)");
                backward = load(
                        "x: Tensor, dy: Tensor, g: Tensor, m: Tensor, r: Tensor) -> Tuple[Tensor, Tensor, Tensor]",
                        "return torch.native_batch_norm_backward("
                                + "dy, x, g, None, None, m, r, True, 0.00001, [True, True, True])");
                forwardInputs = values(x, gamma, beta, mean, variance);
                IValue[] saved = forward.forward(forwardInputs).toIValueTuple();
                backwardInputs = values(x, dy, gamma, saved[1].toTensor(manager), saved[2].toTensor(manager));
            }
            case LAYER -> {
                String shape = "[" + affine + "]";
                forward = load(
                        "x: Tensor, g: Tensor, b: Tensor) -> Tuple[Tensor, Tensor, Tensor]",
                        "return torch.native_layer_norm(x, " + shape + ", g, b, 0.00001)");
                backward = load(
                        "x: Tensor, dy: Tensor, g: Tensor, b: Tensor, m: Tensor, r: Tensor)"
                                + " -> Tuple[Tensor, Tensor, Tensor]",
                        "return torch.native_layer_norm_backward(dy, x, " + shape
                                + ", m, r, g, b, [True, True, True])");
                forwardInputs = values(x, gamma, beta);
                IValue[] saved = forward.forward(forwardInputs).toIValueTuple();
                backwardInputs = values(x, dy, gamma, beta, saved[1].toTensor(manager), saved[2].toTensor(manager));
            }
            default -> {
                String axis = "[" + workload.axis() + "]";
                forward = load(
                        "x: Tensor) -> Tuple[Tensor, Tensor]",
                        "s = torch.sum(x, " + axis + ", True)",
                        "return (torch.div(x, s), s)");
                backward = load(
                        "y: Tensor, dy: Tensor, s: Tensor) -> Tensor",
                        "return torch.div(torch.sub(dy, torch.sum(torch.mul(dy, y), " + axis + ", True)), s)");
                forwardInputs = values(x);
                IValue[] saved = forward.forward(forwardInputs).toIValueTuple();
                backwardInputs = values(saved[0].toTensor(manager), dy, saved[1].toTensor(manager));
            }
        }
    }

    private PtSymbolBlock load(String signature, String... body) {
        return TorchScript.load(manager, signature, body);
    }

    /** PyTorch wants channels at axis 1; an array of another layout becomes a view, which is its "channels last". */
    private PtNDArray array(org.nd4j.linalg.api.ndarray.INDArray values, Workload workload) {
        PtNDArray array = (PtNDArray) manager.create(values.data().asFloat(), new Shape(workload.shape()));
        boolean last = workload.kind() == Workload.Kind.BATCH && workload.axis() != 1;
        return last ? array.transpose(workload.channelsSecond()) : array;
    }

    private static IValue[] values(PtNDArray... arrays) {
        IValue[] values = new IValue[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            values[i] = IValue.from(arrays[i]);
        }
        return values;
    }

    @Override
    public void forward() {
        release(forward.forward(forwardInputs));
    }

    @Override
    public void backward() {
        release(backward.forward(backwardInputs));
    }

    /** Frees the outputs at once, so that the next call gets the same memory. */
    private void release(IValue result) {
        try (result) {
            if (!result.isTuple()) {
                result.toTensor(manager).close();
                return;
            }
            for (IValue value : result.toIValueTuple()) {
                try (value) {
                    value.toTensor(manager).close();
                }
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
