package io.github.dl4jnorm.digits;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.random.RandomGenerator;

/** Writes single digits with an unsteady hand: white on black, with noise. */
public final class DigitPainter {
    /** Width and height of an image in pixels. */
    public static final int SIZE = 28;

    private static final double HEIGHT = 20;
    private static final double POINT_JITTER = 4.5;
    private static final double MAX_SHIFT = 2;
    private static final double MAX_TURN = Math.toRadians(14);
    private static final double MAX_SLANT = 0.35;
    private static final double MAX_NOISE = 0.15;

    private final RandomGenerator random;

    /**
     * Creates a painter.
     *
     * @param random decides on every stroke
     */
    DigitPainter(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Paints a digit, every time in another way.
     *
     * @param digit 0 to 9
     * @return the pixels row by row, from 0 (paper) to 1 (ink)
     */
    float[] paint(int digit) {
        List<Path2D> ways = DigitStrokes.waysToWrite(digit);
        Path2D strokes = jitter(ways.get(random.nextInt(ways.size())));
        strokes.transform(placement());
        return scan(draw(strokes));
    }

    /** Moves every end and control point by a little. */
    private Path2D jitter(Path2D strokes) {
        Path2D moved = new Path2D.Double();
        double[] p = new double[6];
        for (PathIterator i = strokes.getPathIterator(null); !i.isDone(); i.next()) {
            int segment = i.currentSegment(p);
            for (int j = 0; j < p.length; j++) {
                p[j] += POINT_JITTER * random.nextGaussian();
            }
            switch (segment) {
                case PathIterator.SEG_MOVETO -> moved.moveTo(p[0], p[1]);
                case PathIterator.SEG_LINETO -> moved.lineTo(p[0], p[1]);
                case PathIterator.SEG_CUBICTO -> moved.curveTo(p[0], p[1], p[2], p[3], p[4], p[5]);
                default -> throw new IllegalArgumentException("segment type " + segment);
            }
        }
        return moved;
    }

    /** From the strokes' box to a random place on the image: centre, scale, slant, turn, shift. */
    private AffineTransform placement() {
        AffineTransform placement = new AffineTransform();
        placement.translate(SIZE / 2.0 + within(MAX_SHIFT), SIZE / 2.0 + within(MAX_SHIFT));
        placement.rotate(within(MAX_TURN));
        placement.shear(within(MAX_SLANT), 0);
        double scale = HEIGHT / DigitStrokes.BOX * random.nextDouble(0.8, 1.08);
        placement.scale(scale * random.nextDouble(0.75, 1.15), scale);
        placement.translate(-DigitStrokes.BOX / 2.0, -DigitStrokes.BOX / 2.0);
        return placement;
    }

    private BufferedImage draw(Path2D strokes) {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setColor(Color.WHITE);
        float thickness = (float) random.nextDouble(1.3, 3.2);
        g.setStroke(new BasicStroke(thickness, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(strokes);
        g.dispose();
        return image;
    }

    /** Reads the pixels as a cheap scanner would: faint ink, grainy paper. */
    private float[] scan(BufferedImage image) {
        int[] levels = image.getRaster().getSamples(0, 0, SIZE, SIZE, 0, (int[]) null);
        double ink = random.nextDouble(0.7, 1);
        double noise = random.nextDouble(MAX_NOISE);
        float[] pixels = new float[levels.length];
        for (int i = 0; i < pixels.length; i++) {
            double value = ink * levels[i] / 255 + noise * random.nextGaussian();
            pixels[i] = (float) Math.max(0, Math.min(1, value));
        }
        return pixels;
    }

    private double within(double limit) {
        return random.nextDouble(-limit, limit);
    }
}
