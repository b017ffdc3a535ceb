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
import net.jqwik.api.constraints.UseType;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

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

    /** How a file spells a layer, and the numbers that it is tried with. */
    public record Spelling(
            @IntRange(min = 2, max = 5) int rank, boolean scale, boolean center, boolean fromEnd, boolean keras3) {

        int axis(int any) {
            return 1 + (any - 1) % (rank - 1);
        }

        int spelled(int axis) {
            return fromEnd ? axis - rank : axis;
        }

        List<Integer> spelled(int... axes) {
            return IntStream.of(axes).map(this::spelled).boxed().toList();
        }

        int[] shape(Random random) {
            return IntStream.range(0, rank).map(i -> 1 + random.nextInt(4)).toArray();
        }

        /** The settings that most layers have. */
        Map<String, Object> settings(Object axis, double eps) {
            return KerasFile.settings("axis", axis, "epsilon", eps, "scale", scale, "center", center);
        }
    }

    @Property(tries = 60)
    void batchNormalization(
            @ForAll Random random,
            @ForAll @UseType Spelling spelling,
            @ForAll @IntRange(min = 1, max = 4) int anyAxis,
            @ForAll boolean asList)
            throws Exception {
        int[] shape = spelling.shape(random);
        int axis = spelling.axis(anyAxis);
        int spelled = spelling.spelled(axis);
        double eps = eps(random);
        Map<String, Tensor> weights = Norms.batch(random, spelling.scale, spelling.center, shape[axis]);
        Map<String, Object> settings = spelling.settings(asList ? List.of(spelled) : Integer.valueOf(spelled), eps);
        Tensor x = Tensor.of(random, -2, 2, shape);
        compare(spelling, x, "BatchNormalization", settings, weights, Norms.batchNorm(x, axis, eps, weights));
    }

    @Property(tries = 60)
    void layerNormalization(
            @ForAll Random random,
            @ForAll @UseType Spelling spelling,
            @ForAll @IntRange(min = 1, max = 4) int count,
            @ForAll boolean asTuple)
            throws Exception {
        int[] shape = spelling.shape(random);
        // Keras' own weights have the sizes in the order of the list; only in increasing order is that the
        // activations'.
        int[] axes = someAxes(random, spelling.rank, count);
        List<Integer> spelled = spelling.spelled(axes);
        double eps = eps(random);
        Map<String, Tensor> weights = Norms.layer(random, spelling.scale, spelling.center, sizes(shape, axes));
        Map<String, Object> settings =
                spelling.settings(asTuple ? settings("class_name", "__tuple__", "items", spelled) : spelled, eps);
        settings.put("rms_scaling", false);
        Tensor x = Tensor.of(random, -2, 2, shape);
        compare(spelling, x, "LayerNormalization", settings, weights, Norms.layerNorm(x, eps, weights, axes));
    }

    @Property(tries = 60)
    void groupNormalization(
            @ForAll Random random,
            @ForAll @UseType Spelling spelling,
            @ForAll @IntRange(min = 1, max = 4) int anyAxis,
            @ForAll @IntRange(min = 1, max = 3) int groups,
            @ForAll boolean perChannel)
            throws Exception {
        int[] shape = spelling.shape(random);
        int axis = spelling.axis(anyAxis);
        shape[axis] *= groups;
        double eps = eps(random);
        Map<String, Tensor> weights = Norms.layer(random, spelling.scale, spelling.center, shape[axis]);
        Map<String, Object> settings = spelling.settings(spelling.spelled(axis), eps);
        settings.put("groups", perChannel ? -1 : groups);
        Tensor x = Tensor.of(random, -2, 2, shape);
        Tensor y = Norms.groupNorm(x, perChannel ? shape[axis] : groups, axis, eps, weights);
        compare(spelling, x, "GroupNormalization", settings, weights, y);
    }

    @Property(tries = 60)
    void rmsNormalization(
            @ForAll Random random, @ForAll @UseType Spelling spelling, @ForAll @IntRange(min = 1, max = 4) int count)
            throws Exception {
        int[] shape = spelling.shape(random);
        // Keras multiplies the last axes with the weights, whatever it normalizes.
        int[] axes = IntStream.range(Math.max(1, spelling.rank - count), spelling.rank)
                .toArray();
        double eps = eps(random);
        Tensor scale = Tensor.of(random, 0.5, 2, sizes(shape, axes));
        Map<String, Object> settings = settings("axis", spelling.spelled(axes), "epsilon", eps);
        Tensor x = Tensor.of(random, -2, 2, shape);
        compare(spelling, x, "RMSNormalization", settings, Map.of("scale", scale), x.rmsNorm(scale, eps, axes));
    }

    @Property(tries = 60)
    void unitNormalization(
            @ForAll Random random, @ForAll @UseType Spelling spelling, @ForAll @IntRange(min = 1, max = 4) int count)
            throws Exception {
        int[] axes = someAxes(random, spelling.rank, count);
        Tensor x = Tensor.of(random, 0.1, 2, spelling.shape(random));
        Map<String, Object> settings = settings("axis", spelling.spelled(axes));
        compare(spelling, x, "UnitNormalization", settings, Map.of(), x.unitNorm(axes));
    }

    private static double eps(Random random) {
        return 1e-3 + random.nextDouble();
    }

    private static int[] sizes(int[] shape, int... axes) {
        return IntStream.of(axes).map(axis -> shape[axis]).toArray();
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

    private static void compare(
            Spelling spelling,
            Tensor x,
            String className,
            Map<String, Object> settings,
            Map<String, Tensor> weights,
            Tensor expected)
            throws Exception {
        Integer[] sizes = IntStream.of(x.shape()).skip(1).boxed().toArray(Integer[]::new);
        String file = KerasFile.sequential(spelling.keras3 ? Version.KERAS_3 : Version.KERAS_2)
                .input(sizes)
                .layer(className, "the_norm", settings, weights)
                .write(directory);
        Expect.close(
                expected,
                KerasNormImport.importKerasSequentialModelAndWeights(file, false)
                        .output(x.toArray()));
    }
}
