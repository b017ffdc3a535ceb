package io.github.dl4jnorm.keras.internal.layers;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Axes of Keras' activations as axes of DL4J's. They are the same but where DL4J has another rank: it folds the time of
 * sequences into the batch for {@code Dense}, and believes in sequences behind their global pooling.
 */
final class Axes {
    private final String who;
    private final KerasShape keras;
    private final InputType type;

    /**
     * What is known of Keras' activations.
     *
     * @param shape with the batch, null for sizes that are not known; null if not even the rank is
     * @param told whether somebody looked
     */
    record KerasShape(@Nullable List<@Nullable Integer> shape, boolean told) {}

    /**
     * Compares two views of the same activations.
     *
     * @param who the layer, for messages
     * @param keras what Keras has
     * @param type what DL4J believes to have
     */
    Axes(String who, KerasShape keras, InputType type) {
        this.who = who;
        this.keras = keras;
        this.type = type;
    }

    /**
     * DL4J's type, with what only Keras knows of sequences: their length, and that the features are on the other axis,
     * which DL4J confuses behind {@code Permute}.
     */
    InputType type() {
        List<@Nullable Integer> shape = shapeOfSameRank();
        if (!(type instanceof InputTypeRecurrent sequences) || shape == null) {
            return type;
        }
        RNNFormat format = sequences.getFormat();
        RNNFormat other = format == RNNFormat.NWC ? RNNFormat.NCW : RNNFormat.NWC;
        boolean swapped = !fits(shape, sequences, format) && fits(shape, sequences, other);
        return completed(shape, sequences, swapped ? other : format);
    }

    private static InputType completed(List<@Nullable Integer> shape, InputTypeRecurrent sequences, RNNFormat format) {
        Integer length = shape.get(timeAxis(format));
        return InputType.recurrent(
                sequences.getSize(),
                sequences.getTimeSeriesLength() > 0 || length == null ? sequences.getTimeSeriesLength() : length,
                format);
    }

    private static boolean fits(List<@Nullable Integer> shape, InputTypeRecurrent sequences, RNNFormat format) {
        return fits(shape.get(timeAxis(format)), sequences.getTimeSeriesLength())
                && fits(shape.get(3 - timeAxis(format)), sequences.getSize());
    }

    private static boolean fits(@Nullable Integer wanted, long got) {
        return wanted == null || got <= 0 || wanted == got;
    }

    private static int timeAxis(RNNFormat format) {
        return format == RNNFormat.NWC ? 1 : 2;
    }

    /** Keras' shape if DL4J's has as many axes, else null. */
    private @Nullable List<@Nullable Integer> shapeOfSameRank() {
        return keras.shape != null && keras.shape.size() == type.getShape(true).length ? keras.shape : null;
    }

    /**
     * The axes of DL4J's activations, in increasing order.
     *
     * @param given axes as Keras writes them
     * @throws UnsupportedKerasConfigurationException if there are no such axes, in Keras or in DL4J, or it cannot be told
     */
    int[] of(int... given) throws UnsupportedKerasConfigurationException {
        long[] shape = type.getShape(true);
        if (keras.shape == null) {
            return guessed(shape, given);
        }
        int[] axes = resolved(keras.shape.toString(), keras.shape.size(), given);
        if (keras.shape.size() == 3 && type instanceof InputTypeFeedForward && Arrays.equals(axes, new int[] {2})) {
            return new int[] {1};
        }
        if (keras.shape.size() == 2 && type instanceof InputTypeRecurrent) {
            axes = new int[] {channelAxis(type)};
            checkSize(keras.shape.get(1), shape[axes[0]]);
            return axes;
        }
        if (shapeOfSameRank() == null) {
            throw new UnsupportedKerasConfigurationException(who + ": axis " + Arrays.toString(given)
                    + " of Keras' activations " + keras.shape + " is none of DL4J's, which are " + type
                    + (keras.shape.size() == 3 && type instanceof InputTypeFeedForward
                            ? ", with the time in the batch; the last axis can be normalized there"
                            : ""));
        }
        for (int axis : axes) {
            checkSize(keras.shape.get(axis), shape[axis]);
        }
        return axes;
    }

    private void checkSize(@Nullable Integer wanted, long got) throws UnsupportedKerasConfigurationException {
        if (!fits(wanted, got)) {
            throw new UnsupportedKerasConfigurationException(who + ": Keras' activations are " + keras.shape
                    + ", but DL4J's " + type + ": it makes something else of the layers before this one");
        }
    }

    /**
     * Whether axes are the last ones of Keras' activations.
     *
     * @param given axes as Keras writes them
     */
    boolean areLast(int... given) throws UnsupportedKerasConfigurationException {
        long[] shape = type.getShape(true);
        int rank = keras.shape == null ? shape.length : keras.shape.size();
        int[] axes = resolved(Arrays.toString(shape), rank, given);
        return axes[0] == rank - axes.length;
    }

    /** The axes if nobody knows the rank that Keras has. */
    private int[] guessed(long[] shape, int... given) throws UnsupportedKerasConfigurationException {
        boolean flat = type instanceof InputTypeFeedForward;
        // Behind Dense on sequences.
        if (flat && Arrays.equals(given, new int[] {2})) {
            return new int[] {1};
        }
        if (keras.told && (flat || type instanceof InputTypeRecurrent) && Arrays.equals(given, new int[] {1})) {
            throw new UnsupportedKerasConfigurationException(who + ": axis 1 is that of the features or of the time,"
                    + " but how many axes Keras' activations have cannot be told behind layers that this library does not"
                    + " know; axis = -1 can be imported, and so can files of Keras 3, which have the shapes");
        }
        return resolved(Arrays.toString(shape), shape.length, given);
    }

    private int[] resolved(String shape, int rank, int... given) throws UnsupportedKerasConfigurationException {
        int[] axes = IntStream.of(given)
                .map(axis -> axis < 0 ? axis + rank : axis)
                .sorted()
                .distinct()
                .toArray();
        if (axes.length < given.length || axes[0] < 1 || axes[axes.length - 1] >= rank) {
            throw new UnsupportedKerasConfigurationException(who + ": expected different axes from 1 to " + (rank - 1)
                    + ", got " + Arrays.toString(given) + " for activations of shape " + shape);
        }
        return axes;
    }

    /** The axis of the channels, or features. */
    static int channelAxis(InputType type) {
        boolean last = type instanceof InputTypeRecurrent r && r.getFormat() == RNNFormat.NWC
                || type instanceof InputTypeConvolutional c && c.getFormat() == CNN2DFormat.NHWC
                || type instanceof InputTypeConvolutional3D d && d.getDataFormat() == Convolution3D.DataFormat.NDHWC;
        return last ? type.getShape(true).length - 1 : 1;
    }
}
