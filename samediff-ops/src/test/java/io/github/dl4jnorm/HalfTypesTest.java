package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Samples;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** FLOAT16 and BFLOAT16 are computed in float: the results are those of float, rounded. */
class HalfTypesTest {
    /** Gradients of a given mean and variance are made of gradients of parameters, which have been rounded already. */
    private static final String WITH_GIVEN_STATISTICS = "backward of batchNormInference";

    @Property(tries = 100)
    void resultsAreThoseOfFloatRounded(@ForAll(supplier = NormCase.PerChannel.class) NormCase c, @ForAll boolean half) {
        DataType type = half ? DataType.FLOAT16 : DataType.BFLOAT16;
        // Dense arrays, so that half types and float are summed in the same order.
        INDArray x = dense(type, c.shape(), Samples.mostlyPositive(c.seed(), Doubles.length(c.shape())));
        INDArray dy = dense(type, c.shape(), Samples.gaussian(c.seed() + 1, Doubles.length(c.shape())));
        INDArray gamma = dense(type, c.parameter(1));
        INDArray beta = dense(type, c.parameter(2));
        INDArray mean = dense(type, c.parameter(3));
        INDArray variance = dense(type, c.variance(4));
        int axis = c.axes()[0];

        List<AllFunctions.Result> actual = new AllFunctions(x, dy, gamma, beta, mean, variance, c.eps(), axis).call();
        List<AllFunctions.Result> wide = new AllFunctions(
                        wide(x), wide(dy), wide(gamma), wide(beta), wide(mean), wide(variance), c.eps(), axis)
                .call();

        for (int i = 0; i < actual.size(); i++) {
            AllFunctions.Result result = actual.get(i);
            int exact = result.function().equals(WITH_GIVEN_STATISTICS)
                    ? 3
                    : result.arrays().size();
            for (int j = 0; j < exact; j++) {
                INDArray rounded = wide.get(i)
                        .arrays()
                        .get(j)
                        .castTo(result.arrays().get(j).dataType());
                assertArrayEquals(
                        Doubles.of(rounded), Doubles.of(result.arrays().get(j)), result.function() + ", array " + j);
            }
        }
        for (String function :
                List.of("batchNorm", "batchNormInference", "layerNorm", "rmsNorm", "sumNorm", "unitNorm")) {
            assertEquals(DataType.FLOAT, statistic(actual, function).dataType(), function);
        }
    }

    private static INDArray statistic(List<AllFunctions.Result> results, String function) {
        return results.stream()
                .filter(result -> result.function().equals(function))
                .findFirst()
                .orElseThrow()
                .arrays()
                .get(1);
    }

    private static INDArray dense(DataType type, long[] shape, double... values) {
        return Doubles.toArray(type, shape, values);
    }

    private static INDArray dense(DataType type, INDArray array) {
        return dense(type, array.shape(), Doubles.of(array));
    }

    private static INDArray wide(INDArray array) {
        return array.castTo(DataType.FLOAT);
    }
}
