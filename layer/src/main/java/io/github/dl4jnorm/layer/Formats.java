package io.github.dl4jnorm.layer;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutionalFlat;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.jspecify.annotations.Nullable;

/** Where the channels are: what DL4J's data formats and input types say about the axes of activations. */
final class Formats {
    private Formats() {}

    /** The rank of activations in a format. */
    static int rank(DataFormat format) {
        if (format instanceof RNNFormat) {
            return 3;
        }
        if (format instanceof CNN2DFormat) {
            return 4;
        }
        if (format instanceof Convolution3D.DataFormat) {
            return 5;
        }
        throw new IllegalArgumentException(
                "expected a data format of RNNFormat, CNN2DFormat or Convolution3D.DataFormat, got " + format);
    }

    private static boolean channelsLast(DataFormat format) {
        return format == RNNFormat.NWC || format == CNN2DFormat.NHWC || format == Convolution3D.DataFormat.NDHWC;
    }

    /**
     * The axis of the channels, or features. Rank 2 has them on axis 1 whatever the format says: DL4J reports formats
     * for time-distributed and globally pooled activations too.
     *
     * @param format a format, or null for channels first
     * @throws DL4JInvalidInputException if the rank is below 2 or not that of the format
     */
    static int channelAxis(String who, @Nullable DataFormat format, long[] shape) {
        if (shape.length < 2) {
            throw new DL4JInvalidInputException(
                    who + ": expected activations of rank 2 or more, got shape " + Arrays.toString(shape));
        }
        if (format == null || shape.length == 2) {
            return 1;
        }
        if (shape.length != rank(format)) {
            throw new DL4JInvalidInputException(who + ": expected activations of rank " + rank(format)
                    + " for data format " + format + ", got shape " + Arrays.toString(shape));
        }
        return channelsLast(format) ? shape.length - 1 : 1;
    }

    /** The format that an input type reports, or null for feed-forward. */
    static @Nullable DataFormat of(InputType type) {
        if (type instanceof InputTypeRecurrent recurrent) {
            return recurrent.getFormat();
        }
        if (type instanceof InputTypeConvolutional convolutional) {
            return convolutional.getFormat();
        }
        if (type instanceof InputTypeConvolutional3D convolutional) {
            return convolutional.getDataFormat();
        }
        return type instanceof InputTypeConvolutionalFlat ? CNN2DFormat.NCHW : null;
    }

    /** The number of channels, or features, of an input type. */
    static long channels(InputType type) {
        if (type instanceof InputTypeFeedForward feedForward) {
            return feedForward.getSize();
        }
        if (type instanceof InputTypeRecurrent recurrent) {
            return recurrent.getSize();
        }
        if (type instanceof InputTypeConvolutional convolutional) {
            return convolutional.getChannels();
        }
        if (type instanceof InputTypeConvolutional3D convolutional) {
            return convolutional.getChannels();
        }
        return ((InputTypeConvolutionalFlat) type).getDepth();
    }

    /** An input type with another format and number of channels, as set by a user who knows better than DL4J. */
    static InputType restated(InputType type, @Nullable DataFormat format, long channels) {
        if (type instanceof InputTypeFeedForward feedForward) {
            return InputType.feedForward(channels, feedForward.getTimeDistributedFormat());
        }
        if (type instanceof InputTypeRecurrent recurrent) {
            return InputType.recurrent(channels, recurrent.getTimeSeriesLength(), (RNNFormat) format);
        }
        if (type instanceof InputTypeConvolutional c) {
            return InputType.convolutional(c.getHeight(), c.getWidth(), channels, (CNN2DFormat) format);
        }
        if (type instanceof InputTypeConvolutional3D c) {
            return InputType.convolutional3D(
                    (Convolution3D.DataFormat) format, c.getDepth(), c.getHeight(), c.getWidth(), channels);
        }
        InputTypeConvolutionalFlat flat = (InputTypeConvolutionalFlat) type;
        return InputType.convolutionalFlat(flat.getHeight(), flat.getWidth(), channels);
    }
}
