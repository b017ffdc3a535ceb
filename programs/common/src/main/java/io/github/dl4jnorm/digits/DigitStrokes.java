package io.github.dl4jnorm.digits;

import java.awt.geom.Path2D;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** How people write the ten digits: pen strokes in a box of 100 by 100, y pointing down. */
final class DigitStrokes {
    /** Width and height of the box. */
    static final int BOX = 100;

    /** In the notation of SVG paths: Move, Line, Cubic curve. */
    private static final List<List<Path2D>> WAYS = List.of(
            ways("M 52 0 C 14 0 14 100 50 100 C 86 100 86 0 50 0", "M 64 8 C 26 -16 10 98 48 100 C 92 100 86 8 46 2"),
            ways("M 52 0 L 50 100", "M 32 24 C 42 18 50 8 54 0 L 54 100", "M 32 22 L 52 0 L 52 100 M 30 100 L 74 100"),
            ways(
                    "M 24 26 C 24 -8 78 -8 76 26 C 75 50 36 76 22 100 L 80 100",
                    "M 24 22 C 30 -10 82 -6 75 30 C 70 60 40 76 30 92 C 14 110 14 68 40 88 C 54 98 66 104 80 92"),
            ways(
                    "M 25 12 C 48 -12 82 2 74 28 C 68 44 56 46 42 47 C 62 46 82 58 77 78 C 70 106 34 106 22 86",
                    "M 26 2 L 74 2 L 46 40 C 80 38 86 74 72 90 C 56 104 30 100 22 86"),
            ways(
                    "M 34 0 C 33 25 27 45 22 62 L 82 60 M 66 8 C 66 40 63 70 61 100",
                    "M 62 100 L 62 0 C 50 25 36 46 20 66 L 84 66"),
            ways(
                    "M 74 2 L 34 2 L 28 44 C 50 28 82 40 78 68 C 76 104 35 106 22 86",
                    "M 34 4 C 32 20 30 32 28 46 C 56 32 80 44 76 70 C 72 104 38 104 22 88 M 34 4 L 78 1"),
            ways(
                    "M 68 4 C 40 10 20 45 24 72 C 28 108 78 108 76 72 C 74 44 36 46 25 72",
                    "M 56 0 C 30 30 16 66 30 90 C 44 108 76 98 74 74 C 70 50 40 54 28 82"),
            ways(
                    "M 22 4 L 78 4 C 60 35 48 60 42 100",
                    "M 22 14 L 24 3 L 78 3 C 68 40 56 70 50 100",
                    "M 22 4 L 78 4 C 60 35 48 60 42 100 M 36 52 L 72 49"),
            ways(
                    "M 68 16 C 52 -12 16 4 30 30 C 42 48 75 52 76 76 C 76 108 24 108 24 78 C 26 52 62 48 71 28 C 74 12 64 2 50 3",
                    "M 50 46 C 22 46 22 0 50 0 C 78 0 78 46 50 46 C 16 46 16 100 50 100 C 84 100 84 46 50 46"),
            ways(
                    "M 72 26 C 68 -8 26 -8 26 26 C 26 58 68 56 73 20 C 74 50 72 80 66 100",
                    "M 70 24 C 62 -10 24 -6 26 26 C 28 54 68 52 72 20 C 84 66 72 108 32 96"));

    private DigitStrokes() {}

    /**
     * The ways to write a digit.
     *
     * @param digit 0 to 9
     * @return at least one, each with all of its strokes
     */
    static List<Path2D> waysToWrite(int digit) {
        return WAYS.get(digit);
    }

    private static List<Path2D> ways(String... paths) {
        return Stream.of(paths).map(DigitStrokes::parse).toList();
    }

    private static Path2D parse(String path) {
        Path2D strokes = new Path2D.Double();
        Iterator<String> words = List.of(path.split(" ")).iterator();
        while (words.hasNext()) {
            switch (words.next()) {
                case "M" -> strokes.moveTo(number(words), number(words));
                case "L" -> strokes.lineTo(number(words), number(words));
                case "C" ->
                    strokes.curveTo(
                            number(words), number(words), number(words), number(words), number(words), number(words));
                default -> throw new IllegalArgumentException("not a path: " + path);
            }
        }
        return strokes;
    }

    private static int number(Iterator<String> words) {
        return Integer.parseInt(words.next());
    }
}
