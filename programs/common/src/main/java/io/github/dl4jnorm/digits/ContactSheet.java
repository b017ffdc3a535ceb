package io.github.dl4jnorm.digits;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A picture of many images, to see what a network has to learn. */
final class ContactSheet {
    private static final int COLUMNS = 25;
    private static final int ROWS = 12;
    private static final int GAP = 2;
    private static final int ZOOM = 2;
    private static final int BACKGROUND = 96;

    private ContactSheet() {}

    /**
     * Writes the first images as a PNG.
     *
     * @param images [N,784], values from 0 to 1
     * @param file where to
     * @throws IOException if the file cannot be written
     */
    static void write(INDArray images, Path file) throws IOException {
        int tile = DigitPainter.SIZE * ZOOM + GAP;
        int count = (int) Math.min(images.rows(), (long) COLUMNS * ROWS);
        int rows = (count + COLUMNS - 1) / COLUMNS;
        BufferedImage sheet = new BufferedImage(COLUMNS * tile + GAP, rows * tile + GAP, BufferedImage.TYPE_BYTE_GRAY);
        WritableRaster raster = sheet.getRaster();
        for (int y = 0; y < sheet.getHeight(); y++) {
            for (int x = 0; x < sheet.getWidth(); x++) {
                raster.setSample(x, y, 0, BACKGROUND);
            }
        }
        for (int i = 0; i < count; i++) {
            paste(images.getRow(i).toFloatVector(), raster, i % COLUMNS * tile + GAP, i / COLUMNS * tile + GAP);
        }
        ImageIO.write(sheet, "png", file.toFile());
    }

    private static void paste(float[] image, WritableRaster raster, int left, int top) {
        int size = DigitPainter.SIZE;
        for (int y = 0; y < size * ZOOM; y++) {
            for (int x = 0; x < size * ZOOM; x++) {
                float value = image[y / ZOOM * size + x / ZOOM];
                raster.setSample(left + x, top + y, 0, Math.round(255 * value));
            }
        }
    }
}
