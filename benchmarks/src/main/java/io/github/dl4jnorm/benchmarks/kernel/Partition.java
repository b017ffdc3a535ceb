package io.github.dl4jnorm.benchmarks.kernel;

/** Which group and which parameter an element belongs to, by its position in 'c' order. */
final class Partition {
    private final int stride;
    private final int count;
    private final int inner;
    private final int parameterStride;
    private final int parameters;

    Partition(Workload workload) {
        int axisStride = workload.axisStride();
        int axisSize = workload.axisSize();
        parameterStride = axisStride;
        parameters = axisSize;
        // Group of element i: i / stride % count * inner + i % inner.
        inner = workload.kind() == Kind.SUM ? axisStride : 1;
        stride = switch (workload.kind()) {
            case BATCH, INSTANCE -> axisStride;
            case GROUP -> axisStride * (axisSize / Kind.GROUPS);
            case LAYER, RMS, SUM -> axisStride * axisSize;
        };
        count = workload.kind() == Kind.BATCH ? axisSize : workload.length() / stride;
    }

    int groups() {
        return count * inner;
    }

    int group(int element) {
        return element / stride % count * inner + element % inner;
    }

    int parameters() {
        return parameters;
    }

    int parameter(int element) {
        return element / parameterStride % parameters;
    }
}
