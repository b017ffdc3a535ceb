package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.Gradients;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** This library's normalizations as functions of x, or of x, gamma and beta, with statistics as their cache. */
final class OurNorm {
    private OurNorm() {}

    static Differentiable of(NormSpec spec) {
        return Differentiable.withCache(
                in -> {
                    GroupStatistics s =
                            GroupStatistics.allocate(spec, spec.on("forward", in[0].shape()), in[0].dataType());
                    INDArray y = in[0].ulike();
                    EngineChoice.current().forward(spec, in[0], affine(in), s, y);
                    return Forward.of(y)
                            .saving(
                                    in[0],
                                    affine(in).gamma(),
                                    affine(in).beta(),
                                    s.center(),
                                    s.centerResidual(),
                                    s.measure(),
                                    s.scale());
                },
                (saved, d) -> {
                    INDArray[] in = Arrays.copyOf(saved, 3);
                    INDArray[] gradients = Arrays.stream(in)
                            .map(array -> array == null ? null : array.ulike())
                            .toArray(INDArray[]::new);
                    EngineChoice.current()
                            .backward(
                                    spec,
                                    in[0],
                                    d[0],
                                    affine(in),
                                    new GroupStatistics(saved[3], saved[4], saved[5], saved[6]),
                                    new Gradients(gradients[0], gradients[1], gradients[2]));
                    return Stream.of(gradients).filter(array -> array != null).toArray(INDArray[]::new);
                });
    }

    private static AffineParameters affine(INDArray... in) {
        return new AffineParameters(in.length > 1 ? in[1] : null, in.length > 2 ? in[2] : null);
    }
}
