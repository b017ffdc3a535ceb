"""Writes the files of SavedFilesTest: models as Keras saves them.

<name>.h5 is the whole model with an input and the output that Keras computes for it, <name>.keras the same model,
chain.json and chain.weights.h5 the first of them in two files, chain-weights.h5 its weights as save_weights of Keras 2
lays them out. unnamed.keras is chain.keras without the names of layers
that new versions of Keras write into it, and compressed. Run with Keras 3 and h5py: python files.py <directory>
"""

import io
import os
import zipfile
import zlib

from common import directory, randomize

import h5py
import keras
import numpy as np
from keras import layers
from keras.src.legacy.saving import legacy_h5_format


def save(name, model, x):
    random = np.random.default_rng(zlib.crc32(name.encode()))
    randomize(model, random)
    x = (random.integers(0, x[1], x[0]) if isinstance(x, tuple) else random.normal(size=x)).astype("float32")
    y = np.asarray(model(x, training=False)).astype("float32")
    path = os.path.join(directory(), name)
    model.save(path + ".keras")
    if name == "chain":
        model.save_weights(path + ".weights.h5")
        with open(path + ".json", "w") as file:
            file.write(model.to_json())
        with h5py.File(path + "-weights.h5", "w") as h5:
            legacy_h5_format.save_weights_to_hdf5_group(h5, model)
    model.save(path + ".h5")
    with h5py.File(path + ".h5", "a") as h5:
        if "optimizer_weights" in h5:
            del h5["optimizer_weights"]
        group = h5.create_group("expected")
        group["input"] = x
        group["output"] = y


def chain():
    """Two layers of one class each, variables that are not there, a training configuration."""
    model = keras.Sequential([
        keras.Input((6, 5, 2)),
        layers.Conv2D(3, 3),
        layers.BatchNormalization(epsilon=1e-3, momentum=0.9),
        layers.ReLU(),
        layers.LayerNormalization(axis=[1, 2, 3]),
        layers.Flatten(),
        layers.Dense(4, name="zuerst"),
        layers.BatchNormalization(scale=False, name="danach"),
        layers.Dense(4, use_bias=False, name="dense"),
        layers.Dense(3, activation="softmax", name="am_ende"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="categorical_crossentropy")
    return model, [3, 6, 5, 2]


def recurrent():
    """Variables in cells, directions and wrapped layers."""
    return keras.Sequential([
        keras.Input((5, 3)),
        layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
        layers.TimeDistributed(layers.LayerNormalization()),
        layers.SimpleRNN(3, return_sequences=True),
        layers.LSTM(4, return_sequences=True),
        layers.Conv1D(3, 2),
        layers.BatchNormalization(trainable=False),
    ]), [3, 5, 3]


def convolutions():
    """Kernels in several parts and layouts, in a graph with names in no order."""
    inputs = keras.Input((6, 5, 2), name="picture")
    x = layers.Conv2D(3, 2, name="z")(inputs)
    y = layers.DepthwiseConv2D(2, padding="same", depth_multiplier=2, name="y")(x)
    y = layers.SeparableConv2D(3, 2, padding="same", name="x")(y)
    x = layers.BatchNormalization(name="w")(layers.Add(name="v")([x, y]))
    x = layers.Conv2D(4, 2, strides=2, name="a")(x)
    return keras.Model(inputs, layers.Conv2DTranspose(2, (3, 2), strides=2, name="u")(x)), [2, 6, 5, 2]


def text():
    """The plainest text model."""
    inputs = keras.Input((4,))
    x = layers.LayerNormalization()(layers.Embedding(6, 3, mask_zero=False)(inputs))
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x))), ((3, 4), 6)


def nested():
    """Models in a model, with layers of the same names."""
    inner = keras.Sequential([
        keras.Input((4,)),
        layers.Dense(5, name="dense"),
        layers.BatchNormalization(name="norm"),
        layers.Dense(3, name="out"),
    ], name="inner")
    inputs = keras.Input((3,))
    deep = keras.Sequential([keras.Input((3,)), layers.Dense(4, name="dense")], name="deep")
    other = keras.Model(inputs, layers.Dense(2, name="dense")(deep(inputs)), name="other")
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(3, name="dense")(other(inner(inputs)))), [3, 4]


def groups(h5):
    found = []
    h5.visit(found.append)
    return found


def without_names(source, target):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            content = old.read(entry)
            if entry.endswith(".h5"):
                with io.BytesIO(content) as file:
                    with h5py.File(file, "a") as h5:
                        for key in groups(h5):
                            h5[key].attrs.pop("name", None)
                    content = file.getvalue()
            new.writestr(entry, content)


def main():
    for build in chain, recurrent, convolutions, text, nested:
        save(build.__name__, *build())
    without_names(os.path.join(directory(), "chain.keras"), os.path.join(directory(), "unnamed.keras"))


if __name__ == "__main__":
    main()
