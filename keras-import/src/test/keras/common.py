"""Writes a Keras model as model.save does, with random weights, inputs and the outputs that Keras computes for them.

Every file has the numbers of its own name, so that a model that is added changes no other file.
"""

import os
import sys
import tempfile
import zlib

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np

# All sizes of a model differ, so that swapped axes show. In the square ones they are equal: there a swap is silent.
BATCH = 3
SEQUENCE = (5, 4)
IMAGE = (6, 5, 2)
VOLUME = (5, 4, 6, 2)


class Whole:
    """An input of whole numbers from 0 to below the bound."""

    def __init__(self, bound, shape):
        self.bound = bound
        self.shape = shape


class Masked:
    """An input whose time steps from 2 on are zero in the first example, and from 4 on in the second."""

    def __init__(self, shape):
        self.shape = shape


def directory():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit("usage: python " + os.path.basename(sys.argv[0]) + " <directory>")
    return sys.argv[1]


def shape_of(what):
    return what.shape if isinstance(what, (Whole, Masked)) else what


def sequential(name, what, *layers):
    """Layers in a row. What goes in: a shape without the batch, a Whole or a Masked."""
    save(name, keras.Sequential([keras.Input(shape_of(what)), *layers]), [what])


def functional(name, build, *whats):
    """What build makes of as many inputs."""
    inputs = [keras.Input(shape_of(what)) for what in whats]
    save(name, keras.Model(inputs if len(inputs) > 1 else inputs[0], build(*inputs)), whats)


def save(name, model, whats, batch=BATCH, compiled=None):
    """Writes <name>.h5, with a training configuration if there are arguments for compile.

    What goes in is in the order of model.inputs, which for a dictionary is that of its sorted keys.
    """
    random = np.random.default_rng(zlib.crc32(name.encode()))
    randomize(model, random)
    arrays = [example(what, batch, random) for what in whats]
    outputs = keras.tree.flatten(model(arguments(model, arrays), training=False))
    expected = {key: array.astype("float32") for key, array in numbered("input", arrays)}
    expected.update(numbered("output", [keras.ops.convert_to_numpy(y).astype("float32") for y in outputs]))
    for key, array in expected.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: {key} is not finite")
    with tempfile.TemporaryDirectory() as temporary:
        saved = os.path.join(temporary, "model.h5")
        if compiled:
            model.compile(**compiled)
        model.save(saved)
        compact(saved, os.path.join(directory(), name + ".h5"), expected)
    keras.utils.clear_session()  # names of layers count from here


def arguments(model, arrays):
    if isinstance(getattr(model, "_inputs_struct", None), dict):
        return {tensor.name: array for tensor, array in zip(model.inputs, arrays)}
    return arrays if len(arrays) > 1 else arrays[0]


def randomize(model, random):
    adapted = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.Normalization)]
    kept = {id(weight) for layer in adapted for weight in layer.weights}
    for weight in model.weights:
        if id(weight) in kept:
            continue
        value = random.uniform(-0.8, 0.8, weight.shape).astype("float32")
        if "variance" in weight.path:
            value = np.abs(value) + 0.3
        if "gamma" in weight.path:
            value = value + 1
        weight.assign(value)


def example(what, batch, random):
    shape = (batch, *shape_of(what))
    if isinstance(what, Whole):
        return random.integers(0, what.bound, shape).astype("float32")
    x = (2 * random.normal(size=shape)).astype("float32")  # wide enough for the bends of activations
    if isinstance(what, Masked):
        x[0, 2:] = 0
        x[1, 4:] = 0
    return x


def numbered(name, arrays):
    return [(name if len(arrays) == 1 else f"{name}_{i}", array) for i, array in enumerate(arrays)]


def compact(saved, target, expected):
    """Copies a file without the optimizer's weights.

    Keras has h5py write groups as HDF5 1.6 did, a kilobyte and more for each. As since 1.8, which DL4J's HDF5 1.12
    reads, a file takes half.
    """
    with h5py.File(saved) as source, h5py.File(target, "w", libver=("v110", "v110"), meta_block_size=512) as copy:
        copy_group(source, copy)
        group = copy.create_group("expected")
        for key, array in expected.items():
            put(group, key, array)


def copy_group(source, copy):
    copy_attributes(source, copy)
    for name, item in source.items():
        if name == "optimizer_weights":
            continue
        if isinstance(item, h5py.Group):
            copy_group(item, copy.create_group(name))
        else:
            copy_attributes(item, put(copy, name, item[()]))


def put(group, name, array):
    # Without times: the same bytes each time.
    return group.create_dataset(name, data=array, track_times=False)


def copy_attributes(source, copy):
    for name, value in source.attrs.items():
        dtype = source.attrs.get_id(name).dtype
        if h5py.check_string_dtype(dtype):
            value = np.vectorize(in_bytes, otypes=[object])(value)
        copy.attrs.create(name, value, dtype=dtype)


def in_bytes(text):
    # Keras writes UTF-8 and calls it ASCII, which h5py reads in this way.
    return text.encode("utf-8", "surrogateescape")
