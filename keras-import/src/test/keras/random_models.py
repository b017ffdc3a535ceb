"""Random models, to find what nobody thought of: chains and branches of layers with random settings and sizes.

Run with Keras 3 and TensorFlow: python random_models.py <directory> [<how many> [<first seed> [first]]]; with "first", of
layers with their channels first, on JAX (KERAS_BACKEND=jax), because TensorFlow adds biases along a wrong axis there.
"""

import random
import sys

import keras
from keras import layers as L

import common


def norm(r, x):
    rank = len(x.shape)
    axis = r.choice([-1, -1, r.randrange(1, rank)])
    kind = r.randrange(5)
    if kind == 0:
        return L.BatchNormalization(axis=axis, scale=r.random() < 0.8, center=r.random() < 0.8, epsilon=0.01)(x)
    if kind == 1:
        axes = sorted(r.sample(range(1, rank), r.randrange(1, rank)))
        return L.LayerNormalization(axis=axes if len(axes) > 1 else axes[0])(x)
    if kind == 2:
        divisors = [g for g in (1, 2, 3, 4, -1) if g < 0 or x.shape[axis] % g == 0]
        return L.GroupNormalization(groups=r.choice(divisors), axis=axis)(x)
    if kind == 3:
        return L.RMSNormalization(axis=-1)(x)
    return L.UnitNormalization(axis=axis)(x)


def activation(r):
    return r.choice(["linear", "relu", "tanh", "sigmoid", "elu", "selu", "softplus", "silu", "gelu", "softmax"])


def activation_layer(r, x):
    return r.choice([
        lambda: L.Activation(activation(r))(x),
        lambda: L.LeakyReLU(negative_slope=r.choice([0.1, 0.3, 1]))(x),
        lambda: L.ReLU(max_value=r.choice([None, 1, 6]), negative_slope=r.choice([0, 0.2]))(x),
        lambda: L.ELU(alpha=r.choice([1, 0.5]))(x),
        lambda: L.Softmax()(x),
        lambda: L.Dropout(0.3)(x),
        lambda: L.Rescaling(0.5, offset=-1)(x),
    ])()


def flat(r, x):
    return r.choice([
        lambda: L.Dense(r.randrange(2, 8), activation=activation(r), use_bias=r.random() < 0.8)(x),
        lambda: L.RepeatVector(r.randrange(2, 5))(x),
        lambda: L.Reshape((-1, 1))(x),
        lambda: L.Reshape((1, 1, x.shape[-1]))(x),
    ])()


def window(r, x, axis):
    return r.randrange(1, min(3, x.shape[axis]) + 1)


def sequence(r, x):
    k = window(r, x, 1)
    units = r.randrange(2, 6)
    return r.choice([
        lambda: L.Conv1D(units, k, padding=r.choice(["same", "valid", "causal"]), activation=activation(r))(x),
        lambda: L.Conv1D(units, k, strides=2, padding="same")(x),
        lambda: L.LSTM(units, return_sequences=r.random() < 0.7)(x),
        lambda: L.SimpleRNN(units, return_sequences=r.random() < 0.7)(x),
        lambda: L.Bidirectional(L.LSTM(units, return_sequences=r.random() < 0.7))(x),
        lambda: L.MaxPooling1D(k)(x),
        lambda: L.GlobalAveragePooling1D()(x),
        lambda: L.GlobalMaxPooling1D()(x),
        lambda: L.TimeDistributed(L.Dense(units))(x),
        lambda: L.Dense(units, activation=activation(r))(x),
        lambda: L.Permute((2, 1))(x),
        lambda: L.Flatten()(x),
    ])()


def image(r, x):
    k = (window(r, x, 1), window(r, x, 2))
    units = r.randrange(2, 6)
    padding = r.choice(["same", "valid"])
    return r.choice([
        lambda: L.Conv2D(units, k, padding=padding, activation=activation(r), use_bias=r.random() < 0.8)(x),
        lambda: L.Conv2D(units, k, strides=2, padding="same")(x),
        lambda: L.Conv2D(units, 2, dilation_rate=2, padding="same")(x),
        lambda: L.DepthwiseConv2D(k, padding=padding, depth_multiplier=r.choice([1, 2]))(x),
        lambda: L.SeparableConv2D(units, k, padding=padding)(x),
        lambda: L.Conv2DTranspose(units, k, strides=r.choice([1, 2]), padding=padding)(x),
        lambda: L.MaxPooling2D(k, strides=r.choice([None, 1]), padding=padding)(x),
        lambda: L.AveragePooling2D(k, padding=padding)(x),
        lambda: L.GlobalAveragePooling2D(keepdims=r.random() < 0.3)(x),
        lambda: L.GlobalMaxPooling2D()(x),
        lambda: L.ZeroPadding2D(((0, 1), (2, 1)))(x),
        lambda: L.UpSampling2D(r.choice([2, (1, 2)]))(x),
        lambda: L.Dense(units, activation=activation(r))(x),
        lambda: L.Flatten()(x),
        lambda: L.Reshape((x.shape[1] * x.shape[2], x.shape[3]))(x),
        lambda: L.Multiply()([x, L.Dense(x.shape[-1], activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(x))]),
    ])()


def volume(r, x):
    k = tuple(window(r, x, axis) for axis in (1, 2, 3))
    return r.choice([
        lambda: L.Conv3D(r.randrange(2, 5), k, padding=r.choice(["same", "valid"]))(x),
        lambda: L.MaxPooling3D(k)(x),
        lambda: L.AveragePooling3D(k)(x),
        lambda: L.Flatten()(x),
    ])()


STEPS = {2: flat, 3: sequence, 4: image, 5: volume}


def branch(r, x):
    other = r.choice([norm, activation_layer])(r, x)
    if r.random() < 0.5 and len(x.shape) > 2:
        return L.Concatenate()([x, other])
    return r.choice([L.Add, L.Multiply, L.Average, L.Maximum])()([x, other])


def build(r, x):
    for _ in range(r.randrange(2, 7)):
        what = r.random()
        if what < 0.35:
            x = norm(r, x)
        elif what < 0.5:
            x = activation_layer(r, x)
        elif what < 0.62:
            x = branch(r, x)
        else:
            x = STEPS[len(x.shape)](r, x)
        if 0 in x.shape:
            raise ValueError("nothing is left")
    return norm(r, x) if r.random() < 0.5 else x


def write(count, first, channels_first):
    written = 0
    seed = first
    while written < count:
        r = random.Random(seed)
        shape = tuple(r.randrange(3, 8) for _ in range(r.randrange(1, 5)))
        keras.config.set_image_data_format("channels_first" if channels_first else "channels_last")
        try:
            inputs = keras.Input(shape)
            model = keras.Model(inputs, build(r, inputs))
            chain = all(len(node.input_tensors) < 2 for layer in model.layers for node in layer._inbound_nodes)
            if chain and r.random() < 0.5:
                model = keras.Sequential([inputs, *model.layers[1:]]) if len(model.layers) > 1 else model
            common.save(f"random_{seed:05d}", model, [shape])
            written += 1
        except ValueError:
            keras.utils.clear_session()  # sizes that do not fit: another one
        seed += 1


if __name__ == "__main__":
    count = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 200
    first = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 0
    channels_first = sys.argv[2:] == ["first"]
    del sys.argv[2:]  # the rest is for common.py
    write(count, first, channels_first)
