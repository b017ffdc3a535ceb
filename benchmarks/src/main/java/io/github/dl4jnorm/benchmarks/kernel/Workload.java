package io.github.dl4jnorm.benchmarks.kernel;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A normalization of a float array of some shape. The names are those of the table. */
public enum Workload {
    /** The first layers of a ResNet. */
    BN_64_64_56_56(Kind.BATCH, "[64,64,56,56]", 1, 64, 64, 56, 56),
    /** The second stage of a ResNet. */
    BN_32_128_28_28(Kind.BATCH, "[32,128,28,28]", 1, 32, 128, 28, 28),
    /** The third stage of a ResNet. */
    BN_128_256_14_14(Kind.BATCH, "[128,256,14,14]", 1, 128, 256, 14, 14),
    /** After a dense layer. */
    BN_256_512(Kind.BATCH, "[256,512]", 1, 256, 512),
    /** A small CNN. */
    BN_32_32_28_28(Kind.BATCH, "[32,32,28,28]", 1, 32, 32, 28, 28),
    /** So small that every overhead shows. */
    BN_8_16_8_8(Kind.BATCH, "[8,16,8,8]", 1, 8, 16, 8, 8),
    /** Channels last. */
    BN_NHWC(Kind.BATCH, "[64,56,56,64] NHWC", 3, 64, 56, 56, 64),
    /** 3D convolutions. */
    BN_3D(Kind.BATCH, "[4,32,16,32,32] 3D", 1, 4, 32, 16, 32, 32),
    /** Sequences. */
    BN_RNN(Kind.BATCH, "[64,128,100] RNN", 1, 64, 128, 100),
    /** A transformer's activations. */
    LN_8192_1024(Kind.LAYER, "[8192,1024]", 1, 8192, 1024),
    /** A base-sized transformer's. */
    LN_2048_768(Kind.LAYER, "[2048,768]", 1, 2048, 768),
    /** Small. */
    LN_64_64(Kind.LAYER, "[64,64]", 1, 64, 64),
    /** Few long rows. */
    LN_128_4096(Kind.LAYER, "[128,4096]", 1, 128, 4096),
    /** GroupNorm, as in detection networks. */
    GN_32_128_28_28(Kind.GROUP, "[32,128,28,28]", 1, 32, 128, 28, 28),
    /** The same on the large array. */
    GN_64_64_56_56(Kind.GROUP, "[64,64,56,56]", 1, 64, 64, 56, 56),
    /** InstanceNorm, as in style transfer. */
    IN_16_32_64_64(Kind.INSTANCE, "[16,32,64,64]", 1, 16, 32, 64, 64),
    /** The same on the large array. */
    IN_64_64_56_56(Kind.INSTANCE, "[64,64,56,56]", 1, 64, 64, 56, 56),
    /** RMSNorm of a transformer's activations. */
    RMS_8192_1024(Kind.RMS, "[8192,1024]", 1, 8192, 1024),
    /** A base-sized transformer's. */
    RMS_2048_768(Kind.RMS, "[2048,768]", 1, 2048, 768),
    /** Rows. */
    SUM_ROWS(Kind.SUM, "[8192,1024] over 1", 1, 8192, 1024),
    /** Columns. */
    SUM_COLUMNS(Kind.SUM, "[8192,1024] over 0", 0, 8192, 1024),
    /** Neither first nor last. */
    SUM_MIDDLE(Kind.SUM, "[64,128,1024] over 1", 1, 64, 128, 1024),
    /** For the comparison of rounding errors on hard data; not timed. */
    HARD(Kind.BATCH, "[4096,8]", 1, 4096, 8);

    private final Kind kind;
    private final String shapeTitle;
    private final int axis;
    private final long[] shape;

    Workload(Kind kind, String shapeTitle, int axis, long... shape) {
        this.kind = kind;
        this.shapeTitle = shapeTitle;
        this.axis = axis;
        this.shape = shape;
    }

    /**
     * Those whose time is measured.
     *
     * @return all but the one for rounding errors
     */
    public static List<Workload> timed() {
        return Arrays.stream(values()).filter(workload -> workload != HARD).toList();
    }

    /**
     * The smallest array of every kind of normalization.
     *
     * @return workloads that are quickly computed
     */
    public static List<Workload> smallest() {
        return Arrays.stream(Kind.values())
                .map(kind -> timed().stream()
                        .filter(workload -> workload.kind == kind)
                        .min(Comparator.comparingInt(Workload::length))
                        .orElseThrow())
                .toList();
    }

    Kind kind() {
        return kind;
    }

    /** The reduced axis of a sum, else the axis of the parameters: channels or features. */
    int axis() {
        return axis;
    }

    long[] shape() {
        return shape.clone();
    }

    int length() {
        return Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    }

    /** Size of an axis. */
    int size(int which) {
        return Math.toIntExact(shape[which]);
    }

    /** How many parameters there are, or how many numbers a sum has. */
    int axisSize() {
        return size(axis);
    }

    /** The distance of neighbours along the axis. */
    int axisStride() {
        return Math.toIntExact(Arrays.stream(shape, axis + 1, shape.length).reduce(1, (a, b) -> a * b));
    }

    /** Whether the channels are the last of several axes of an image. */
    boolean isChannelsLast() {
        return kind == Kind.BATCH && axis != 1;
    }

    /** Whether it has γ and β, or γ alone. */
    boolean isAffine() {
        return kind != Kind.SUM;
    }

    String title() {
        return kind.title() + " " + shapeTitle;
    }
}
