package io.github.dl4jnorm.benchmarks;

import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

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
    /** Rows. */
    SUM_ROWS(Kind.SUM, "[8192,1024] over 1", 1, 8192, 1024),
    /** Columns. */
    SUM_COLUMNS(Kind.SUM, "[8192,1024] over 0", 0, 8192, 1024),
    /** Neither first nor last. */
    SUM_MIDDLE(Kind.SUM, "[64,128,1024] over 1", 1, 64, 128, 1024);

    /** The kinds of normalization. */
    enum Kind {
        /** BatchNorm in training. */
        BATCH("BN", axis -> NormSpec.batchNorm(Kind.EPS, axis)),
        /** LayerNorm. */
        LAYER("LN", axis -> NormSpec.layerNorm(Kind.EPS, axis)),
        /** Sum-normalization. */
        SUM("x/Σx", axis -> NormSpec.sumNorm(0, axis));

        /** ε of the peers too. */
        private static final double EPS = 1e-5;

        private final String title;
        private final IntFunction<NormSpec> spec;

        Kind(String title, IntFunction<NormSpec> spec) {
            this.title = title;
            this.spec = spec;
        }
    }

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

    Kind kind() {
        return kind;
    }

    /** The channel axis of a BatchNorm, else the reduced axis. */
    int axis() {
        return axis;
    }

    long[] shape() {
        return shape.clone();
    }

    long length() {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    NormSpec spec() {
        return kind.spec.apply(axis);
    }

    /** The axes of a permutation that brings the channels to axis 1, where PyTorch expects them. */
    int[] channelsSecond() {
        int rank = shape.length;
        return IntStream.range(0, rank)
                .map(i -> i == 0 ? 0 : i == 1 ? axis : i - 1 < axis ? i - 1 : i)
                .toArray();
    }

    String title() {
        return kind.title + " " + shapeTitle;
    }
}
