package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.HelperThreads;
import io.github.dl4jnorm.testing.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.api.Model;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Networks that are trained by many threads at once, one by each, come out as if they had been alone. */
class ThreadsTest {
    private static final int THREADS = 16;
    private static final int STEPS = 10;

    /** Enough for the kernels to use several threads of their own for each. */
    private static final int EXAMPLES = 2500;

    private static Model network(Norm norm) {
        Kind kind = Kind.CNN_NCHW;
        return Networks.build(
                Type.MULTI_LAYER,
                Networks.configuration(DataType.FLOAT).updater(new Adam(0.01)),
                kind.inputType(),
                List.of(norm.on(kind), kind.hidden(), norm.on(kind), kind.output()));
    }

    @ParameterizedTest
    @EnumSource(names = {"BATCH", "BATCH_RELU", "LAYER", "LAYER_ALL_AXES", "SUM"})
    void sixteenAtOnceGetTheBitsOfOne(Norm norm) throws Exception {
        List<DataSet> data = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            data.add(Kind.CNN_NCHW.data(DataType.FLOAT, Layout.C, EXAMPLES, step));
        }
        Map<Long, Long> before = HelperThreads.cpuNanos();
        INDArray expected = trained(network(norm), data);
        HelperThreads.assertCalledIfAnySince(before);
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Callable<INDArray>> tasks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Model network = network(norm);
            tasks.add(() -> {
                together.await();
                return trained(network, data);
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (Future<INDArray> done : threads.invokeAll(tasks)) {
                NDArrays.assertIdentical(expected, done.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static INDArray trained(Model network, List<DataSet> data) {
        data.forEach(batch -> Models.fit(network, batch));
        return network.params();
    }
}
