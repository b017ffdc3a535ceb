package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.Normalized;
import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormGradients;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** This library's normalizations as functions of x, or of x, gamma and beta, with statistics as their cache. */
final class OurNorm {
    private static final NDNorm NORM = new NDNorm();

    private OurNorm() {}

    static Differentiable of(NormSpec spec) {
        return Differentiable.withCache(
                in -> {
                    Normalized f = NORM.normalize(spec, in[0], gamma(in), beta(in));
                    GroupStatistics s = f.statistics();
                    return Forward.of(f.y())
                            .saving(in[0], gamma(in), beta(in), s.center(), s.centerResidual(), s.measure(), s.scale());
                },
                (saved, d) -> {
                    GroupStatistics statistics = new GroupStatistics(saved[3], saved[4], saved[5], saved[6]);
                    NormGradients g = NORM.backward(spec, saved[0], d[0], saved[1], saved[2], statistics);
                    return IntStream.range(0, 3)
                            .filter(n -> saved[n] != null)
                            .mapToObj(n -> Arrays.asList(g.dx(), g.dGamma(), g.dBeta())
                                    .get(n)
                                    .reshape(saved[n].shape()))
                            .toArray(INDArray[]::new);
                });
    }

    private static INDArray gamma(INDArray... in) {
        return in.length > 1 ? in[1] : null;
    }

    private static INDArray beta(INDArray... in) {
        return in.length > 2 ? in[2] : null;
    }
}
