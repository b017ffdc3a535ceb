package io.github.dl4jnorm.benchmarks.kernel;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import io.github.dl4jnorm.benchmarks.measure.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/** oneDNN called directly, with outputs that are reused. */
final class OneDnnTask extends KernelTask {
    private static final engine CPU = new engine(engine.kind.cpu, 0);
    private static final stream STREAM = new stream(CPU);

    private final OneDnnPrimitives primitives;
    private final memory.desc plain;
    private final List<memory> memories = new ArrayList<>();
    private final memory y;
    private final memory dx;
    private final memory dGamma;
    private final memory dBeta;
    private final IntMemoryMap forward = new IntMemoryMap();
    private final IntMemoryMap backward = new IntMemoryMap();
    private final Workload workload;

    private OneDnnTask(Problem problem, OneDnnPrimitives primitives) {
        super(problem);
        this.primitives = primitives;
        workload = problem.workload();
        plain = OneDnnLayout.asGiven(workload);
        memory.desc parameters = OneDnnLayout.vector(workload.axisSize());
        memory x = filled(primitives.data(), plain, problem.x());
        memory dy = filled(primitives.data(), plain, problem.dy());
        memory gamma = filled(parameters, parameters, problem.gamma());
        y = empty(primitives.data());
        dx = empty(primitives.data());
        dGamma = empty(parameters);
        memory mean = empty(primitives.mean());
        memory variance = empty(primitives.variance());
        forward.put(DNNL_ARG_SRC, x).put(DNNL_ARG_DST, y).put(DNNL_ARG_SCALE, gamma);
        backward.put(DNNL_ARG_SRC, x)
                .put(DNNL_ARG_DIFF_DST, dy)
                .put(DNNL_ARG_SCALE, gamma)
                .put(DNNL_ARG_DIFF_SRC, dx)
                .put(DNNL_ARG_DIFF_SCALE, dGamma);
        for (IntMemoryMap arguments : List.of(forward, backward)) {
            arguments.put(DNNL_ARG_VARIANCE, variance);
            if (workload.kind().isCentered()) {
                arguments.put(DNNL_ARG_MEAN, mean);
            }
        }
        if (workload.kind().hasShift()) {
            dBeta = empty(parameters);
            forward.put(DNNL_ARG_SHIFT, filled(parameters, parameters, problem.beta()));
            backward.put(DNNL_ARG_DIFF_SHIFT, dBeta);
        } else {
            dBeta = null;
        }
    }

    /** A task; nothing if oneDNN has no such primitive, or the best layout for it is the one that is given. */
    static Optional<Task> of(Problem problem, boolean ownLayout) {
        Workload workload = problem.workload();
        if (workload.kind() == Kind.SUM) {
            return Optional.empty();
        }
        return (ownLayout ? OneDnnPrimitives.ofBestLayout(CPU, workload) : OneDnnPrimitives.of(CPU, workload))
                .map(primitives -> new OneDnnTask(problem, primitives));
    }

    private memory empty(memory.desc description) {
        memory memory = new memory(description, CPU);
        memories.add(memory);
        return memory;
    }

    private memory filled(memory.desc description, memory.desc given, float[] values) {
        memory memory = empty(description);
        try (FloatPointer numbers = new FloatPointer(values);
                memory source = new memory(given, CPU, numbers)) {
            reorder(source, memory);
        }
        return memory;
    }

    private static void reorder(memory from, memory to) {
        try (reorder reorder = new reorder(from, to)) {
            reorder.execute(STREAM, from, to);
            STREAM._wait();
        }
    }

    private static float[] floats(memory memory, memory.desc wanted, int length) {
        float[] values = new float[length];
        try (FloatPointer numbers = new FloatPointer(length);
                memory target = new memory(wanted, CPU, numbers)) {
            reorder(memory, target);
            numbers.get(values);
        }
        return values;
    }

    @Override
    void forward() {
        primitives.forward().execute(STREAM, forward);
        STREAM._wait();
    }

    @Override
    void backward() {
        primitives.backward().execute(STREAM, backward);
        STREAM._wait();
    }

    @Override
    Optional<Results> results() {
        int parameters = workload.axisSize();
        memory.desc vector = OneDnnLayout.vector(parameters);
        return Optional.of(new Results(
                floats(y, plain, workload.length()),
                floats(dx, plain, workload.length()),
                floats(dGamma, vector, parameters),
                dBeta == null ? null : floats(dBeta, vector, parameters)));
    }

    @Override
    public void close() {
        forward.close();
        backward.close();
        memories.forEach(memory::close);
    }
}
