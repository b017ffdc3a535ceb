package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.doubtful;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.foreign;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.leftOut;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.registered;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.repaired;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

import java.util.List;

/** Inputs, dense layers, shapes, merging, noise. */
final class CoreSupport {
    private static final String ELEMENTWISE = "DL4J merges inputs of one shape; repeat the smaller one in Keras";
    private static final String MERGED = "inputs of different shapes, images aside";

    private static final int IMAGES = 4;
    private static final String ITSELF = "a tensor with itself";
    private static final String TWICE = "DL4J reads each input once; put an Activation(\"linear\") in one way";

    private CoreSupport() {}

    static List<LayerSupport> lines() {
        return List.of(
                verified("InputLayer", "an input")
                        .off("sparse", "DL4J has no sparse arrays")
                        .off("ragged", "DL4J has no ragged arrays")
                        .off("optional", "DL4J's inputs must all be given"),
                verified(
                                "Dense",
                                "DenseLayer, in TimeDistributed on sequences; ConvolutionLayer with a kernel of 1 on images")
                        .any("units", "use_bias", "input_dim")
                        .activation()
                        .unless(
                                use -> use.rank() > IMAGES,
                                "volumes",
                                "DL4J flattens them, Keras works along the last axis; use a Conv3D with a kernel of 1"),
                verified("Flatten", "a preprocessor").only("data_format", "channels_last", "channels_first"),
                verified("Reshape", "a preprocessor").any("target_shape"),
                verified("Permute", "a preprocessor")
                        .any("dims")
                        .unless(use -> use.rank() > 3, "images and volumes", "DL4J permutes other axes than Keras"),
                verified("RepeatVector", "RepeatVector").any("n"),
                elementwise("Add"),
                elementwise("Subtract"),
                elementwise("Multiply"),
                elementwise("Average"),
                elementwise("Maximum"),
                foreign("Minimum", "use -Maximum(-a, -b)"),
                foreign("Dot", "use Multiply and a Dense of ones"),
                verified("Concatenate", "MergeVertex").any("axis"),
                repaired("Rescaling", "ScaleShift").any("scale", "offset"),
                repaired("Normalization", "ScaleShift").any("axis", "mean", "variance", "invert"),
                repaired("LayerScale", "ScaleShift, a constant; refused with the training configuration")
                        .any("projection_dim", "init_values"),
                leftOut("Identity", "changes nothing"),
                leftOut("ActivityRegularization", "changes nothing in inference")
                        .any("l1", "l2"),
                leftOut("Dropout", "drops nothing in inference").any("rate", "noise_shape"),
                leftOut("SpatialDropout1D", "drops nothing in inference").any("rate"),
                leftOut("SpatialDropout2D", "drops nothing in inference").any("rate", "data_format"),
                leftOut("SpatialDropout3D", "drops nothing in inference").any("rate", "data_format"),
                leftOut("AlphaDropout", "drops nothing in inference").any("rate", "noise_shape"),
                leftOut("GaussianDropout", "drops nothing in inference").any("rate"),
                leftOut("GaussianNoise", "adds nothing in inference").any("stddev"),
                registered("Lambda", "the layer that is registered for its name with KerasLayer.registerLambdaLayer")
                        .any(
                                "function",
                                "function_type",
                                "module",
                                "output_shape",
                                "output_shape_type",
                                "output_shape_module",
                                "mask",
                                "arguments"),
                doubtful("TensorFlowOpLayer", "a graph of TensorFlow").any("node_def", "constants"),
                doubtful("LocallyConnected1D", "LocallyConnected1D")
                        .any(
                                "filters",
                                "kernel_size",
                                "strides",
                                "padding",
                                "data_format",
                                "use_bias",
                                "implementation")
                        .activation());
    }

    private static LayerSupport elementwise(String className) {
        return verified(
                        className,
                        "ElementWiseVertex, BroadcastVertex for images of different sizes, or ScaleShift for a constant")
                .unless(use -> use.broadcasts() && use.rank() != IMAGES, MERGED, ELEMENTWISE)
                .unless(Use::repeatsInput, ITSELF, TWICE);
    }
}
