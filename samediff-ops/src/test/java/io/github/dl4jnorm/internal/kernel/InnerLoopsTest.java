package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Tolerances;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.DoubleSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Every inner loop of every implementation, for float and double, against {@link PlainLoops}. */
class InnerLoopsTest {
    private static final int[] ROWS = {1, 2, 3, 4, 5, 9};
    private static final int[] GAPS = {0, 5};

    /** Longest sum of the vector loops: a tile in four registers of two lanes, the fewest: doubles in 128 bit. */
    private static final int LONGEST_IN_REGISTERS = InnerLoops.TILE / 8;

    /** Longest sum of the scalar loops: an array is folded in halves until 64 sums are left. */
    private static final int HALVINGS = 6;

    /** A type of numbers: how it rounds, and what is tested for it. */
    private record Type<A>(DataType type, DoubleUnaryOperator rounding, List<InnerLoops<A>> implementations) {}

    private static final Type<float[]> FLOATS = new Type<>(DataType.FLOAT, v -> (float) v, Kernels.floatLoops());
    private static final Type<double[]> DOUBLES = new Type<>(DataType.DOUBLE, v -> v, Kernels.doubleLoops());
    private static final List<Type<?>> TYPES = List.of(FLOATS, DOUBLES);

    /** Which tiles a loop takes. */
    private enum Takes {
        ANY_TILE,
        ONE_ROW,
        LANES;

        boolean allow(int rows, int length) {
            return rows * length <= InnerLoops.TILE
                    && (this == ANY_TILE || length <= InnerLoops.CHUNK)
                    && (this != ONE_ROW || rows == 1);
        }
    }

    /** What a loop gives: one result per element, which no implementation may round in its own way, or sums. */
    private enum Gives {
        MAP,
        SUMS
    }

    /**
     * A call of a loop.
     *
     * @param name what to call it in messages
     */
    private record Loop<A>(String name, Takes takes, Gives gives, Body<A> body) {}

    private interface Body<A> {
        void run(InnerLoops<A> loops, Arguments<A> a);
    }

    private static <A> List<Loop<A>> loops() {
        return List.of(
                new Loop<>("round", Takes.ONE_ROW, Gives.MAP, (l, a) -> a.sums[0] = l.round(a.center)),
                new Loop<>(
                        "get",
                        Takes.ANY_TILE,
                        Gives.MAP,
                        (l, a) -> a.sums[0] = l.get(a.x, a.x.rows - 1, a.x.length - 1)),
                new Loop<>(
                        "fill",
                        Takes.ONE_ROW,
                        Gives.MAP,
                        (l, a) -> l.fill(a.lanes(0), a.x.length / 3, a.x.length, a.center)),
                new Loop<>("repeat", Takes.ONE_ROW, Gives.MAP, (l, a) -> l.repeat(a.lanes(0), a.x.length / 3, 3)),
                new Loop<>("widen", Takes.ONE_ROW, Gives.MAP, (l, a) -> l.widen(a.lanes(0), a.x.length, a.wide)),
                new Loop<>("narrow", Takes.ONE_ROW, Gives.MAP, (l, a) -> l.narrow(a.wide, a.x.length, a.lanes(0))),
                new Loop<>(
                        "addTo",
                        Takes.ONE_ROW,
                        Gives.MAP,
                        (l, a) -> l.addTo(a.lanes(0), a.x.length / 2, a.x.length / 3, a.wide, a.x.length / 5)),
                new Loop<>("sum", Takes.ANY_TILE, Gives.SUMS, (l, a) -> a.sums[0] = l.sum(a.x)),
                new Loop<>("moments", Takes.ANY_TILE, Gives.SUMS, (l, a) -> l.moments(a.x, a.center, a.sums)),
                new Loop<>("dots", Takes.ANY_TILE, Gives.SUMS, (l, a) -> l.dots(a.dy, a.x, a.center, a.sums)),
                new Loop<>("map", Takes.ANY_TILE, Gives.MAP, (l, a) -> l.map(a.x, a.y, a.center, a.scale, a.shift)),
                new Loop<>(
                        "mapAffine",
                        Takes.ANY_TILE,
                        Gives.MAP,
                        (l, a) -> l.mapAffine(a.x, a.y, a.maps[0], a.gamma, a.beta)),
                new Loop<>(
                        "mapBackward",
                        Takes.ANY_TILE,
                        Gives.MAP,
                        (l, a) -> l.mapBackward(a.dy, a.x, a.y, a.maps[0], a.gamma)),
                new Loop<>(
                        "mapBackward, gamma 1",
                        Takes.ANY_TILE,
                        Gives.MAP,
                        (l, a) -> l.mapBackward(a.dy, a.x, a.y, a.maps[0], 1)),
                new Loop<>("relu", Takes.ANY_TILE, Gives.MAP, (l, a) -> l.relu(a.x)),
                new Loop<>("reluBackward", Takes.ANY_TILE, Gives.MAP, (l, a) -> l.reluBackward(a.dy, a.x, a.y)),
                new Loop<>(
                        "momentsRows",
                        Takes.LANES,
                        Gives.SUMS,
                        (l, a) -> l.momentsRows(a.x, a.perRow, a.sums, a.moreSums)),
                new Loop<>(
                        "dotsRows",
                        Takes.LANES,
                        Gives.SUMS,
                        (l, a) ->
                                l.dotsRows(a.dy, a.x, a.maps, a.lanes(0), a.lanes(1), a.lanes(2), a.sums, a.moreSums)),
                new Loop<>(
                        "mapRows",
                        Takes.LANES,
                        Gives.MAP,
                        (l, a) -> l.mapRows(a.x, a.y, a.maps, a.lanes(0), a.lanes(1))),
                new Loop<>(
                        "mapBackwardRows",
                        Takes.LANES,
                        Gives.MAP,
                        (l, a) -> l.mapBackwardRows(a.dy, a.x, a.y, a.maps, a.lanes(0))),
                new Loop<>("sumLanes", Takes.LANES, Gives.SUMS, (l, a) -> l.sumLanes(a.x, a.lanes(0), a.lanes(1))),
                new Loop<>(
                        "momentsLanes",
                        Takes.LANES,
                        Gives.SUMS,
                        (l, a) -> l.momentsLanes(a.x, a.lanes(0), a.lanes(1), a.lanes(2))),
                new Loop<>(
                        "dotsLanes",
                        Takes.LANES,
                        Gives.SUMS,
                        (l, a) -> l.dotsLanes(a.dy, a.x, a.lanes(0), a.lanes(1), a.lanes(2))),
                new Loop<>(
                        "mapLanes",
                        Takes.LANES,
                        Gives.MAP,
                        (l, a) -> l.mapLanes(a.x, a.y, a.lanes(0), a.lanes(1), a.lanes(2))),
                new Loop<>(
                        "mapBackwardLanes",
                        Takes.LANES,
                        Gives.MAP,
                        (l, a) -> l.mapBackwardLanes(a.dy, a.x, a.y, a.laneMap)));
    }

    /** How numbers are drawn: those of tiles, and all others. */
    private record Data(Draw numbers, Draw coefficients) {}

    private interface Draw {
        double next(RandomGenerator random);
    }

    /** So small that no sum of a tile, in whatever order, is ever rounded: every loop must give exact results. */
    private static final Data INTEGERS = new Data(random -> random.nextInt(17) - 8, random -> random.nextInt(17) - 8);

    /** All terms of all sums are positive, so that a sum is also the sum of their absolute values. */
    private static final Data POSITIVE = new Data(random -> 2 + random.nextDouble(), random -> 1 + random.nextDouble());

    private static final double[] SPECIAL = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        0,
        -0.0,
        1,
        -1,
        0x1p-149,
        -0x1p-149,
        0x1p-1074,
        -0x1p-1074,
        0x1p-130,
        -0x1p-130,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Double.MAX_VALUE,
        -Double.MAX_VALUE
    };

    private static final Data SPECIAL_VALUES =
            new Data(random -> SPECIAL[random.nextInt(SPECIAL.length)], POSITIVE.coefficients);

    /** Arguments of a loop; results are left in them. Memory around tiles and between their rows is NaN. */
    private static final class Arguments<A> {
        private static final int ARRAYS = 3;

        /** Elements behind the last one of a loop, which none may touch. */
        private static final int ROOM = 3;

        final Tile dy;
        final Tile x;
        final Tile y;
        final double center;
        final double scale;
        final double shift;
        final double gamma;
        final double beta;
        final double[] sums;
        final double[] moreSums;
        final double[] perRow;
        final Coefficients[] maps;
        final LaneMap<A> laneMap;
        final double[] wide;

        private final InnerLoops<A> loops;
        private final List<Memory<A>> memories = new ArrayList<>();
        private final List<Integer> sizes = new ArrayList<>();
        private final List<A> arrays = new ArrayList<>();

        /** Equal shapes and equal data give equal numbers, but for rounding. */
        Arguments(InnerLoops<A> loops, Data data, int rows, int length, int gap) {
            this.loops = loops;
            RandomGenerator random = new SplittableRandom(length);
            DoubleSupplier number = () -> data.numbers.next(random);
            DoubleSupplier coefficient = () -> data.coefficients.next(random);
            dy = tile(rows, length, 3, length, number);
            x = tile(rows, length, 1, length + gap, number);
            y = tile(rows, length, 2, length + 2 * gap, () -> Double.NaN);
            for (int i = 0; i < ARRAYS; i++) {
                arrays.add(array(draw(length + ROOM, coefficient)));
            }
            wide = draw(length + ROOM, coefficient);
            laneMap = new LaneMap<>(() -> array(draw(length + ROOM, coefficient)));
            arrays.addAll(List.of(laneMap.center, laneMap.gradientCenter, laneMap.slope, laneMap.scale, laneMap.shift));
            center = coefficient.getAsDouble();
            scale = coefficient.getAsDouble();
            shift = coefficient.getAsDouble();
            gamma = coefficient.getAsDouble();
            beta = coefficient.getAsDouble();
            sums = new double[Math.max(2, rows)];
            moreSums = new double[rows];
            perRow = draw(rows, coefficient);
            maps = new Coefficients[rows];
            Arrays.setAll(maps, row -> coefficients(coefficient));
        }

        private static Coefficients coefficients(DoubleSupplier coefficient) {
            Coefficients c = new Coefficients();
            c.gradientCenter = coefficient.getAsDouble();
            c.center = coefficient.getAsDouble();
            c.slope = coefficient.getAsDouble();
            c.scale = coefficient.getAsDouble();
            c.shift = coefficient.getAsDouble();
            return c;
        }

        private static double[] draw(int count, DoubleSupplier number) {
            double[] values = new double[count];
            Arrays.setAll(values, i -> number.getAsDouble());
            return values;
        }

        private Tile tile(int rows, int length, int at, int step, DoubleSupplier number) {
            double[] values = new double[at + (rows - 1) * step + length + ROOM];
            Arrays.fill(values, Double.NaN);
            for (int row = 0; row < rows; row++) {
                System.arraycopy(draw(length, number), 0, values, at + row * step, length);
            }
            Memory<A> memory = loops.allocateMemory(values.length);
            memory.store(0, 1, array(values), 0, values.length);
            memories.add(memory);
            sizes.add(values.length);
            Tile tile = new Tile();
            tile.rows = rows;
            tile.length = length;
            assertTrue(memory.show(at, step, tile));
            return tile;
        }

        private A array(double... values) {
            A array = loops.allocate(values.length);
            loops.narrow(values, values.length, array);
            return array;
        }

        private double[] values(A array, int length) {
            double[] values = new double[length];
            loops.widen(array, length, values);
            return values;
        }

        A lanes(int i) {
            return arrays.get(i);
        }

        /** All memory: that of tiles and what is around them. */
        List<double[]> memory() {
            List<double[]> all = new ArrayList<>();
            for (int i = 0; i < memories.size(); i++) {
                A copy = loops.allocate(sizes.get(i));
                memories.get(i).load(0, 1, copy, 0, sizes.get(i));
                all.add(values(copy, sizes.get(i)));
            }
            return all;
        }

        /** All else that a loop may have changed. */
        List<double[]> arrays() {
            List<double[]> all = new ArrayList<>(List.of(sums, moreSums, wide));
            arrays.forEach(array -> all.add(values(array, wide.length)));
            return all;
        }
    }

    private interface Check<A> {
        void check(Loop<A> loop, InnerLoops<A> loops, String what, Arguments<double[]> expected, Arguments<A> actual);
    }

    /** Runs those loops that take tiles of a shape, by every implementation and as plain loops. */
    private static <A> void run(
            Type<A> type, Predicate<Loop<?>> which, Data data, int rows, int length, int gap, Check<A> check) {
        List<Loop<A>> loops = loops();
        List<Loop<double[]>> plainLoops = loops();
        for (int i = 0; i < loops.size(); i++) {
            Loop<A> loop = loops.get(i);
            if (!loop.takes.allow(rows, length) || !which.test(loop)) {
                continue;
            }
            PlainLoops plain = new PlainLoops(type.rounding);
            Arguments<double[]> expected = new Arguments<>(plain, data, rows, length, gap);
            plainLoops.get(i).body.run(plain, expected);
            for (InnerLoops<A> implementation : type.implementations) {
                Arguments<A> actual = new Arguments<>(implementation, data, rows, length, gap);
                loop.body.run(implementation, actual);
                String what = loop.name + " of " + implementation.getClass().getSimpleName() + " for " + rows + " x "
                        + length + " with gap " + gap;
                check.check(loop, implementation, what, expected, actual);
            }
        }
    }

    /** Bit by bit, but for NaN. */
    private static void assertExact(Predicate<Loop<?>> which, Data data, int rows, int length, int gap) {
        for (Type<?> type : TYPES) {
            run(type, which, data, rows, length, gap, (loop, loops, what, expected, actual) -> {
                assertExact(what + ": memory", expected.memory(), actual.memory());
                assertExact(what, expected.arrays(), actual.arrays());
            });
        }
    }

    private static void assertExact(String what, List<double[]> expected, List<double[]> actual) {
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), what + ", array " + i);
        }
    }

    /** Whether every element is taken once and what is not in a tile is left alone. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 49, 63, 64, 65, 100, 127, 128, 129, 196, 255, 256,
                257, 1000, 1025, 4095, 4096, 4097, 5461, 16384
            })
    void everyLoopIsExactWhereNothingIsRounded(int length) {
        for (int rows : ROWS) {
            for (int gap : GAPS) {
                assertExact(loop -> true, INTEGERS, rows, length, gap);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 15, 16, 49, 196, 1000, 1025})
    void everyLoopIsExactOnFullTiles(int length) {
        for (int gap : GAPS) {
            assertExact(loop -> true, INTEGERS, InnerLoops.TILE / length, length, gap);
        }
    }

    /** Maps have one result per element and no order of summation, so all implementations give the same bits. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 49, 67, 1000, 4096, 5000})
    void mapsRoundAsWritten(int length) {
        for (int rows : ROWS) {
            for (int gap : GAPS) {
                assertExact(loop -> loop.gives == Gives.MAP, POSITIVE, rows, length, gap);
                assertExact(loop -> loop.gives == Gives.MAP, SPECIAL_VALUES, rows, length, gap);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 49, 67, 1000, 4096, 16384})
    void sumsAreAccurate(int length) {
        for (int rows : ROWS) {
            for (Type<?> type : TYPES) {
                run(type, this::isPlainSum, POSITIVE, rows, length, 1, (loop, loops, what, expected, actual) -> {
                    int depth = loop.name.endsWith("Lanes") ? rows : Math.max(rows, depth(loops, rows * length));
                    assertExact(what + ": memory", expected.memory(), actual.memory());
                    assertAccurate(what, type.type, depth, rows * length, expected.arrays(), actual.arrays());
                });
            }
        }
    }

    /** The two results of sumLanes mean something together only. */
    private boolean isPlainSum(Loop<?> loop) {
        return loop.gives == Gives.SUMS && !loop.name.equals("sumLanes");
    }

    /** Length of the longest sum that is formed in the type, of n terms. */
    private static int depth(InnerLoops<?> loops, int n) {
        boolean scalar = loops.getClass().getSimpleName().startsWith("Scalar");
        return Math.min(n, scalar ? HALVINGS : LONGEST_IN_REGISTERS);
    }

    /** All terms are positive, so a sum is that of their absolute values; the expected one itself is of n doubles. */
    private static void assertAccurate(
            String what, DataType type, int depth, int n, List<double[]> expected, List<double[]> actual) {
        for (int i = 0; i < expected.size(); i++) {
            for (int j = 0; j < expected.get(i).length; j++) {
                double value = expected.get(i)[j];
                double bound = Tolerances.bound(type, depth, value, value)
                        + Tolerances.bound(DataType.DOUBLE, n, value, value);
                assertEquals(value, actual.get(i)[j], bound, what + ", array " + i);
            }
        }
    }

    /** Whole numbers of as many bits as float has, whose sum is exact in double. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 49, 100, 1000, 4096, 16384})
    void sumIsAsInDouble(int length) {
        Data data = new Data(random -> random.nextInt(1 << 25) - (1 << 24), POSITIVE.coefficients);
        for (int rows : new int[] {1, 2, 7, InnerLoops.TILE / length}) {
            for (int gap : GAPS) {
                assertExact(loop -> loop.name.equals("sum"), data, rows, length, gap);
            }
        }
    }

    /** Whole numbers, large and small ones, whose sums do not fit in the type: sums and rests are exact together. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 49, 100, 1000, 4096})
    void sumLanesLosesNothing(int length) {
        for (int rows : new int[] {1, 2, 3, 4, 5, 16}) {
            if (rows * length <= InnerLoops.TILE) {
                assertNothingLost(FLOATS, 24, rows, length);
                assertNothingLost(DOUBLES, 53, rows, length);
            }
        }
    }

    private static <A> void assertNothingLost(Type<A> type, int bits, int rows, int length) {
        long most = 1L << (bits - 3);
        Draw number = random -> random.nextLong(-most, most) << random.nextInt(8);
        for (InnerLoops<A> loops : type.implementations) {
            Arguments<A> a = new Arguments<>(loops, new Data(number, number), rows, length, 1);
            long[] exact = new long[length];
            double[] before = a.values(a.lanes(0), length);
            A rest = loops.allocate(length);
            for (int j = 0; j < length; j++) {
                exact[j] = (long) before[j];
                for (int row = 0; row < rows; row++) {
                    exact[j] += (long) loops.get(a.x, row, j);
                }
            }
            loops.sumLanes(a.x, a.lanes(0), rest);
            double[] sums = a.values(a.lanes(0), length);
            double[] rests = a.values(rest, length);
            for (int j = 0; j < length; j++) {
                long sum = (long) sums[j] + (long) rests[j];
                assertEquals(exact[j], sum, rows + " x " + length + ", column " + j);
            }
        }
    }

    /** So that a caller can tell where to look closer, and needs to look nowhere else. */
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void aNumberThatIsNotFiniteShowsInItsSumsOnly(double value) {
        Data data = new Data(
                random -> random.nextInt(50) == 0 ? value : POSITIVE.numbers.next(random), POSITIVE.coefficients);
        for (int length = 1; length < 70; length++) {
            for (int rows : ROWS) {
                for (Type<?> type : TYPES) {
                    run(
                            type,
                            loop -> loop.gives == Gives.SUMS,
                            data,
                            rows,
                            length,
                            1,
                            (loop, loops, what, expected, actual) ->
                                    assertExact(what, areFinite(expected.arrays()), areFinite(actual.arrays())));
                }
            }
        }
    }

    private static List<double[]> areFinite(List<double[]> values) {
        return values.stream()
                .map(array -> Arrays.stream(array)
                        .map(v -> Double.isFinite(v) ? 1 : 0)
                        .toArray())
                .toList();
    }

    @Test
    void noLoopIsUntested() {
        PlainLoops plain = new PlainLoops(v -> v);
        Set<String> called = new TreeSet<>();
        @SuppressWarnings("unchecked")
        InnerLoops<double[]> recorder = (InnerLoops<double[]>) Proxy.newProxyInstance(
                InnerLoops.class.getClassLoader(), new Class<?>[] {InnerLoops.class}, (proxy, method, arguments) -> {
                    called.add(method.toString());
                    return method.invoke(plain, arguments);
                });
        for (Loop<double[]> loop : InnerLoopsTest.<double[]>loops()) {
            loop.body.run(recorder, new Arguments<>(plain, INTEGERS, 1, 10, 0));
        }
        Set<String> noLoops = Set.of("allocate", "allocateMemory", "columns", "negligible", "smallestNormal");
        Set<String> declared = Arrays.stream(InnerLoops.class.getDeclaredMethods())
                .filter(method -> !method.isSynthetic() && !noLoops.contains(method.getName()))
                .map(Method::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(declared, called);
    }

    @Test
    void limitsOfTheTypes() {
        for (InnerLoops<float[]> loops : Kernels.floatLoops()) {
            assertEquals(0x1p103, loops.negligible());
            assertEquals(Float.MAX_VALUE, loops.round(Float.MAX_VALUE + 0.99 * loops.negligible()));
            assertEquals(Double.POSITIVE_INFINITY, loops.round(Float.MAX_VALUE + loops.negligible()));
            assertEquals(0x1p-126, loops.smallestNormal());
        }
        for (InnerLoops<double[]> loops : Kernels.doubleLoops()) {
            assertEquals(0x1p970, loops.negligible());
            assertEquals(0x1p-1022, loops.smallestNormal());
        }
    }

    /** Found among the classes themselves, so that a new implementation cannot go untested. */
    @Test
    void noImplementationIsUntested() throws Exception {
        Path classes = Path.of(InnerLoops.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Set<String> tested = TYPES.stream()
                .flatMap(type -> type.implementations.stream())
                .map(loops -> loops.getClass().getSimpleName())
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> all = implementations(classes.resolve("io/github/dl4jnorm/internal/kernel"));
        if (!Kernels.isVectorModuleHere()) {
            all.removeIf(name -> name.startsWith("Vector"));
        }
        assertEquals(all, tested);
    }

    /** By their file names: without the incubator module not all of them can be loaded. */
    private static Set<String> implementations(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString().replace(".class", ""))
                    .filter(name -> name.endsWith("Loops") && !name.equals("InnerLoops"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
