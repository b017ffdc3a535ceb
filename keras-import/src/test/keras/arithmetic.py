"""Layers and operations on several inputs, and operations with constants."""

import keras
import numpy as np
from common import IMAGE, SEQUENCE, VOLUME, functional
from keras import layers as L
from keras import ops

SQUARE = (3, 3, 3)


def write():
    merging()
    concatenating()
    broadcasting()
    operators()
    functions()


def merging():
    for make in (L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum):
        name = "merge_" + make.__name__.lower()
        for kind, shape in (("vector", (5,)), ("sequence", SEQUENCE), ("image", IMAGE), ("volume", VOLUME)):
            functional(f"{name}_{kind}", lambda x, y: L.BatchNormalization()(make()([x, y])), shape, shape)
        if make is not L.Subtract:
            functional(f"{name}_three", lambda x, y, z: make()([x, y, z]), (5,), (5,), (5,))
    functional("merge_subtract_same_source", lambda x: L.Subtract()([L.Dense(4)(x), L.Dense(4)(x)]), (5,))
    functional("merge_add_itself", lambda x: L.BatchNormalization()(L.Add()([x, x])), (5,))
    functional("merge_multiply_itself", lambda x: L.Multiply()([x, x]), (5,))
    functional("dot_1", lambda x, y: L.Dot(1)([x, y]), (5,), (5,))
    functional("dot_normalized", lambda x, y: L.Dot(1, normalize=True)([x, y]), (5,), (5,))
    functional("dot_axes", lambda x, y: L.Dot((2, 1))([x, y]), SEQUENCE, (4, 3))
    functional("dot_square", lambda x, y: L.Dot((2, 1))([x, y]), (3, 3), (3, 3))


def concatenating():
    def normalized(x, y, axis=-1):
        return L.BatchNormalization()(L.Concatenate(axis=axis)([x, y]))

    functional("concatenate_vector", normalized, (5,), (4,))
    functional("concatenate_three", lambda x, y, z: L.Dense(2)(L.Concatenate()([x, y, z])), (5,), (4,), (2,))
    functional("concatenate_sequence_1", lambda x, y: L.Concatenate(axis=1)([x, y]), SEQUENCE, (3, 4))
    functional("concatenate_sequence_1_bn", lambda x, y: normalized(x, y, 1), SEQUENCE, (3, 4))
    functional("concatenate_sequence_2", lambda x, y: L.Concatenate(axis=2)([x, y]), SEQUENCE, (5, 3))
    functional("concatenate_sequence_last", normalized, SEQUENCE, (5, 3))
    shapes = {1: (4, 5, 2), 2: (6, 3, 2), 3: (6, 5, 4), -1: (6, 5, 4), -2: (6, 3, 2)}
    for axis, shape in shapes.items():
        functional(f"concatenate_image_{axis}", lambda x, y: L.Concatenate(axis=axis)([x, y]), IMAGE, shape)
        functional(f"concatenate_image_square_{axis}", lambda x, y: normalized(x, y, axis), SQUARE, SQUARE)
        functional(
            f"concatenate_conv2d_{axis}",
            lambda x: L.Conv2D(2, 2)(L.Concatenate(axis=axis)([L.Conv2D(3, 2)(x), L.Conv2D(3, 2)(x)])),
            IMAGE,
        )
    functional("concatenate_first", lambda x: L.BatchNormalization(axis=1)(L.Concatenate(axis=1)([
        L.Conv2D(3, 2, data_format="channels_first")(x), L.Conv2D(7, 2, data_format="channels_first")(x),
    ])), (2, 6, 5))  # fmt: skip
    functional("concatenate_volume", lambda x, y: L.Concatenate()([x, y]), VOLUME, (5, 4, 6, 3))
    functional("concatenate_volume_1", lambda x, y: L.Concatenate(axis=1)([x, y]), VOLUME, (3, 4, 6, 2))
    functional("concatenate_lstm", lambda x: L.BatchNormalization()(L.Concatenate()([
        L.LSTM(3, return_sequences=True)(x), x,
    ])), SEQUENCE)  # fmt: skip
    functional("concatenate_dense_sequence", lambda x: normalized(L.Dense(3)(x), x), SEQUENCE)


def broadcasting():
    functional("broadcast_multiply_image", lambda x, y: L.Multiply()([x, y]), IMAGE, (1, 1, 2))
    functional("broadcast_add_image", lambda x, y: L.Add()([x, y]), IMAGE, (1, 1, 2))
    functional("broadcast_multiply_map", lambda x, y: L.Multiply()([x, y]), IMAGE, (6, 5, 1))
    functional("broadcast_add_sequence", lambda x, y: L.Add()([x, y]), SEQUENCE, (1, 4))
    functional("broadcast_add_rank", lambda x, y: L.Add()([x, y]), SEQUENCE, (4,))
    functional("broadcast_multiply_vector", lambda x, y: L.Multiply()([x, y]), (5,), (1,))


def operators():
    for kind, shape in (("vector", (5,)), ("image", IMAGE)):
        made = {
            "plus": lambda x: x + 0.5,
            "plus_left": lambda x: 0.5 + x,
            "minus": lambda x: x - 0.5,
            "minus_left": lambda x: 1 - x,
            "times": lambda x: x * 0.5,
            "times_left": lambda x: 2 * x,
            "divided": lambda x: x / 4,
            "divided_left": lambda x: 1 / (x * x + 1),
            "negative": lambda x: -x,
            "power": lambda x: x**2,
            "absolute": lambda x: abs(x),
            "plus_itself": lambda x: x + x,
            "minus_itself": lambda x: x - L.Dense(shape[-1])(x),
            "times_itself": lambda x: x * L.Activation("sigmoid")(x),
            "divided_itself": lambda x: x / L.Activation("softplus")(x),
            "array": lambda x: x * np.arange(1, shape[-1] + 1, dtype="float32"),
        }
        for name, op in made.items():
            functional(f"operator_{kind}_{name}", lambda x: L.BatchNormalization()(op(x)), shape)
    functional("operator_two", lambda x, y: x + y, (5,), (5,))
    functional("operator_two_minus", lambda x, y: y - x, (5,), (5,))
    functional("operator_two_times", lambda x, y: x * y, IMAGE, IMAGE)
    functional("operator_three", lambda x, y, z: x + y * z, (5,), (5,), (5,))
    functional("operator_slice", lambda x: x[:, 1:3], (5,))
    functional("operator_slice_image", lambda x: L.Conv2D(3, 2)(x[:, 1:, :, :]), IMAGE)
    functional("operator_slice_step", lambda x: L.Dense(2)(x[:, -1, :]), SEQUENCE)
    functional("operator_matmul", lambda x, y: x @ y, SEQUENCE, (4, 3))
    functional("operator_residual", lambda x: x + L.Dense(5)(L.BatchNormalization()(x)), (5,))


def functions():
    vector = {
        "maximum": lambda x: ops.maximum(x, 0.3),
        "minimum": lambda x: ops.minimum(x, 0.3),
        "clip": lambda x: ops.clip(x, -0.5, 1.0),
        "square": ops.square,
        "sqrt": lambda x: ops.sqrt(ops.abs(x)),
        "exp": lambda x: ops.exp(x),
        "relu": ops.relu,
        "sigmoid": ops.sigmoid,
        "leaky_relu": lambda x: ops.leaky_relu(x, 0.1),
        "silu": ops.silu,
        "gelu": ops.gelu,
        "softmax": lambda x: ops.softmax(x),
        "relu6": ops.relu6,
        "hard_sigmoid": ops.hard_sigmoid,
        "mean": lambda x: ops.mean(x, axis=1, keepdims=True),
        "sum": lambda x: ops.sum(x, axis=-1, keepdims=True),
        "max": lambda x: ops.max(x, axis=-1, keepdims=True),
        "expand_dims": lambda x: ops.expand_dims(x, -1),
        "reshape": lambda x: ops.reshape(x, (-1, 5, 1)),
        "concatenate": lambda x: ops.concatenate([x, x], axis=-1),
        "stack": lambda x: ops.stack([x, x], axis=1),
        "multiply": lambda x: ops.multiply(x, 3.0),
        "add": lambda x: ops.add(x, L.Dense(5)(x)),
        "where": lambda x: ops.where(x > 0, x, 0.1),
        "cast": lambda x: ops.cast(x, "float32"),
        "normalize": lambda x: ops.normalize(x),
    }
    for name, op in vector.items():
        functional("ops_" + name, lambda x: op(L.BatchNormalization()(x)), (5,))
    image = {
        "transpose": lambda x: ops.transpose(x, (0, 2, 1, 3)),
        "reshape": lambda x: ops.reshape(x, (-1, 30, 2)),
        "mean": lambda x: ops.mean(x, axis=(1, 2)),
        "mean_keepdims": lambda x: ops.mean(x, axis=(1, 2), keepdims=True),
        "squeeze": lambda x: ops.squeeze(L.GlobalAveragePooling2D(keepdims=True)(x), axis=1),
        "pad": lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]]),
        "flip": lambda x: ops.flip(x, axis=2),
        "split": lambda x: ops.split(x, 2, axis=-1)[1],
        "relu": ops.relu,
    }
    for name, op in image.items():
        functional("ops_image_" + name, lambda x: op(L.BatchNormalization()(x)), IMAGE)
    functional("lambda", lambda x: L.Lambda(double, output_shape=(5,))(x), (5,))


@keras.saving.register_keras_serializable()
def double(x):
    return x * 2
