package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.doubtful;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.foreign;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.refused;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

import io.github.dl4jnorm.keras.internal.layers.KerasDepthwise;
import io.github.dl4jnorm.keras.internal.layers.KerasUpsampled;
import java.util.List;
import java.util.Set;

/** Convolutions, padding, cropping, repetition. */
final class ConvolutionSupport {
    private static final String FORMAT = "data_format";
    private static final String LAST = "channels_last";
    private static final String FIRST = "channels_first";
    private static final String NOT_FIRST =
            "DL4J computes something else with channels first; use channels_last in Keras";
    private static final String NOT_LAST =
            "DL4J changes other axes with channels last; use channels_first, or pad in the convolution";
    private static final String OTHER_AXIS =
            "DL4J changes the axis of the channels, not that of time; use the layer for images with a width of 1";
    private static final String GROUPS = "DL4J has no groups; use a convolution for each and concatenate";

    private ConvolutionSupport() {}

    static List<LayerSupport> lines() {
        return List.of(
                convolution("Conv1D", "Convolution1DLayer")
                        .shape(SpatialShapes.convolution(1))
                        .penalty()
                        .any("filters")
                        .only("padding", "valid", "same", "causal")
                        .only(FORMAT, LAST, FIRST)
                        .only("groups", Set.of(1), GROUPS),
                convolution("Conv2D", "ConvolutionLayer")
                        .shape(SpatialShapes.convolution(2))
                        .penalty()
                        .any("filters")
                        .only("padding", "valid", "same")
                        .only(FORMAT, LAST, FIRST)
                        .only("groups", Set.of(1), GROUPS),
                convolution("Conv3D", "Convolution3D")
                        .shape(SpatialShapes.convolution(3))
                        .penalty()
                        .any("filters")
                        .only("padding", "valid", "same")
                        .only(FORMAT, LAST, FIRST)
                        .only("groups", Set.of(1), GROUPS),
                convolution("Conv2DTranspose", "Deconvolution2D")
                        .shape(SpatialShapes.transposed(2))
                        .any("filters")
                        .only("padding", "valid", "same")
                        .only("groups", Set.of(1), GROUPS)
                        .only("output_padding", Set.of(), "DL4J has no such setting")
                        .only(FORMAT, Set.of(LAST), NOT_FIRST),
                refused("Conv3DTranspose", "DL4J makes volumes of other sizes; use an UpSampling3D and a Conv3D"),
                convolution("DepthwiseConv2D", "DepthwiseConvolution2D")
                        .shape(SpatialShapes.depthwise(2))
                        .by(KerasDepthwise.class)
                        .only("groups", 1)
                        .any("depth_multiplier")
                        .only("padding", "valid", "same")
                        .only(FORMAT, Set.of(LAST), NOT_FIRST),
                convolution("SeparableConv2D", "SeparableConvolution2D")
                        .shape(SpatialShapes.convolution(2))
                        .only("groups", 1)
                        .any("filters", "depth_multiplier")
                        .only("padding", "valid", "same")
                        .only(FORMAT, Set.of(LAST), NOT_FIRST),
                foreign("Conv1DTranspose", "use a layer for images, with a height of 1")
                        .shape(SpatialShapes.transposed(1)),
                foreign("DepthwiseConv1D", "use a layer for images, with a height of 1")
                        .shape(SpatialShapes.depthwise(1)),
                foreign("SeparableConv1D", "use a layer for images, with a height of 1")
                        .shape(SpatialShapes.convolution(1)),
                refused("ZeroPadding1D", OTHER_AXIS).shape(SpatialShapes.padding(1)),
                verified("ZeroPadding2D", "ZeroPaddingLayer")
                        .shape(SpatialShapes.padding(2))
                        .any("padding")
                        .only(FORMAT, LAST, FIRST),
                verified("ZeroPadding3D", "ZeroPadding3DLayer")
                        .shape(SpatialShapes.padding(3))
                        .any("padding")
                        .only(FORMAT, Set.of(FIRST), NOT_LAST),
                refused("Cropping1D", OTHER_AXIS).shape(SpatialShapes.cropping(1)),
                verified("Cropping2D", "Cropping2D")
                        .shape(SpatialShapes.cropping(2))
                        .any("cropping")
                        .only(FORMAT, LAST, FIRST),
                verified("Cropping3D", "Cropping3D")
                        .shape(SpatialShapes.cropping(3))
                        .any("cropping")
                        .only(FORMAT, Set.of(FIRST), NOT_LAST),
                refused("UpSampling1D", OTHER_AXIS).shape(SpatialShapes.repetition(1)),
                verified("UpSampling2D", "Upsampling2D")
                        .shape(SpatialShapes.repetition(2))
                        .by(KerasUpsampled.class)
                        .any("size")
                        .only("interpolation", Set.of("nearest"), "DL4J repeats, whatever is asked for")
                        .only(FORMAT, LAST, FIRST),
                doubtful("UpSampling3D", "Upsampling3D")
                        .shape(SpatialShapes.repetition(3))
                        .any("size")
                        .unless(Use::sizesDiffer, "different sizes", "DL4J repeats all axes as often as the first")
                        .only(FORMAT, LAST, FIRST));
    }

    private static LayerSupport convolution(String className, String becomes) {
        return verified(className, becomes)
                .any("kernel_size", "strides", "dilation_rate", "use_bias")
                .activation();
    }
}
