package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dl4jnorm.digits.Norm;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingChartTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void needsFonts() {
        assumeTrue(TrainingChart.canBeDrawn(), "no fonts");
    }

    @Test
    void showsBothCurvesOfEachPanel() throws IOException {
        BufferedImage image = write(Charts.of("Title", "subtitle", history(3)));
        assertPixels(image, new Color(0x00, 0x72, 0xB2), 0, 1200);
        assertPixels(image, new Color(0x00, 0x72, 0xB2), 1200, 2400);
        assertPixels(image, new Color(0xD5, 0x5E, 0x00), 1200, 2400);
    }

    @Test
    void showsEveryNormalization() throws IOException {
        Map<Norm, TrainingHistory> histories = new EnumMap<>(Norm.class);
        for (Norm norm : Norm.values()) {
            histories.put(norm, history(2 + norm.ordinal()));
        }
        BufferedImage image = write(Charts.compare("Title", "subtitle", histories));
        for (int color : new int[] {0x0072B2, 0xE69F00, 0x009E73, 0xD55E00, 0x8A8F98}) {
            assertPixels(image, new Color(color), 0, 1200);
            assertPixels(image, new Color(color), 1200, 2400);
        }
    }

    @Test
    void oneEpochOfOneStepWithoutLoss() throws IOException {
        TrainingHistory history = new TrainingHistory();
        history.add(new TrainingHistory.Epoch(List.of(new TrainingHistory.Step(0, 1)), 1, 1));
        write(Charts.of("Title", "subtitle", history));
    }

    private BufferedImage write(TrainingChart chart) throws IOException {
        Path file = directory.resolve("chart.png");
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            chart.write(file);
        } finally {
            System.setOut(out);
        }
        BufferedImage image = ImageIO.read(file.toFile());
        assertEquals(2400, image.getWidth());
        return image;
    }

    /** A curve, not just its line in the legend. */
    private static void assertPixels(BufferedImage image, Color color, int left, int right) {
        int legend = 900;
        long count = IntStream.range(0, legend)
                .mapToLong(y -> IntStream.range(left, right)
                        .filter(x -> (image.getRGB(x, y) & 0xFFFFFF) == (color.getRGB() & 0xFFFFFF))
                        .count())
                .sum();
        assertTrue(count > 300, count + " pixels of " + color);
    }

    private static TrainingHistory history(int epochs) {
        TrainingHistory history = new TrainingHistory();
        for (int e = 1; e <= epochs; e++) {
            double loss = 1.0 / (e * epochs);
            List<TrainingHistory.Step> steps =
                    List.of(new TrainingHistory.Step(2 * loss, 1), new TrainingHistory.Step(loss, 2));
            history.add(new TrainingHistory.Epoch(steps, 1 - loss / 4, 1 - loss / 2));
        }
        return history;
    }
}
