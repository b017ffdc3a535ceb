package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;

import io.github.dl4jnorm.keras.KerasFile.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Single normalization layers of any rank, axis, order and spelling, against the reference. */
class AxesTest {
    private static Path directory;

    @BeforeContainer
    static void create() throws Exception {
        directory = Files.createTempDirectory("keras-axes");
    }

    @AfterContainer
    static void delete() throws Exception {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    @Property(tries = 60)
    void batchNormalization(
            @ForAll Random random,
            @ForAll @IntRange(min = 2, max = 5) int rank,
            @ForAll @IntRange(min = 1, max = 4) int anyAxis,
            @ForAll boolean scale,
            @ForAll boolean center,
            @ForAll boolean fromEnd,
            @ForAll boolean asList,
            @ForAll boolean keras3)
            throws Exception {
        int[] shape = shape(random, rank);
        int axis = 1 + (anyAxis - 1) % (rank - 1);
        int spelled = fromEnd ? axis - rank : axis;
        double eps = 1e-3 + random.nextDouble();
        Map<String, Tensor> weights = Norms.batch(random, scale, center, shape[axis]);
        Map<String, Object> settings = settings(
                "axis", asList ? List.of(spelled) : Integer.valueOf(spelled),
                "epsilon", eps,
                "scale", scale,
                "center", center);
        String file = file(keras3, shape)
                .layer("BatchNormalization", "batch_norm", settings, weights)
                .write(directory);
        Tensor x = Tensor.of(random, -2, 2, shape);
        Expect.close(Norms.batchNorm(x, axis, eps, weights), output(file, x));
    }

    @Property(tries = 60)
    void layerNormalization(
            @ForAll Random random,
            @ForAll @IntRange(min = 2, max = 5) int rank,
            @ForAll @IntRange(min = 1, max = 4) int count,
            @ForAll boolean scale,
            @ForAll boolean center,
            @ForAll boolean fromEnd,
            @ForAll boolean asTuple,
            @ForAll boolean keras3)
            throws Exception {
        int[] shape = shape(random, rank);
        // Keras' own weights have the sizes in the order of the list; only in increasing order is that the
        // activations'.
        int[] sorted = someAxes(random, rank, count);
        List<Integer> chosen = spelled(rank, fromEnd, sorted);
        double eps = 1e-3 + random.nextDouble();
        int[] sizes = IntStream.of(sorted).map(axis -> shape[axis]).toArray();
        Map<String, Tensor> weights = Norms.layer(random, scale, center, sizes);
        Map<String, Object> settings = settings(
                "axis", asTuple ? settings("class_name", "__tuple__", "items", chosen) : chosen,
                "epsilon", eps,
                "scale", scale,
                "center", center,
                "rms_scaling", false);
        String file = file(keras3, shape)
                .layer("LayerNormalization", "layer_norm", settings, weights)
                .write(directory);
        Tensor x = Tensor.of(random, -2, 2, shape);
        Expect.close(Norms.layerNorm(x, eps, weights, sorted), output(file, x));
    }

    @Property(tries = 60)
    void groupNormalization(
            @ForAll Random random,
            @ForAll @IntRange(min = 2, max = 5) int rank,
            @ForAll @IntRange(min = 1, max = 4) int anyAxis,
            @ForAll @IntRange(min = 1, max = 3) int groups,
            @ForAll boolean scale,
            @ForAll boolean center,
            @ForAll boolean fromEnd,
            @ForAll boolean perChannel,
            @ForAll boolean keras3)
            throws Exception {
        int[] shape = shape(random, rank);
        int axis = 1 + (anyAxis - 1) % (rank - 1);
        shape[axis] *= groups;
        double eps = 1e-3 + random.nextDouble();
        Map<String, Tensor> weights = Norms.layer(random, scale, center, shape[axis]);
        Map<String, Object> settings = settings(
                "axis", fromEnd ? axis - rank : axis,
                "groups", perChannel ? -1 : groups,
                "epsilon", eps,
                "scale", scale,
                "center", center);
        String file = file(keras3, shape)
                .layer("GroupNormalization", "group_norm", settings, weights)
                .write(directory);
        Tensor x = Tensor.of(random, -2, 2, shape);
        Expect.close(Norms.groupNorm(x, perChannel ? shape[axis] : groups, axis, eps, weights), output(file, x));
    }

    @Property(tries = 60)
    void rmsNormalization(
            @ForAll Random random,
            @ForAll @IntRange(min = 2, max = 5) int rank,
            @ForAll @IntRange(min = 1, max = 4) int count,
            @ForAll boolean fromEnd)
            throws Exception {
        int[] shape = shape(random, rank);
        // Keras multiplies the last axes with the weights, whatever it normalizes.
        int[] axes = IntStream.range(Math.max(1, rank - count), rank).toArray();
        double eps = 1e-3 + random.nextDouble();
        Tensor scale = Tensor.of(
                random, 0.5, 2, IntStream.of(axes).map(axis -> shape[axis]).toArray());
        String file = file(true, shape)
                .layer(
                        "RMSNormalization",
                        "rms_norm",
                        settings("axis", spelled(rank, fromEnd, axes), "epsilon", eps),
                        Map.of("scale", scale))
                .write(directory);
        Tensor x = Tensor.of(random, -2, 2, shape);
        Expect.close(x.rmsNorm(scale, eps, axes), output(file, x));
    }

    @Property(tries = 60)
    void unitNormalization(
            @ForAll Random random,
            @ForAll @IntRange(min = 2, max = 5) int rank,
            @ForAll @IntRange(min = 1, max = 4) int count,
            @ForAll boolean fromEnd,
            @ForAll boolean keras3)
            throws Exception {
        int[] shape = shape(random, rank);
        int[] axes = someAxes(random, rank, count);
        String file = file(keras3, shape)
                .layer("UnitNormalization", "unit_norm", settings("axis", spelled(rank, fromEnd, axes)), Map.of())
                .write(directory);
        Tensor x = Tensor.of(random, 0.1, 2, shape);
        Expect.close(x.unitNorm(axes), output(file, x));
    }

    /** Different axes but the batch, in increasing order. */
    private static int[] someAxes(Random random, int rank, int count) {
        List<Integer> axes = new ArrayList<>(IntStream.range(1, rank).boxed().toList());
        Collections.shuffle(axes, random);
        return axes.subList(0, Math.min(count, axes.size())).stream()
                .mapToInt(axis -> axis)
                .sorted()
                .toArray();
    }

    private static List<Integer> spelled(int rank, boolean fromEnd, int... axes) {
        return IntStream.of(axes)
                .map(axis -> fromEnd ? axis - rank : axis)
                .boxed()
                .toList();
    }

    private static int[] shape(Random random, int rank) {
        return IntStream.range(0, rank).map(i -> 1 + random.nextInt(4)).toArray();
    }

    private static KerasFile file(boolean keras3, int... shape) {
        Integer[] sizes =
                IntStream.range(1, shape.length).mapToObj(i -> shape[i]).toArray(Integer[]::new);
        return KerasFile.sequential(keras3 ? Version.KERAS_3 : Version.KERAS_2).input(sizes);
    }

    private static INDArray output(String file, Tensor x) throws Exception {
        return KerasNormImport.importKerasSequentialModelAndWeights(file, false).output(x.toArray());
    }
}
