package io.github.dl4jnorm.benchmarks.kernel;

import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_rms_norm;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;

import java.util.Optional;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.group_normalization_backward;
import org.bytedeco.dnnl.group_normalization_forward;
import org.bytedeco.dnnl.layer_normalization_backward;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc;

/**
 * A normalization of oneDNN.
 *
 * @param data the layout of x, y and their gradients
 * @param mean the array of means; empty where there are none
 * @param variance the array of variances
 * @param forward the forward pass in training
 * @param backward the backward pass with all gradients
 * @param implementation what oneDNN calls the code of the forward pass
 */
record OneDnnPrimitives(
        memory.desc data,
        memory.desc mean,
        memory.desc variance,
        primitive forward,
        primitive backward,
        String implementation) {

    /** On arrays as they are; nothing if there is no such primitive. */
    static Optional<OneDnnPrimitives> of(engine cpu, Workload workload) {
        return of(cpu, workload, OneDnnLayout.asGiven(workload));
    }

    /** On arrays in the first layout that there is generated code for, if it is another than the given one. */
    static Optional<OneDnnPrimitives> ofBestLayout(engine cpu, Workload workload) {
        return OneDnnLayout.others(workload).stream()
                .flatMap(layout -> of(cpu, workload, layout).stream())
                .filter(primitives -> primitives.implementation.contains("jit"))
                .findFirst();
    }

    private static Optional<OneDnnPrimitives> of(engine cpu, Workload workload, memory.desc data) {
        try {
            return Optional.of(create(cpu, workload, data));
        } catch (RuntimeException e) {
            // oneDNN's only answer to "can you do this?".
            System.err.println("oneDNN, " + workload.title() + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static OneDnnPrimitives create(engine cpu, Workload workload, memory.desc data) {
        float eps = (float) Kind.EPS;
        int flags = dnnl_use_scale | dnnl_use_shift;
        return switch (workload.kind()) {
            case BATCH -> {
                var forward = new batch_normalization_forward.primitive_desc(
                        cpu, dnnl_forward_training, data, data, eps, flags);
                var backward = new batch_normalization_backward.primitive_desc(
                        cpu, dnnl_backward, data, data, data, eps, flags, forward);
                yield of(data, forward.mean_desc(), forward.variance_desc(), forward, backward);
            }
            case GROUP, INSTANCE -> {
                int groups = workload.kind() == Kind.GROUP ? Kind.GROUPS : workload.axisSize();
                var forward = new group_normalization_forward.primitive_desc(
                        cpu, dnnl_forward_training, data, data, groups, eps, flags);
                var backward = new group_normalization_backward.primitive_desc(
                        cpu, dnnl_backward, data, data, data, groups, eps, flags, forward);
                yield of(data, forward.mean_desc(), forward.variance_desc(), forward, backward);
            }
            case LAYER, RMS -> {
                int how = workload.kind() == Kind.RMS ? dnnl_use_scale | dnnl_rms_norm : flags;
                var forward = new layer_normalization_forward.primitive_desc(
                        cpu, dnnl_forward_training, data, data, eps, how);
                var backward = new layer_normalization_backward.primitive_desc(
                        cpu, dnnl_backward, data, data, data, eps, how, forward);
                yield of(data, forward.mean_desc(), forward.variance_desc(), forward, backward);
            }
            case SUM -> throw new IllegalArgumentException("oneDNN has no x/Σx");
        };
    }

    private static OneDnnPrimitives of(
            memory.desc data, memory.desc mean, memory.desc variance, primitive_desc forward, primitive_desc backward) {
        String implementation = forward.impl_info_str().getString();
        return new OneDnnPrimitives(
                data, mean, variance, new primitive(forward), new primitive(backward), implementation);
    }
}
