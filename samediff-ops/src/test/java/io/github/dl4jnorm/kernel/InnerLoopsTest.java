package io.github.dl4jnorm.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Tolerances;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Every inner loop of every implementation for float, against the loops in double. */
class InnerLoopsTest {
    private static final int ROWS = 7;
    private static final DataType FLOAT = DataType.FLOAT;

    /** Longest sum in float: 4096 terms in 4 registers of 4 lanes. */
    private static final int LONGEST = InnerLoops.CHUNK / 16;

    private final InnerLoops<double[]> exact = new ScalarDoubleLoops();

    /** A loop that can be run for any type. */
    private interface Loop {
        <A> void run(InnerLoops<A> loops, Arguments<A> a, int n);
    }

    /** Arguments of a loop; results are left in them. */
    private static final class Arguments<A> {
        final A dy;
        final A x;
        final List<A> lanes = new ArrayList<>();
        final A[] dyRows;
        final A[] xRows;
        final double[] sums = new double[2];
        final double[] manySums = new double[InnerLoops.CHUNK];

        Arguments(InnerLoops<A> loops, long seed) {
            Random random = new Random(seed);
            dy = random(loops, random);
            x = random(loops, random);
            for (int i = 0; i < 5; i++) {
                lanes.add(random(loops, random));
            }
            dyRows = loops.allocate(ROWS, InnerLoops.CHUNK);
            xRows = loops.allocate(ROWS, InnerLoops.CHUNK);
            for (int i = 0; i < ROWS; i++) {
                dyRows[i] = random(loops, random);
                xRows[i] = random(loops, random);
            }
        }

        private static <A> A random(InnerLoops<A> loops, Random random) {
            A array = loops.allocate(InnerLoops.CHUNK);
            for (int i = 0; i < InnerLoops.CHUNK; i++) {
                loops.set(array, i, random.nextFloat() - 0.5f);
            }
            return array;
        }

        /** Everything, in a fixed order. */
        List<A> all() {
            List<A> all = new ArrayList<>(List.of(dy, x));
            all.addAll(lanes);
            all.addAll(Arrays.asList(dyRows));
            all.addAll(Arrays.asList(xRows));
            return all;
        }
    }

    private static final float CENTER = 0.125f;
    private static final float MEAN = 0.25f;
    private static final float SCALE = 1.5f;
    private static final float SHIFT = -0.375f;
    private static final float SLOPE = 0.3f;

    /** One entry per loop of the interface, by its name. */
    private static Map<String, Loop> loops() {
        Map<String, Loop> map = new TreeMap<>();
        map.put("addTo", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.addTo(a.x, 0, n, a.manySums, 0);
                l.addTo(a.dy, n / 2, n - n / 2, a.manySums, n / 2);
            }
        });
        map.put("sum", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                a.sums[0] = l.sum(a.x, n);
            }
        });
        map.put("moments", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.moments(a.x, n, MEAN, a.sums);
            }
        });
        map.put("dots", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.dots(a.dy, a.x, n, MEAN, a.sums);
            }
        });
        map.put("map", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.map(a.x, n, MEAN, SCALE, SHIFT);
            }
        });
        map.put("mapAffine", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.mapAffine(a.x, n, MEAN, SCALE, SHIFT, a.lanes.get(0), a.lanes.get(1));
            }
        });
        map.put("mapBackward", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.mapBackward(a.dy, a.x, n, CENTER, MEAN, SLOPE, SCALE, SHIFT);
            }
        });
        map.put("relu", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.relu(a.x, n);
            }
        });
        map.put("reluBackward", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.reluBackward(a.dy, a.x, n);
            }
        });
        map.put("collectParameters", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.collectParameters(a.dy, a.x, n, MEAN, SCALE, SHIFT, a.lanes.get(0), a.lanes.get(1), a.lanes.get(2));
            }
        });
        map.put("sumLanes", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.sumLanes(a.xRows, ROWS, n, a.lanes.get(0));
            }
        });
        map.put("momentsLanes", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.momentsLanes(a.xRows, ROWS, n, a.lanes.get(0), a.lanes.get(1), a.lanes.get(2));
            }
        });
        map.put("dotsLanes", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.dotsLanes(a.dyRows, a.xRows, ROWS, n, a.lanes.get(0), a.lanes.get(1), a.lanes.get(2));
            }
        });
        map.put("mapLanes", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.mapLanes(a.xRows, ROWS, n, a.lanes.get(0), a.lanes.get(1), a.lanes.get(2));
            }
        });
        map.put("mapBackwardLanes", new Loop() {
            @Override
            public <A> void run(InnerLoops<A> l, Arguments<A> a, int n) {
                l.mapBackwardLanes(
                        a.dyRows,
                        a.xRows,
                        ROWS,
                        n,
                        a.lanes.get(0),
                        a.lanes.get(1),
                        a.lanes.get(2),
                        a.lanes.get(3),
                        a.lanes.get(4));
            }
        });
        return map;
    }

    @Test
    void noLoopIsUntested() {
        Set<String> access = Set.of("allocate", "get", "set", "fill", "round", "widen", "narrow");
        Set<String> declared = Arrays.stream(InnerLoops.class.getDeclaredMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .map(Method::getName)
                .filter(name -> !access.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(declared, loops().keySet());
        assertEquals(15, declared.size());
    }

    /** Found among the classes themselves, so that a new implementation cannot go untested. */
    @Test
    void noImplementationIsUntested() throws Exception {
        Path classes = Path.of(InnerLoops.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        assertEquals(
                Set.of("ScalarFloatLoops", "ScalarDoubleLoops", "VectorFloatLoops"),
                implementations(classes.resolve("io/github/dl4jnorm/kernel")));
        assertEquals(
                Kernels.names().stream().map(Kernels::className).collect(Collectors.toSet()),
                Kernels.floatLoops().stream()
                        .map(loops -> loops.getClass().getSimpleName())
                        .collect(Collectors.toSet()));
    }

    /** By their file names: without the incubator module not all of them can be loaded. */
    private static Set<String> implementations(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString().replace(".class", ""))
                    .filter(name -> name.endsWith("Loops") && !name.equals("InnerLoops"))
                    .collect(Collectors.toSet());
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 32, 33, 61, 63, 64, 65, 67, 127, 128, 129, 131, 255, 256,
                257, 509, 511, 512, 513, 1023, 1024, 1025, 2039, 2047, 2048, 2049, 4093, 4095, 4096
            })
    void everyLoopAgreesWithDouble(int n) {
        loops().forEach((name, loop) -> {
            Arguments<double[]> expected = new Arguments<>(exact, n);
            loop.run(exact, expected, n);
            for (InnerLoops<float[]> loops : Kernels.floatLoops()) {
                Arguments<float[]> actual = new Arguments<>(loops, n);
                loop.run(loops, actual, n);
                assertAgree(name + " of " + loops.getClass().getSimpleName(), n, expected, actual);
            }
        });
    }

    /** Maps have one result per element and no order of summation, so all implementations give the same bits. */
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 1000, 4096})
    void mapsAreBitIdentical(int n) {
        List<InnerLoops<float[]>> all = Kernels.floatLoops();
        loops().forEach((name, loop) -> {
            if (name.startsWith("map") || name.startsWith("relu") || name.equals("collectParameters")) {
                Arguments<float[]> expected = new Arguments<>(all.get(0), n);
                loop.run(all.get(0), expected, n);
                Arguments<float[]> actual = new Arguments<>(all.get(all.size() - 1), n);
                loop.run(all.get(all.size() - 1), actual, n);
                for (int i = 0; i < expected.all().size(); i++) {
                    assertArrayEquals(expected.all().get(i), actual.all().get(i), name);
                }
            }
        });
    }

    @Test
    void reluKeepsNaNAndClosesAtZero() {
        float[] y = {
            Float.NaN,
            Float.intBitsToFloat(0xffc00000),
            0,
            -0f,
            Float.MIN_VALUE,
            -Float.MIN_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            1,
            -1
        };
        for (InnerLoops<float[]> loops : Kernels.floatLoops()) {
            // Each value at each lane, and behind the last full vector.
            for (int n = 1; n < 6 * y.length; n++) {
                float[] values = new float[n];
                float[] dy = new float[n];
                for (int i = 0; i < n; i++) {
                    values[i] = y[i % y.length];
                    dy[i] = values[i] > 0 ? i + 1 : i % 2 == 0 ? Float.NaN : Float.NEGATIVE_INFINITY;
                }
                float[] rectified = values.clone();
                loops.relu(rectified, n);
                loops.reluBackward(dy, values, n);
                for (int i = 0; i < n; i++) {
                    assertEquals(Math.max(values[i], 0f), rectified[i], "relu of " + values[i]);
                    assertEquals(values[i] > 0 ? i + 1f : 0f, dy[i], "gradient at " + values[i]);
                }
            }
        }
    }

    private static void assertAgree(String what, int n, Arguments<double[]> expected, Arguments<float[]> actual) {
        // All terms are smaller than 2 in absolute value.
        double sumBound = Tolerances.bound(FLOAT, LONGEST, 2.0 * n, 2.0 * n);
        Tolerances.assertClose(what + ": sums", expected.sums, actual.sums, sumBound);
        Tolerances.assertClose(
                what + ": many sums", expected.manySums, actual.manySums, Tolerances.bound(FLOAT, 1, 2, 2));
        double laneBound = Tolerances.bound(FLOAT, ROWS, 2.0 * ROWS, 2.0 * ROWS);
        for (int i = 0; i < expected.all().size(); i++) {
            float[] values = actual.all().get(i);
            double[] wide = new double[values.length];
            for (int j = 0; j < wide.length; j++) {
                wide[j] = values[j];
            }
            Tolerances.assertClose(what + ": array " + i, expected.all().get(i), wide, laneBound);
        }
        assertTrue(Double.isFinite(actual.sums[0]));
    }
}
