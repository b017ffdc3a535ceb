"""Activations as strings and as layers, Dense, and layers that work on each element."""

import keras
import numpy as np
from common import BATCH, IMAGE, SEQUENCE, VOLUME, functional, sequential
from keras import layers as L

NAMES = [
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
    "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink",
    "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh",
    "tanh_shrink",
]  # fmt: skip


def write():
    strings()
    layers()
    dense()
    regularized()
    noise()
    scaling()


def strings():
    for name in NAMES:
        sequential("activation_dense_" + name, (5,), L.Dense(4, activation=name))
        if name != "glu":  # halves the axis, and Activation does not know
            sequential("activation_layer_" + name, (6,), L.Activation(name), L.BatchNormalization())
    for name in ("relu", "softmax", "hard_sigmoid", "leaky_relu", "silu"):
        sequential("activation_conv2d_" + name, IMAGE, L.Conv2D(3, 2, activation=name), L.BatchNormalization())
        sequential("activation_dense_sequence_" + name, SEQUENCE, L.Dense(3, activation=name))
    for name in ("relu", "softmax", "log_softmax"):
        sequential("activation_layer_image_" + name, IMAGE, L.Activation(name))
        sequential("activation_layer_sequence_" + name, SEQUENCE, L.Activation(name))


def layers():
    made = {
        "relu": lambda: L.ReLU(),
        "relu_max": lambda: L.ReLU(max_value=1.5),
        "relu_6": lambda: L.ReLU(max_value=6),
        "relu_slope": lambda: L.ReLU(negative_slope=0.2),
        "relu_threshold": lambda: L.ReLU(threshold=0.7),
        "relu_all": lambda: L.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.5),
        "leaky_relu": lambda: L.LeakyReLU(),
        "leaky_relu_slope": lambda: L.LeakyReLU(negative_slope=0.1),
        "elu": lambda: L.ELU(),
        "elu_alpha": lambda: L.ELU(alpha=0.4),
        "prelu": lambda: L.PReLU(),
        "softmax": lambda: L.Softmax(),
        "identity": lambda: L.Identity(),
    }
    for name, make in made.items():
        sequential("layer_" + name, (5,), make())
        sequential("layer_image_" + name, IMAGE, make())
        sequential("layer_sequence_bn_" + name, SEQUENCE, make(), L.BatchNormalization())
    for axis in (1, 2, -2):
        sequential(f"layer_softmax_axis{axis}_sequence", SEQUENCE, L.Softmax(axis=axis))
    for axis in (1, 2, 3):
        sequential(f"layer_softmax_axis{axis}_image", IMAGE, L.Softmax(axis=axis))
    sequential("layer_softmax_axis1_square", (3, 3), L.Softmax(axis=1))
    sequential("layer_prelu_dense", (5,), L.Dense(4), L.PReLU(), L.BatchNormalization())
    sequential("layer_prelu_shared_axes", IMAGE, L.Conv2D(3, 2), L.PReLU(shared_axes=[1, 2]))
    sequential("layer_prelu_image_square", (3, 3, 3), L.PReLU())


def dense():
    sequential("dense", (5,), L.Dense(4))
    sequential("dense_no_bias", (5,), L.Dense(4, use_bias=False))
    sequential("dense_bn", (5,), L.Dense(4), L.BatchNormalization(), L.Dense(2))
    sequential("dense_square", (3,), L.Dense(3), L.BatchNormalization())
    sequential("dense_sequence", SEQUENCE, L.Dense(3))
    sequential("dense_sequence_bn", SEQUENCE, L.Dense(3), L.BatchNormalization())
    sequential("dense_sequence_bn_axis1", SEQUENCE, L.Dense(3), L.BatchNormalization(axis=1))
    sequential("dense_sequence_square_bn_axis1", (3, 3), L.Dense(3), L.BatchNormalization(axis=1))
    sequential("dense_sequence_square_ln_axis1", (3, 3), L.Dense(3), L.LayerNormalization(axis=1))
    sequential("dense_sequence_flatten", SEQUENCE, L.Dense(3), L.Flatten(), L.Dense(2))
    sequential("dense_sequence_conv1d", SEQUENCE, L.Dense(3), L.Conv1D(2, 2))
    sequential("dense_sequence_lstm", SEQUENCE, L.Dense(3), L.LSTM(2))
    sequential("dense_sequence_pool", SEQUENCE, L.Dense(3), L.GlobalAveragePooling1D(), L.Dense(2))
    sequential("dense_image", IMAGE, L.Dense(3))
    sequential("dense_image_bn", IMAGE, L.Dense(3), L.BatchNormalization())
    sequential("dense_image_square", (3, 3, 3), L.Dense(3))
    sequential("dense_image_one_pixel", (1, 1, 4), L.Dense(3))
    sequential("dense_volume", VOLUME, L.Dense(3))
    sequential("einsum_dense", (5,), L.EinsumDense("ab,bc->ac", output_shape=(4,), bias_axes="c"))


def regularized():
    R, C = keras.regularizers, keras.constraints
    made = {
        "l1": {"kernel_regularizer": R.L1(0.01)},
        "l2": {"kernel_regularizer": R.L2(0.01)},
        "l1l2": {"kernel_regularizer": R.L1L2(0.01, 0.02)},
        "l2_whole": {"kernel_regularizer": R.L2(1)},
        "orthogonal": {"kernel_regularizer": R.OrthogonalRegularizer(0.01)},
        "bias_l2": {"bias_regularizer": R.L2(0.01)},
        "activity_l2": {"activity_regularizer": R.L2(0.01)},
        "max_norm": {"kernel_constraint": C.MaxNorm(2)},
        "non_neg": {"kernel_constraint": C.NonNeg()},
        "unit_norm": {"kernel_constraint": C.UnitNorm()},
        "min_max_norm": {"bias_constraint": C.MinMaxNorm(0.1, 2.0)},
        "string_l2": {"kernel_regularizer": "l2"},
        "he_normal": {"kernel_initializer": "he_normal"},
        "truncated": {"kernel_initializer": keras.initializers.TruncatedNormal(stddev=0.1)},
        "orthogonal_init": {"kernel_initializer": "orthogonal"},
        "variance_scaling": {"kernel_initializer": keras.initializers.VarianceScaling(2.0, "fan_out")},
        "constant_init": {"kernel_initializer": keras.initializers.Constant(0.1)},
    }
    for name, settings in made.items():
        sequential("settings_dense_" + name, (5,), L.Dense(4, **settings), L.BatchNormalization())
    sequential("settings_conv2d_l2", IMAGE, L.Conv2D(3, 2, kernel_regularizer="l2"), L.BatchNormalization())
    sequential("settings_lstm_l2", SEQUENCE, L.LSTM(3, recurrent_regularizer=R.L2(0.01)), L.BatchNormalization())
    sequential("settings_bn_l2", (5,), L.BatchNormalization(gamma_regularizer=R.L2(0.01)))
    sequential("settings_activity", (5,), L.Dense(4), L.ActivityRegularization(l2=0.01), L.BatchNormalization())


def noise():
    made = {
        "dropout": lambda: L.Dropout(0.3),
        "dropout_noise_shape": lambda: L.Dropout(0.3, noise_shape=(None, 1)),
        "alpha_dropout": lambda: L.AlphaDropout(0.3),
        "gaussian_dropout": lambda: L.GaussianDropout(0.3),
        "gaussian_noise": lambda: L.GaussianNoise(0.3),
        "dropout_zero": lambda: L.Dropout(0),
        "dropout_seed": lambda: L.Dropout(0.5, seed=3),
    }
    for name, make in made.items():
        sequential("noise_" + name, (5,), L.Dense(4), make(), L.BatchNormalization(), L.Dense(2))
    sequential("noise_dropout_first", (5,), L.Dropout(0.5), L.BatchNormalization())
    sequential("noise_spatial1d", SEQUENCE, L.SpatialDropout1D(0.3), L.BatchNormalization())
    sequential("noise_spatial2d", IMAGE, L.SpatialDropout2D(0.3), L.BatchNormalization())
    sequential("noise_spatial3d", VOLUME, L.SpatialDropout3D(0.3), L.BatchNormalization())
    sequential("noise_dropout_image", IMAGE, L.Conv2D(3, 2), L.Dropout(0.3), L.BatchNormalization())


def scaling():
    sequential("rescaling", IMAGE, L.Rescaling(1 / 255), L.Conv2D(3, 2), L.BatchNormalization())
    sequential("rescaling_offset", IMAGE, L.Rescaling(1 / 127.5, offset=-1), L.Conv2D(3, 2))
    sequential("rescaling_channels", IMAGE, L.Rescaling([0.5, 0.25], offset=[1.0, -1.0]), L.Conv2D(3, 2))
    sequential("rescaling_dense", (5,), L.Rescaling(0.5, offset=0.25), L.Dense(4))
    functional("rescaling_functional", lambda x: L.BatchNormalization()(L.Rescaling(0.5, offset=0.25)(x)), IMAGE)
    for name, shape in (("dense", (5,)), ("image", IMAGE)):
        adapted = L.Normalization()
        adapted.adapt(np.random.default_rng(3).normal(1, 2, (BATCH, *shape)).astype("float32"))
        sequential("normalization_" + name, shape, adapted, L.BatchNormalization())
    given = L.Normalization(mean=[0.5, -0.5], variance=[2.0, 0.25])
    sequential("normalization_given", IMAGE, given, L.Conv2D(3, 2), L.BatchNormalization())
    sequential("normalization_scalar", IMAGE, L.Normalization(axis=None, mean=0.5, variance=2.0), L.Conv2D(3, 2))
    inverse = L.Normalization(mean=[0.5, -0.5], variance=[2.0, 0.25], invert=True)
    sequential("normalization_invert", IMAGE, inverse, L.Conv2D(3, 2))
