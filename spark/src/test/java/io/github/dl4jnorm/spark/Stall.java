package io.github.dl4jnorm.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Holds up the first task that comes to a certain step of training, until its JVM is killed. */
final class Stall implements TrainingHook {
    private static final long serialVersionUID = 1;
    private static final int SECONDS = 120;

    private final String folder;
    private final int iteration;

    /**
     * Creates the hook.
     *
     * @param folder an empty directory, which the executors can reach too
     * @param iteration steps of training before the one that is held up
     */
    Stall(Path folder, int iteration) {
        this.folder = folder.toString();
        this.iteration = iteration;
    }

    /** Waits for a task of a training to be held up, and says which process that is. */
    ProcessHandle await(CompletableFuture<?> training) {
        Path pid = Path.of(folder, "pid");
        return StandaloneCluster.await("a task in training", () -> {
            if (training.isDone()) {
                throw new IllegalStateException("No task was held up: " + training);
            }
            try {
                return Files.exists(pid)
                        ? ProcessHandle.of(Long.parseLong(Files.readString(pid)))
                                .orElseThrow()
                        : null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void preUpdate(DataSet minibatch, Model model) {
        if (((MultiLayerNetwork) model).getIterationCount() == iteration) {
            try {
                Files.createFile(Path.of(folder, "claimed"));
                Path written = Path.of(folder, "pid.part");
                Files.writeString(written, Long.toString(ProcessHandle.current().pid()));
                Files.move(written, Path.of(folder, "pid"), StandardCopyOption.ATOMIC_MOVE);
                new CountDownLatch(1).await(SECONDS, TimeUnit.SECONDS);
                throw new IllegalStateException("Nobody killed this JVM");
            } catch (FileAlreadyExistsException e) {
                // another task was first, or this is its second attempt
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void postUpdate(DataSet minibatch, Model model) {}

    @Override
    public void preUpdate(MultiDataSet minibatch, Model model) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void postUpdate(MultiDataSet minibatch, Model model) {}
}
