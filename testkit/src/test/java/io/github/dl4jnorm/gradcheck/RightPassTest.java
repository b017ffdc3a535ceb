package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.gradcheck.Diagnoses.assertHealthy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Right passes of every kind at random: recognised as what they are, and nothing found wrong with them. */
class RightPassTest {
    private static final double EPS = 1e-3;

    /** What follows a normalization. */
    enum Behind {
        NOTHING(""),
        RELU(", followed by ReLU"),
        TANH(", followed by tanh"),
        SIGMOID(", followed by sigmoid");

        private final String text;

        Behind(String text) {
            this.text = text;
        }

        INDArray y(INDArray z) {
            return switch (this) {
                case NOTHING -> z;
                case RELU -> Transforms.relu(z, true);
                case TANH -> Transforms.tanh(z, true);
                case SIGMOID -> Transforms.sigmoid(z, true);
            };
        }

        INDArray slope(INDArray z) {
            return switch (this) {
                case NOTHING -> z.mul(0).addi(1);
                case RELU -> z.gt(0).castTo(z.dataType());
                case TANH -> Transforms.pow(Transforms.tanh(z, true), 2).rsubi(1);
                case SIGMOID ->
                    Transforms.sigmoid(z, true).muli(Transforms.sigmoid(z, true).rsubi(1));
            };
        }
    }

    /** What is computed in a group: a divisor of Σ(x−c)², and whether x is centred. */
    enum Kind {
        BIASED,
        UNBIASED,
        RMS,
        L2
    }

    /** One normalization over axes of [N, D] or [B, S, D], written with array operations. */
    private record Norm(Kind kind, int[] axes, Behind behind, boolean affine) {
        INDArray centered(INDArray x) {
            return kind == Kind.BIASED || kind == Kind.UNBIASED ? x.sub(x.mean(true, axes)) : x;
        }

        double divisor(INDArray x) {
            double m = Arrays.stream(axes).mapToDouble(x::size).reduce(1, (a, b) -> a * b);
            return switch (kind) {
                case BIASED, RMS -> m;
                case UNBIASED -> m - 1;
                case L2 -> 1;
            };
        }

        INDArray s(INDArray x) {
            INDArray centered = centered(x);
            INDArray q = centered.mul(centered).sum(true, axes).divi(divisor(x));
            return Transforms.pow(kind == Kind.L2 ? Transforms.max(q, EPS, true) : q.add(EPS), -0.5);
        }

        INDArray xHat(INDArray x) {
            return centered(x).mul(s(x));
        }

        INDArray z(INDArray... in) {
            INDArray xHat = xHat(in[0]);
            return affine ? xHat.mul(row(in[1], in[0])).add(row(in[2], in[0])) : xHat;
        }

        private static INDArray row(INDArray parameter, INDArray x) {
            long[] shape = new long[x.rank()];
            Arrays.fill(shape, 1);
            shape[x.rank() - 1] = parameter.length();
            return parameter.reshape(shape);
        }

        INDArray[] gradients(INDArray[] in, INDArray dy) {
            INDArray dz = dy.mul(behind.slope(z(in)));
            INDArray g = affine ? dz.mul(row(in[1], in[0])) : dz;
            INDArray xHat = xHat(in[0]);
            INDArray inner = g.sub(xHat.mul(g.mul(xHat).sum(true, axes).div(divisor(in[0]))));
            INDArray dx = (centered(in[0]) == in[0] ? inner : inner.sub(g.mean(true, axes))).mul(s(in[0]));
            int[] others = IntStream.range(0, in[0].rank() - 1).toArray();
            return affine ? new INDArray[] {dx, dz.mul(xHat).sum(others), dz.sum(others)} : new INDArray[] {dx};
        }

        Differentiable function() {
            return Differentiable.ofMany(in -> new INDArray[] {behind.y(z(in)).dup()}, (in, d) -> gradients(in, d[0]));
        }

        String name(int m) {
            boolean batch = axes[0] == 0;
            String count = kind == Kind.L2 ? "" : ", M = " + m;
            String divisor = kind == Kind.UNBIASED ? ", its variance divided by M − 1" : "";
            String name =
                    switch (kind) {
                        case BIASED, UNBIASED -> batch ? "BatchNorm in training" : "LayerNorm";
                        case RMS -> "RMSNorm";
                        case L2 -> "x/‖x‖";
                    };
            String eps = kind == Kind.L2 ? "" : ", ε = 0.0010";
            return name + count + divisor + eps + behind.text;
        }
    }

    @Property(tries = 300)
    void isRecognisedAndHealthy(
            @ForAll Kind kind,
            @ForAll Behind behind,
            @ForAll boolean affine,
            @ForAll boolean batch,
            @ForAll boolean sequences,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<Long> shape = new ArrayList<>(List.of(3L + random.nextInt(2), 3L + random.nextInt(2)));
        if (sequences) {
            shape.add(1, 2L);
        }
        int rank = shape.size();
        int[] axes = batch ? IntStream.range(0, rank - 1).toArray() : new int[] {rank - 1};
        Norm norm = new Norm(kind, axes, behind, affine);
        long[] of = shape.stream().mapToLong(n -> n).toArray();
        INDArray[] inputs = inputs(random, of);
        while (behind == Behind.RELU && !showsReLU(norm.z(inputs))) {
            inputs = inputs(random, of);
        }
        Diagnosis diagnosis = GradientDoctor.of(norm.function()).examine(affine ? inputs : new INDArray[] {inputs[0]});
        assertHealthy(diagnosis);
        int m = (int) Arrays.stream(axes).mapToLong(a -> of[a]).reduce(1, (a, b) -> a * b);
        String text = diagnosis.forward().replaceAll(" of \\[.*?\\] over ax(is \\d+|es \\[.*?\\])", "");
        assertEquals(norm.name(m), text.replace("InstanceNorm (or LayerNorm without gamma)", "LayerNorm"));
    }

    /** A ReLU has no derivative where its argument is 0, and differences need room; and it must cut something off. */
    private static boolean showsReLU(INDArray z) {
        return Transforms.abs(z, true).minNumber().doubleValue() > 0.015
                && z.minNumber().doubleValue() < 0
                && z.maxNumber().doubleValue() > 0;
    }

    private static INDArray[] inputs(Random random, long... shape) {
        long features = shape[shape.length - 1];
        return new INDArray[] {
            gaussian(random, 0.3, shape), gaussian(random, 1.5, features), gaussian(random, 0, features)
        };
    }

    private static INDArray gaussian(Random random, double mean, long... shape) {
        return Elements.array(
                IntStream.range(0, Elements.length(shape))
                        .mapToDouble(i -> mean + random.nextGaussian())
                        .toArray(),
                shape);
    }
}
