"""Writes the files under resources/keras/models: kinds of models that people save, each with an input and the output
that Keras computes for it, and for those that are trained the targets and the weights after five steps.

Run with Keras 3 and h5py: python models.py <directory> [<part of a name>...]
"""

import os
import sys
import zlib

import h5py
import keras
import numpy as np
from keras import applications, layers

FILES = {}


def model(function):
    FILES[function.__name__] = function
    return function


def randomize(network, random):
    """Weights of the size that keeps activations of the order of 1."""
    for weight in network.weights:
        if "seed_generator" in weight.path or weight.path.endswith("count"):
            continue
        shape = tuple(weight.shape)
        inputs = max(1, int(np.prod(shape[:-1]))) if len(shape) > 1 else 4
        if "depthwise" in weight.path and len(shape) == 4:
            inputs = shape[0] * shape[1]
        value = random.uniform(-1, 1, shape) * np.sqrt(3.0 / inputs)
        if "variance" in weight.path:
            value = np.abs(value) + 0.5
        if "gamma" in weight.path:
            value = value + 1
        weight.assign(value.astype("float32"))
    for layer in network.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()


def copy(source, target):
    for attribute, value in source.attrs.items():
        target.attrs[attribute] = np.asarray(value, dtype="S")
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            copy(item, target.create_group(name))
        else:
            target[name] = item[()]


def save(name, network, x, directory, training=None):
    x = [x] if isinstance(x, np.ndarray) else x
    x = [each.astype("float32") for each in x]
    y = np.asarray(network(x[0] if len(x) == 1 else x, training=False)).astype("float32")
    file = os.path.join(directory, name + ".h5")
    network.save("whole.h5")
    # HDF5's newest layout takes a third of the space for as many small groups as there are here.
    with h5py.File("whole.h5") as whole, h5py.File(file, "w", libver="latest") as h5:
        for attribute, value in whole.attrs.items():
            h5.attrs[attribute] = value
        copy(whole["model_weights"], h5.create_group("model_weights"))
        group = h5.create_group("expected")
        for i, each in enumerate(x):
            group["input" if i == 0 else "input%d" % i] = each
        group["output"] = y
        if training is not None:
            targets = training.astype("float32")
            group["targets"] = targets
            for _ in range(5):
                network.train_on_batch(x[0], targets)
            for layer in network.layers:
                for weight in layer.weights:
                    group["trained/" + layer.name + "/" + weight.path.split("/")[-1]] = np.asarray(weight)
    os.remove("whole.h5")


def image(random, size=32, channels=3, batch=1):
    return random.uniform(-1, 1, (batch, size, size, channels))


# Models of keras.applications, reduced in width and depth.


@model
def mobilenet(random):
    source = sys.modules["keras.src.applications.mobilenet"]
    inputs = keras.Input((16, 16, 3))
    x = source._conv_block(inputs, 32, 0.25, strides=(2, 2))
    x = source._depthwise_conv_block(x, 64, 0.125, 1, block_id=1)
    x = source._depthwise_conv_block(x, 128, 0.125, 2, strides=(2, 2), block_id=2)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dropout(1e-3, name="dropout")(x)
    x = layers.Conv2D(3, (1, 1), padding="same", name="conv_preds")(x)
    x = layers.Reshape((3,), name="reshape_2")(x)
    return keras.Model(inputs, layers.Activation("softmax", name="predictions")(x)), image(random, 16)


@model
def mobilenet_v2(random):
    source = sys.modules["keras.src.applications.mobilenet_v2"]
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3, strides=(2, 2), padding="same", use_bias=False, name="Conv1")(inputs)
    x = layers.BatchNormalization(epsilon=1e-3, momentum=0.999, name="bn_Conv1")(x)
    x = layers.ReLU(6.0, name="Conv1_relu")(x)
    x = source._inverted_res_block(x, filters=16, alpha=0.35, stride=1, expansion=1, block_id=0)
    x = source._inverted_res_block(x, filters=24, alpha=0.35, stride=2, expansion=3, block_id=1)
    x = source._inverted_res_block(x, filters=24, alpha=0.35, stride=1, expansion=3, block_id=2)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax", name="predictions")(x)), image(random, 16)


def mobilenet_v3(random, minimalistic):
    source = sys.modules["keras.src.applications.mobilenet_v3"]

    def stack(x, kernel, activation, se_ratio):
        if not minimalistic:
            x = source._inverted_res_block(x, 1, 8, 3, 2, se_ratio, source.relu, 0)
        x = source._inverted_res_block(x, 2, 8, kernel, 1, se_ratio, activation, 1)
        return x if minimalistic else source._inverted_res_block(x, 2, 8, kernel, 1, se_ratio, activation, 2)

    return source.MobileNetV3(stack, 16, input_shape=(32, 32, 3), alpha=0.25, weights=None, classes=3,
                              minimalistic=minimalistic, model_type="small"), image(random) * 127


@model
def mobilenet_v3_small(random):
    return mobilenet_v3(random, False)


@model
def mobilenet_v3_minimalistic(random):
    return mobilenet_v3(random, True)


@model
def efficientnet(random):
    blocks = [
        {"kernel_size": 3, "repeats": 1, "filters_in": 32, "filters_out": 16, "expand_ratio": 1, "id_skip": True,
         "strides": 1, "se_ratio": 0.25},
        {"kernel_size": 3, "repeats": 1, "filters_in": 16, "filters_out": 24, "expand_ratio": 2, "id_skip": True,
         "strides": 2, "se_ratio": 0.25},
        {"kernel_size": 3, "repeats": 1, "filters_in": 24, "filters_out": 24, "expand_ratio": 1, "id_skip": True,
         "strides": 1, "se_ratio": 0.25},
    ]
    efficient = sys.modules["keras.src.applications.efficientnet"].EfficientNet
    return efficient(0.1, 1.0, 32, blocks_args=blocks, input_shape=(32, 32, 3), weights=None, classes=3,
                     name="efficientnet"), (image(random) + 1) * 127


@model
def densenet(random):
    source = sys.modules["keras.src.applications.densenet"]
    inputs = keras.Input((16, 16, 3))
    x = layers.ZeroPadding2D(((3, 3), (3, 3)))(inputs)
    x = layers.Conv2D(8, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = layers.BatchNormalization(axis=3, epsilon=1.001e-5, name="conv1_bn")(x)
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(((1, 1), (1, 1)))(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    x = source.conv_block(x, 4, name="conv2_block1")
    x = source.transition_block(x, 0.5, name="pool2")
    x = source.conv_block(x, 4, name="conv3_block1")
    x = layers.BatchNormalization(axis=3, epsilon=1.001e-5, name="bn")(x)
    x = layers.Activation("relu", name="relu")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x)), image(random, 16)


@model
def resnet_v2(random):
    source = sys.modules["keras.src.applications.resnet"]
    inputs = keras.Input((16, 16, 3))
    x = layers.ZeroPadding2D(((3, 3), (3, 3)), name="conv1_pad")(inputs)
    x = layers.Conv2D(8, 7, strides=2, name="conv1_conv")(x)
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    x = source.stack_residual_blocks_v2(x, 2, 2, name="conv2")
    x = layers.BatchNormalization(epsilon=1.001e-5, name="post_bn")(x)
    x = layers.Activation("relu", name="post_relu")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax", name="predictions")(x)), image(random, 16)


@model
def xception(random):
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, strides=2, use_bias=False, name="block1_conv1")(inputs)
    x = layers.BatchNormalization(name="block1_conv1_bn")(x)
    x = layers.Activation("relu", name="block1_conv1_act")(x)
    residual = layers.Conv2D(8, 1, strides=2, padding="same", use_bias=False)(x)
    residual = layers.BatchNormalization()(residual)
    x = layers.SeparableConv2D(8, 3, padding="same", use_bias=False, name="block2_sepconv1")(x)
    x = layers.BatchNormalization(name="block2_sepconv1_bn")(x)
    x = layers.Activation("relu", name="block2_sepconv2_act")(x)
    x = layers.SeparableConv2D(8, 3, padding="same", use_bias=False, name="block2_sepconv2")(x)
    x = layers.BatchNormalization(name="block2_sepconv2_bn")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="block2_pool")(x)
    x = layers.add([x, residual])
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax", name="predictions")(x)), image(random, 16)


@model
def convnext(random):
    source = sys.modules["keras.src.applications.convnext"]
    return source.ConvNeXt([1, 1, 1, 1], [4, 4, 4, 4], input_shape=(32, 32, 3), weights=None, classes=3,
                           include_preprocessing=True, name="convnext"), (image(random) + 1) * 127


# What stands in front of, between and behind other layers.


@model
def activations(random):
    names = ["silu", "gelu", "mish", "leaky_relu", "relu6", "elu", "selu", "softplus", "softsign", "exponential",
             "hard_sigmoid", "hard_silu", "celu", "log_sigmoid", "hard_tanh", "swish", "softmax"]
    inputs = keras.Input((5,))
    x = layers.Dense(4, activation="tanh")(inputs)
    strings = [layers.Dense(2, activation=name)(x) for name in names]
    y = layers.Dense(4)(x)
    own = [layers.Activation(name)(y) for name in names]
    return keras.Model(inputs, layers.Concatenate()(strings + own)), random.uniform(-9, 9, (4, 5))


@model
def activations_of_convolutions(random):
    inputs = keras.Input((6, 6, 2))
    x = layers.Conv2D(3, 2, activation="gelu")(inputs)
    x = layers.DepthwiseConv2D(2, activation="hard_silu", depth_multiplier=2)(x)
    x = layers.SeparableConv2D(4, 2, activation="mish")(x)
    x = layers.Conv2DTranspose(3, 2, activation="silu")(x)
    return keras.Model(inputs, x), image(random, 6, 2, 3)


@model
def arithmetic(random):
    inputs = keras.Input((4, 4, 3))
    x = layers.Conv2D(3, 1)(inputs) * 0.5
    x = 1 - layers.Conv2D(3, 1)(3 + x)
    x = layers.Conv2D(3, 1)(x / 3) - 2.5
    return keras.Model(inputs, layers.BatchNormalization()(x)), image(random, 4)


@model
def preprocessing(random):
    inputs = keras.Input((4, 4, 3))
    x = layers.Rescaling([0.1, 0.2, 0.3], offset=-1)(inputs)
    x = layers.Normalization()(x)
    x = layers.Normalization(mean=[0.5, 1, 2], variance=[2, 0.5, 0], invert=True)(x)
    x = layers.Normalization(axis=None, mean=0.25, variance=4)(x)
    return keras.Model(inputs, layers.Conv2D(2, 2)(x)), image(random, 4) * 5


@model
def preprocessing_sequence(random):
    return keras.Sequential([keras.Input((7,)), layers.Normalization(), layers.Rescaling(2, offset=0.5),
                             layers.Dense(3)]), random.uniform(-1, 1, (4, 7))


@model
def broadcasting(random):
    inputs = keras.Input((4, 4, 3))
    x = layers.Conv2D(3, 1)(inputs)
    one = layers.GlobalMaxPooling2D(keepdims=True)(x)
    gray = layers.Conv2D(1, 1)(x)
    x = layers.Multiply()([x, one])
    x = layers.Add()([gray, x])
    x = layers.Subtract()([one, x])
    x = layers.Average()([x, one])
    x = layers.Maximum()([x, gray])
    mean = layers.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.Model(inputs, layers.Multiply()([mean, gray, x])), image(random, 4, 3, 2)


# Models inside others.


def residual(size):
    inputs = keras.Input((size,))
    x = layers.Dense(size, activation="relu", name="dense")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    return keras.Model(inputs, layers.Add(name="sum")([x, inputs]), name="residual")


@model
def nested_chain(random):
    innermost = keras.Sequential([layers.Dense(3, name="dense"), layers.BatchNormalization()], name="innermost")
    inner = keras.Sequential([layers.Dense(5, activation="silu", name="dense"), innermost], name="inner")
    return keras.Sequential([keras.Input((4,)), layers.Dense(4, name="inner_dense"), inner,
                             layers.Dense(2, name="dense")]), random.uniform(-1, 1, (3, 4))


@model
def nested_residual(random):
    return keras.Sequential([keras.Input((4,)), layers.LayerNormalization(), residual(4), layers.Dense(2)]), \
        random.uniform(-1, 1, (3, 4))


@model
def nested_base(random):
    base = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(3, 3, name="conv"),
                             layers.BatchNormalization(name="norm"), layers.ReLU()], name="base")
    base.trainable = False
    inputs = keras.Input((6, 6, 2))
    x = base(inputs, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(2)(residual(3)(x))
    return keras.Model(inputs, outputs), image(random, 6, 2, 3)


@model
def nested_inputs(random):
    one, other = keras.Input((3,)), keras.Input((3,))
    summed = layers.Dense(4, name="dense")(layers.Add(name="add")([one, other]))
    difference = layers.Subtract(name="subtract")([one, other])
    inner = keras.Model([one, other], [summed, difference, other], name="inner")
    inputs = keras.Input((3,))
    sums, differences, same = inner([layers.Dense(3, name="left")(inputs), layers.Dense(3, name="right")(inputs)])
    return keras.Model(inputs, layers.Concatenate()([differences, sums, same])), random.uniform(-1, 1, (3, 3))


@model
def nested_twice(random):
    inner = residual(3)
    inputs = keras.Input((3,))
    return keras.Model(inputs, inner(inner(inputs))), random.uniform(-1, 1, (3, 3))


# Compiled in a way that DL4J cannot train alike.


@model
def compiled(random):
    inputs = keras.Input((4,))
    x = layers.Dense(3, kernel_regularizer="l2", bias_regularizer=keras.regularizers.L1(1), kernel_constraint="max_norm",
                     activity_regularizer=keras.regularizers.OrthogonalRegularizer())(inputs)
    x = layers.BatchNormalization(beta_regularizer="l1")(x)
    x = layers.ActivityRegularization(1, 2)(x)
    network = keras.Model(inputs, layers.Dense(2, kernel_regularizer=keras.regularizers.L2(1))(x))
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    network.compile(keras.optimizers.Lion(schedule, clipnorm=1.0, weight_decay=0.01, use_ema=True),
                    keras.losses.Huber(delta=2.0), loss_weights=[2.0], metrics=["mae", keras.metrics.AUC()])
    return network, random.uniform(-1, 1, (3, 4))


# Models with a training configuration that DL4J trains alike.


def trained(random, optimizer, loss, units=3, activation="softmax", penalty=None, targets=None, **settings):
    network = keras.Sequential([
        keras.Input((4,)),
        layers.Dense(5, activation="tanh", kernel_regularizer=penalty),
        layers.Dense(units, activation=activation, **settings),
    ])
    network.compile(optimizer, loss)
    x = random.uniform(-1, 1, (6, 4))
    if targets is None:
        targets = np.eye(3)[random.integers(0, 3, 6)]
    return network, x, targets


def whole_steps(optimizer):
    return lambda random: trained(random, optimizer(), "categorical_crossentropy")


optimizers = keras.optimizers
FILES["train_sgd"] = whole_steps(lambda: optimizers.SGD(0.1))
FILES["train_nesterov"] = whole_steps(lambda: optimizers.SGD(0.1, momentum=0.5, nesterov=True))
FILES["train_adam"] = whole_steps(lambda: optimizers.Adam(0.1, beta_1=0.5, epsilon=1e-3))


@model
def train_mse(random):
    return trained(random, optimizers.SGD(0.1), "mse", activation="linear")


@model
def train_mae(random):
    return trained(random, optimizers.SGD(0.1), keras.losses.MeanAbsoluteError(), activation="linear")


@model
def train_binary(random):
    targets = random.integers(0, 2, (6, 1))
    return trained(random, optimizers.SGD(0.1), "binary_crossentropy", 1, "sigmoid", targets=targets)


@model
def train_sparse(random):
    targets = random.integers(0, 3, (6, 1))
    return trained(random, optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(), targets=targets)


@model
def train_penalties(random):
    penalty = keras.regularizers.L1L2(0.1, 0.2)
    return trained(random, optimizers.SGD(0.1), "categorical_crossentropy", penalty=penalty,
                   kernel_regularizer=keras.regularizers.L2(1))


@model
def train_non_negative(random):
    return trained(random, optimizers.SGD(0.5), "categorical_crossentropy", kernel_constraint="non_neg")


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    for name, function in FILES.items():
        if len(sys.argv) > 2 and not any(part in name for part in sys.argv[2:]):
            continue
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        random = np.random.default_rng(zlib.crc32(name.encode()))
        network, x, *targets = function(random)
        randomize(network, random)
        save(name, network, x, directory, *targets)
        print(name, os.path.getsize(os.path.join(directory, name + ".h5")), flush=True)


if __name__ == "__main__":
    main()
