"""Convolutions, pooling, padding, cropping and upsampling, with channels first and last.

Keras on TensorFlow adds a bias along the last axis, whatever the format, if that axis has as many elements: with
channels first, no layer with a bias may have as many filters as its output has columns.
"""

from common import IMAGE, SEQUENCE, VOLUME, functional, sequential
from keras import layers as L

FIRST = "channels_first"
SEQUENCE_FIRST, IMAGE_FIRST, VOLUME_FIRST = (4, 5), (2, 6, 5), (2, 5, 4, 6)
SHAPES = {1: (SEQUENCE, SEQUENCE_FIRST), 2: (IMAGE, IMAGE_FIRST), 3: (VOLUME, VOLUME_FIRST)}
SQUARE = {1: (4, 4), 2: (3, 3, 3), 3: (3, 3, 3, 3)}


def write():
    conv1d()
    conv2d()
    conv3d()
    depthwise()
    separable()
    transposed()
    pooling()
    global_pooling()
    padding()
    networks()


def both(name, rank, make):
    """A layer with channels last and first, each before a normalization of its channels."""
    last, first = SHAPES[rank]
    sequential(name, last, make(), L.BatchNormalization())
    sequential(name + "_first", first, make(data_format=FIRST), L.BatchNormalization(axis=1))


def conv1d():
    both("conv1d", 1, lambda **more: L.Conv1D(3, 2, **more))
    settings = {
        "same": {"padding": "same"},
        "causal": {"padding": "causal"},
        "strides": {"strides": 2},
        "strides_same": {"strides": 2, "padding": "same"},
        "dilation": {"dilation_rate": 2},
        "causal_dilation": {"padding": "causal", "dilation_rate": 2},
        "no_bias": {"use_bias": False},
    }
    for name, more in settings.items():
        sequential("conv1d_" + name, SEQUENCE, L.Conv1D(3, 2, **more))
    sequential("conv1d_groups", SEQUENCE, L.Conv1D(6, 2, groups=2))
    sequential("conv1d_square", SQUARE[1], L.Conv1D(4, 2, padding="same"), L.BatchNormalization())
    sequential("conv1d_pool_dense", (7, 4), L.Conv1D(3, 2), L.MaxPooling1D(2), L.Flatten(), L.Dense(2))


def conv2d():
    both("conv2d", 2, lambda **more: L.Conv2D(7, (2, 3), **more))
    settings = {
        "same": {"padding": "same"},
        "strides": {"strides": 2},
        "strides_both": {"strides": (2, 1)},
        "strides_same": {"strides": 2, "padding": "same"},
        "dilation": {"dilation_rate": 2},
        "dilation_both": {"dilation_rate": (1, 2), "padding": "same"},
        "no_bias": {"use_bias": False},
    }
    for name, more in settings.items():
        sequential("conv2d_" + name, IMAGE, L.Conv2D(3, 2, **more))
        sequential("conv2d_first_" + name, IMAGE_FIRST, L.Conv2D(7, 2, data_format=FIRST, **more))
    sequential("conv2d_groups", (6, 5, 4), L.Conv2D(6, 2, groups=2))
    sequential("conv2d_groups_all", (6, 5, 4), L.Conv2D(4, 2, groups=4), L.BatchNormalization())
    sequential("conv2d_first_groups", (4, 6, 5), L.Conv2D(6, 2, groups=2, data_format=FIRST))
    sequential("conv2d_kernel_of_one", IMAGE, L.Conv2D(3, 1), L.BatchNormalization())
    sequential("conv2d_square", SQUARE[2], L.Conv2D(3, 3, padding="same"), L.BatchNormalization())
    sequential("conv2d_first_square", SQUARE[2], L.Conv2D(3, 3, padding="same", data_format=FIRST, use_bias=False))


def conv3d():
    both("conv3d", 3, lambda **more: L.Conv3D(3, (2, 3, 2), **more))
    sequential("conv3d_same", VOLUME, L.Conv3D(3, 2, padding="same"))
    sequential("conv3d_strides", VOLUME, L.Conv3D(3, 2, strides=2))
    sequential("conv3d_strides_same", VOLUME, L.Conv3D(3, 2, strides=2, padding="same"))
    sequential("conv3d_dilation", VOLUME, L.Conv3D(3, 2, dilation_rate=2))
    sequential("conv3d_groups", (5, 4, 6, 4), L.Conv3D(6, 2, groups=2))
    sequential("conv3d_square", SQUARE[3], L.Conv3D(3, 2, padding="same"), L.BatchNormalization())
    sequential("conv3d_flatten_dense", VOLUME, L.Conv3D(3, 2), L.Flatten(), L.Dense(2))
    sequential("conv3d_first_flatten_dense", VOLUME_FIRST, L.Conv3D(3, 2, data_format=FIRST), L.Flatten(), L.Dense(2))


def depthwise():
    both("depthwise_conv1d", 1, lambda **more: L.DepthwiseConv1D(2, **more))
    both("depthwise_conv2d", 2, lambda **more: L.DepthwiseConv2D((2, 3), **more))
    settings = {
        "multiplier": {"depth_multiplier": 2},
        "same": {"padding": "same"},
        "strides": {"strides": 2},
        "strides_same": {"strides": 2, "padding": "same"},
        "dilation": {"dilation_rate": 2},
        "no_bias": {"use_bias": False},
        "relu": {"activation": "relu"},
    }
    for name, more in settings.items():
        sequential("depthwise_conv2d_" + name, IMAGE, L.DepthwiseConv2D(2, **more), L.BatchNormalization())
    sequential("depthwise_conv2d_second", IMAGE, L.Conv2D(3, 2), L.DepthwiseConv2D(2), L.BatchNormalization())
    sequential("depthwise_conv2d_square", SQUARE[2], L.DepthwiseConv2D(2, padding="same"), L.BatchNormalization())


def separable():
    both("separable_conv1d", 1, lambda **more: L.SeparableConv1D(3, 2, **more))
    both("separable_conv2d", 2, lambda **more: L.SeparableConv2D(7, (2, 3), **more))
    settings = {
        "multiplier": {"depth_multiplier": 2},
        "same": {"padding": "same"},
        "strides_same": {"strides": 2, "padding": "same"},
        "dilation": {"dilation_rate": 2},
        "no_bias": {"use_bias": False},
    }
    for name, more in settings.items():
        sequential("separable_conv2d_" + name, IMAGE, L.SeparableConv2D(3, 2, **more), L.BatchNormalization())


def transposed():
    both("conv1d_transpose", 1, lambda **more: L.Conv1DTranspose(3, 2, **more))
    both("conv2d_transpose", 2, lambda **more: L.Conv2DTranspose(3, (2, 4), **more))
    both("conv3d_transpose", 3, lambda **more: L.Conv3DTranspose(3, (2, 3, 2), **more))
    settings = {
        "same": {"padding": "same"},
        "strides": {"strides": 2},
        "strides_same": {"strides": 2, "padding": "same"},
        "strides_both": {"strides": (1, 2)},
        "strides_3": {"strides": 3, "padding": "same"},
        "output_padding": {"strides": 2, "output_padding": 1},
        "dilation": {"dilation_rate": 2},
        "no_bias": {"use_bias": False},
    }
    for name, more in settings.items():
        sequential("conv2d_transpose_" + name, IMAGE, L.Conv2DTranspose(3, 2, **more))
    sequential("conv2d_transpose_square", SQUARE[2], L.Conv2DTranspose(3, 3, padding="same"))


def pooling():
    for kind, make in (("max", L.MaxPooling1D), ("average", L.AveragePooling1D)):
        both(f"{kind}_pooling1d", 1, lambda **more: make(2, **more))
        sequential(f"{kind}_pooling1d_same", SEQUENCE, make(3, strides=2, padding="same"))
        sequential(f"{kind}_pooling1d_strides", SEQUENCE, make(3, strides=1))
    for kind, make in (("max", L.MaxPooling2D), ("average", L.AveragePooling2D)):
        both(f"{kind}_pooling2d", 2, lambda **more: make(2, **more))
        sequential(f"{kind}_pooling2d_same", IMAGE, make(2, padding="same"))
        sequential(f"{kind}_pooling2d_same_3", IMAGE, make(3, strides=2, padding="same"))
        sequential(f"{kind}_pooling2d_both", IMAGE, make((2, 3), strides=(1, 2)), L.BatchNormalization())
    for kind, make in (("max", L.MaxPooling3D), ("average", L.AveragePooling3D)):
        both(f"{kind}_pooling3d", 3, lambda **more: make(2, **more))
        sequential(f"{kind}_pooling3d_same", VOLUME, make(2, padding="same"))
    sequential("adaptive_average_pooling2d", IMAGE, L.AdaptiveAveragePooling2D((2, 3)))


def global_pooling():
    kinds = {
        "global_max": (L.GlobalMaxPooling1D, L.GlobalMaxPooling2D, L.GlobalMaxPooling3D),
        "global_average": (L.GlobalAveragePooling1D, L.GlobalAveragePooling2D, L.GlobalAveragePooling3D),
    }
    for kind, classes in kinds.items():
        for rank, make in enumerate(classes, 1):
            last, first = SHAPES[rank]
            sequential(f"{kind}_pooling{rank}d", last, make(), L.BatchNormalization(), L.Dense(3))
            sequential(f"{kind}_pooling{rank}d_first", first, make(data_format=FIRST), L.BatchNormalization())
            sequential(f"{kind}_pooling{rank}d_keepdims", last, make(keepdims=True), L.BatchNormalization())
            sequential(f"{kind}_pooling{rank}d_square", SQUARE[rank], make())
        sequential(f"{kind}_pooling2d_keepdims_flatten", IMAGE, classes[1](keepdims=True), L.Flatten(), L.Dense(3))
        sequential(f"{kind}_pooling2d_first_keepdims", IMAGE_FIRST, classes[1](keepdims=True, data_format=FIRST))
        sequential(f"conv2d_{kind}_pooling2d", IMAGE, L.Conv2D(3, 2), classes[1](), L.BatchNormalization())
        sequential(f"conv1d_{kind}_pooling1d", SEQUENCE, L.Conv1D(3, 2), classes[0](), L.Dense(2))


def padding():
    sequential("zero_padding1d", SEQUENCE, L.ZeroPadding1D(1))
    sequential("zero_padding1d_sides", SEQUENCE, L.ZeroPadding1D((2, 1)), L.Conv1D(3, 2), L.BatchNormalization())
    both("zero_padding2d", 2, lambda **more: L.ZeroPadding2D(1, **more))
    both("zero_padding2d_sides", 2, lambda **more: L.ZeroPadding2D(((1, 2), (0, 3)), **more))
    both("zero_padding3d", 3, lambda **more: L.ZeroPadding3D((1, 2, 1), **more))
    sequential("zero_padding3d_sides", VOLUME, L.ZeroPadding3D(((1, 2), (0, 3), (2, 0))))
    sequential("zero_padding2d_conv2d", IMAGE, L.ZeroPadding2D(1), L.Conv2D(3, 3, strides=2), L.BatchNormalization())
    sequential("cropping1d", SEQUENCE, L.Cropping1D(1))
    sequential("cropping1d_sides", SEQUENCE, L.Cropping1D((2, 1)), L.BatchNormalization())
    both("cropping2d", 2, lambda **more: L.Cropping2D(1, **more))
    both("cropping2d_sides", 2, lambda **more: L.Cropping2D(((1, 2), (0, 3)), **more))
    both("cropping3d", 3, lambda **more: L.Cropping3D((1, 1, 2), **more))
    sequential("up_sampling1d", SEQUENCE, L.UpSampling1D(2), L.BatchNormalization())
    both("up_sampling2d", 2, lambda **more: L.UpSampling2D(2, **more))
    both("up_sampling2d_both", 2, lambda **more: L.UpSampling2D((2, 3), **more))
    sequential("up_sampling2d_bilinear", IMAGE, L.UpSampling2D(2, interpolation="bilinear"))
    both("up_sampling3d", 3, lambda **more: L.UpSampling3D((2, 1, 3), **more))
    square = {
        "zero_padding1d": L.ZeroPadding1D((0, 1)),
        "cropping1d": L.Cropping1D((0, 1)),
        "up_sampling1d": L.UpSampling1D(2),
    }
    for name, layer in square.items():
        sequential(name + "_square", (3, 3), layer)
    sequential("resizing", IMAGE, L.Resizing(4, 3))
    sequential("center_crop", IMAGE, L.CenterCrop(4, 3))


def networks():
    """What people build of these."""
    for name, shape, more in (("last", IMAGE, {}), ("first", IMAGE_FIRST, {"data_format": FIRST})):
        axis = 1 if more else -1
        sequential(
            "cnn_" + name, shape, L.Conv2D(3, 2, **more), L.BatchNormalization(axis=axis), L.ReLU(),
            L.MaxPooling2D(2, **more), L.Flatten(**more), L.Dense(4), L.BatchNormalization(), L.Dense(2, "softmax"),
        )  # fmt: skip
        sequential(
            "cnn_plain_flatten_" + name, shape, L.Conv2D(3, 2, **more), L.BatchNormalization(axis=axis), L.Flatten(),
            L.Dense(4),
        )  # fmt: skip
        sequential(
            "cnn_bn_first_" + name, shape, L.BatchNormalization(axis=axis), L.Conv2D(3, 2, **more),
            L.GlobalAveragePooling2D(**more), L.Dense(4),
        )  # fmt: skip
        functional(
            "cnn_residual_" + name,
            lambda x: L.ReLU()(L.Add()([
                L.BatchNormalization(axis=axis)(L.Conv2D(2, 3, padding="same", **more)(x)),
                L.BatchNormalization(axis=axis)(x),
            ])),
            shape,
        )  # fmt: skip
    functional(
        "cnn_mixed_formats",
        lambda x: L.Conv2D(4, 2, data_format=FIRST)(L.BatchNormalization()(L.Conv2D(3, 2)(x))),
        (6, 5, 4),
    )
    functional(
        "cnn_two_formats",
        lambda a, b: L.Concatenate()([
            L.GlobalAveragePooling2D()(L.Conv2D(3, 2)(a)),
            L.GlobalAveragePooling2D(data_format=FIRST)(L.Conv2D(4, 2, data_format=FIRST)(b)),
        ]),
        IMAGE,
        IMAGE_FIRST,
    )  # fmt: skip
    functional("cnn_permuted", lambda x: L.Conv2D(3, 2)(L.Permute((2, 3, 1))(x)), IMAGE_FIRST)
    sequential("cnn_first_bn_alone", IMAGE_FIRST, L.BatchNormalization(axis=1))
    sequential("cnn_first_bn_last_axis", IMAGE_FIRST, L.Conv2D(3, 2, data_format=FIRST), L.BatchNormalization())
    sequential("cnn_last_bn_axis1", IMAGE, L.Conv2D(3, 2), L.BatchNormalization(axis=1))
    squeeze_and_excitation()


def squeeze_and_excitation():
    def keep(x):
        y = L.GlobalAveragePooling2D(keepdims=True)(x)
        y = L.Conv2D(2, 1, activation="sigmoid")(L.Conv2D(3, 1, activation="relu")(y))
        return L.BatchNormalization()(L.Multiply()([x, y]))

    def reshape(x):
        y = L.Reshape((1, 1, 2))(L.GlobalAveragePooling2D()(x))
        return L.Multiply()([x, L.Dense(2, activation="sigmoid")(L.Dense(3, activation="relu")(y))])

    functional("squeeze_excitation_keepdims", keep, IMAGE)
    functional("squeeze_excitation_reshape", reshape, IMAGE)
