package io.github.dl4jnorm.gradcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.gradcheck.Finding.Shapes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class HeatMapTest {
    private static final int WHITE = 0xFFFFFFFF;

    @TempDir
    private Path directory;

    private static final Precision EXACT = new Precision(new double[2], new double[2], 0, true);

    /** Somewhere in one of the quarters of a panel. */
    private static int colour(BufferedImage image, int panel, int row, int column) {
        return image.getRGB(panel * HeatMap.PANEL_WIDTH + 140 + 180 * column, 174 + 180 * row);
    }

    /** Blue below zero, white at zero, red above; the difference has a scale of its own. */
    @Test
    void coloursTellSigns() {
        RealMatrix truth = Matrices.ofRows(new double[] {1, -1}, new double[] {0, 1});
        RealMatrix analytical = Matrices.ofRows(new double[] {1, -1}, new double[] {0.001, 1});
        BufferedImage image = new HeatMap(
                        "title",
                        new Discrepancy(truth, analytical, null, EXACT),
                        new Shapes(new long[] {2}, new long[] {2}))
                .draw();
        assertEquals(HeatMap.WIDTH, image.getWidth());
        assertEquals(0xFFB2182B, colour(image, 0, 0, 0));
        assertEquals(0xFF2166AC, colour(image, 0, 0, 1));
        assertEquals(WHITE, colour(image, 0, 1, 0));
        assertEquals(WHITE, colour(image, 2, 0, 0));
        assertEquals(0xFFB2182B, colour(image, 2, 1, 0));
    }

    @Test
    void numbersThatAreNoneAreGray() {
        RealMatrix truth = Matrices.ofRows(new double[] {1});
        RealMatrix analytical = Matrices.ofRows(new double[] {Double.NaN});
        BufferedImage image = new HeatMap(
                        "title",
                        new Discrepancy(truth, analytical, null, EXACT),
                        new Shapes(new long[] {1}, new long[] {1}))
                .draw();
        assertEquals(0xFF999999, colour(image, 1, 0, 0));
    }

    @Test
    void writesAFile() throws IOException {
        Path file = directory.resolve("dx.png");
        GradientDoctor.of(x -> x.mul(x), (x, dy) -> dy.mul(x))
                .examineShapes(new long[] {4, 3})
                .of("x")
                .writePicture(file);
        BufferedImage image = ImageIO.read(file.toFile());
        assertEquals(HeatMap.WIDTH, image.getWidth());
        assertTrue(image.getHeight() > 360);
    }

    /** A Jacobian of few rows, and a single gradient, are drawn as wide bands. */
    @Test
    void drawsAnyShape() {
        INDArray x = Elements.array(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        BufferedImage gradient =
                GradientDoctor.judge(at -> at.mul(at), x, x, x).of("x").picture();
        BufferedImage tall = GradientDoctor.of(
                        Differentiable.ofMany(in -> new INDArray[] {in[0].addRowVector(in[1])}, (in, d) ->
                                new INDArray[] {d[0].dup(), d[0].mean(0)}))
                .examineShapes(new long[] {20, 2}, new long[] {2})
                .of("input 1")
                .picture();
        assertTrue(gradient.getHeight() < tall.getHeight());
        assertNotEquals(WHITE, colour(tall, 0, 0, 0));
    }
}
