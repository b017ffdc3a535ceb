"""Writes the files of KerasFilesTest: models, with an input and the output that Keras computes for it.

Run with Keras 3 and h5py: python make_files.py <directory>
"""

import sys

import h5py
import keras
import numpy as np
from keras import layers

random = np.random.default_rng(7)


def randomize(model):
    for layer in model.layers:
        for weight in layer.weights:
            value = random.uniform(-0.8, 0.8, weight.shape).astype("float32")
            if "variance" in weight.path:
                value = np.abs(value) + 0.3
            if "gamma" in weight.path:
                value = value + 1
            weight.assign(value)


def save(model, file, x):
    randomize(model)
    x = x.astype("float32")
    y = np.asarray(model(x, training=False)).astype("float32")
    model.save(file)
    with h5py.File(file, "a") as h5:
        if "optimizer_weights" in h5:
            del h5["optimizer_weights"]
        group = h5.create_group("expected")
        group["input"] = x
        group["output"] = y


directory = sys.argv[1]

sequential = keras.Sequential([
    keras.Input((6, 5, 2)),
    layers.Conv2D(3, 3),
    layers.BatchNormalization(epsilon=1e-3, momentum=0.9),
    layers.ReLU(),
    layers.LayerNormalization(axis=[1, 2, 3]),
    layers.Flatten(),
    layers.Dense(4),
    layers.BatchNormalization(scale=False),
    layers.Dense(3, activation="softmax"),
])
sequential.compile(optimizer="adam", loss="categorical_crossentropy")
save(sequential, directory + "/keras3-sequential.h5", random.normal(size=(3, 6, 5, 2)))

inputs = keras.Input((5, 3))
x = layers.LSTM(4, return_sequences=True)(inputs)
y = layers.LayerNormalization(center=False)(x)
z = layers.BatchNormalization(axis=1)(x)
outputs = layers.Conv1D(2, 2, name="last")(layers.Add()([y, z]))
save(keras.Model(inputs, outputs), directory + "/keras3-functional.h5", random.normal(size=(3, 5, 3)))

text = keras.Sequential([
    keras.Input((4,)),
    layers.Embedding(6, 3),
    layers.LayerNormalization(),
    layers.LSTM(4, return_sequences=True),
    layers.TimeDistributed(layers.LayerNormalization(axis=1)),
    layers.LSTM(3),
    layers.BatchNormalization(),
    layers.Dense(2),
])
save(text, directory + "/keras3-text.h5", random.integers(0, 6, size=(3, 4)))
