package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.doubtful;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.foreign;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.leftOut;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.registered;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.repaired;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

import io.github.dl4jnorm.keras.internal.layers.KerasElementWise;
import io.github.dl4jnorm.keras.internal.layers.KerasFlattening;
import io.github.dl4jnorm.keras.internal.layers.KerasScaleShift;
import io.github.dl4jnorm.keras.internal.layers.KerasSequenceDense;
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
                        .is(Kind.INPUT)
                        .off("sparse", "DL4J has no sparse arrays")
                        .off("ragged", "DL4J has no ragged arrays")
                        .off("optional", "DL4J's inputs must all be given"),
                verified(
                                "Dense",
                                "DenseLayer, in TimeDistributed on sequences; ConvolutionLayer with a kernel of 1 on images")
                        .is(Kind.FEATURES_LAST)
                        .shape(ShapeRules::dense)
                        .by(KerasSequenceDense.class)
                        .penalty()
                        .any("units", "use_bias", "input_dim")
                        .activation()
                        .unless(
                                use -> use.rank() > IMAGES,
                                "volumes",
                                "DL4J flattens them, Keras works along the last axis; use a Conv3D with a kernel of 1"),
                foreign("TimeDistributedDense", "of Keras 1; use a Dense, which does the same since Keras 2")
                        .shape(ShapeRules::dense),
                verified("Flatten", "a preprocessor")
                        .is(Kind.VIEW)
                        .shape(ShapeRules::flattened)
                        .by(KerasFlattening.class)
                        .only("data_format", "channels_last", "channels_first"),
                verified("Reshape", "a preprocessor")
                        .is(Kind.VIEW)
                        .shape(ShapeRules::reshaped)
                        .any("target_shape"),
                verified("Permute", "a preprocessor")
                        .is(Kind.VIEW)
                        .shape(ShapeRules::permuted)
                        .any("dims")
                        .unless(use -> use.rank() > 3, "images and volumes", "DL4J permutes other axes than Keras"),
                verified("RepeatVector", "RepeatVector")
                        .is(Kind.FEATURES_LAST)
                        .shape(ShapeRules::repeated)
                        .any("n"),
                elementwise("Add"),
                elementwise("Subtract"),
                elementwise("Multiply"),
                elementwise("Average"),
                elementwise("Maximum"),
                foreign("Minimum", "use -Maximum(-a, -b)").shape(ShapeRules::merged),
                foreign("Dot", "use Multiply and a Dense of ones"),
                verified("Concatenate", "MergeVertex")
                        .is(Kind.CONCATENATION)
                        .shape(ShapeRules::concatenated)
                        .any("axis"),
                constants("Rescaling", "ScaleShift").any("scale", "offset"),
                constants("Normalization", "ScaleShift").any("axis", "mean", "variance", "invert"),
                constants(
                                KerasScaleShift.LAYER_SCALE,
                                "ScaleShift, a constant; refused with the training configuration")
                        .any("projection_dim", "init_values"),
                leftOut("Identity", "changes nothing").is(Kind.NOTHING),
                leftOut("ActivityRegularization", "changes nothing in inference")
                        .is(Kind.NOTHING)
                        .any("l1", "l2"),
                noise("Dropout", "drops nothing in inference").any("rate", "noise_shape"),
                noise("SpatialDropout1D", "drops nothing in inference").any("rate"),
                noise("SpatialDropout2D", "drops nothing in inference").any("rate", "data_format"),
                noise("SpatialDropout3D", "drops nothing in inference").any("rate", "data_format"),
                noise("AlphaDropout", "drops nothing in inference").any("rate", "noise_shape"),
                noise("GaussianDropout", "drops nothing in inference").any("rate"),
                noise("GaussianNoise", "adds nothing in inference").any("stddev"),
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
                        .only("activation", ActivationNames.DL4J, "DL4J has no such function"));
    }

    private static LayerSupport elementwise(String className) {
        return verified(
                        className,
                        "ElementWiseVertex, BroadcastVertex for images of different sizes, or ScaleShift for a constant")
                .is(Kind.ELEMENT_WISE)
                .shape(ShapeRules::merged)
                .by(KerasElementWise.class)
                .unless(use -> use.broadcasts() && use.rank() != IMAGES, MERGED, ELEMENTWISE)
                .unless(Use::repeatsInput, ITSELF, TWICE);
    }

    private static LayerSupport constants(String className, String becomes) {
        return repaired(className, becomes).is(Kind.CONSTANTS).by(KerasScaleShift.class);
    }

    private static LayerSupport noise(String className, String why) {
        return leftOut(className, why).is(Kind.NOISE);
    }
}
