package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Several networks, and several threads. */
final class Concurrency {
    private static final int THREADS = 4;
    private static final int REPETITIONS = 20;
    private static final int SECONDS = 60;

    private Concurrency() {}

    static String instances(LayerUnderTest subject) {
        MultiLayerNetwork network = subject.cloneableNetwork();
        INDArray x = subject.input(subject.batch(), 0);
        INDArray other = subject.input(subject.batch(), 1);
        for (boolean training : new boolean[] {true, false}) {
            String when = "another network at work, in " + Activations.mode(training);
            LayerResults alone =
                    Activations.pass(subject, new LayerHarness(network.clone(), subject.seed()), x, training);
            LayerHarness first = new LayerHarness(network, subject.seed());
            LayerHarness second = new LayerHarness(network.clone(), subject.seed());
            INDArray y = first.forward(x.dup('c'), training);
            second.forward(other.dup('c'), training);
            LayerResults interrupted =
                    training ? first.backward(y, subject.epsilon(y.shape())) : LayerResults.forward(y);
            Comparisons.close(when, alone, interrupted, 0);
        }
        return "";
    }

    static String threads(LayerUnderTest subject) throws Exception {
        MultiLayerNetwork network = subject.cloneableNetwork();
        List<INDArray> inputs = new ArrayList<>();
        List<INDArray> outputs = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            inputs.add(subject.features(subject.batch(), i));
            outputs.add(network.output(inputs.get(i)).dup());
        }
        List<MultiLayerNetwork> shared = new ArrayList<>();
        List<MultiLayerNetwork> clones = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            shared.add(network);
            clones.add(network.clone());
        }
        infer("a shared network", shared, inputs, outputs);
        infer("a clone for each thread", clones, inputs, outputs);
        return THREADS + " threads, " + REPETITIONS + " times";
    }

    private static void infer(
            String what, List<MultiLayerNetwork> networks, List<INDArray> inputs, List<INDArray> outputs)
            throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "layer-check");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                tasks.add(() -> {
                    start.await();
                    for (int k = 0; k < REPETITIONS; k++) {
                        INDArray y = networks.get(thread).output(inputs.get(thread));
                        Comparisons.close(what + ", output", outputs.get(thread), y, Comparisons.ROUNDING);
                    }
                    return null;
                });
            }
            for (Future<Void> result : executor.invokeAll(tasks, SECONDS, TimeUnit.SECONDS)) {
                result.get();
            }
        } catch (CancellationException e) {
            throw new CheckFailure(what + ": not done after " + SECONDS + " seconds");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } finally {
            executor.shutdownNow();
        }
    }
}
