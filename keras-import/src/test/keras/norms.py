"""Writes the files of NormFilesTest: every normalization, with an input and what Keras computes for it.

Run with Keras 3 and h5py: KERAS_BACKEND=jax python norms.py <directory>
"""

import os
import sys

import h5py
import keras
import numpy as np
from keras import layers as L

random = np.random.default_rng(17)
directory = sys.argv[1]


def randomize(model):
    for weight in model.weights:
        value = random.uniform(-0.8, 0.8, weight.shape).astype("float32")
        name = weight.path.split("/")[-1]
        if "variance" in name:
            value = np.abs(value) + 0.3
        if name in ("gamma", "scale"):
            value = value + 1
        if "seed" not in name:
            weight.assign(value)


def save(name, model, x):
    """Each output is a data set of its own."""
    randomize(model)
    x = x.astype("float32")
    y = model(x, training=False)
    model.save(directory + "/whole.h5")
    # A copy in the newest version of the format is half as large.
    with h5py.File(directory + "/whole.h5") as whole, h5py.File(f"{directory}/{name}.h5", "w", libver="latest") as h5:
        h5.attrs.update(whole.attrs)
        whole.copy("model_weights", h5)
        group = h5.create_group("expected")
        group["input"] = x
        for i, output in enumerate(y if isinstance(y, list) else [y]):
            group["output" + str(i)] = np.asarray(output).astype("float32")
    os.remove(directory + "/whole.h5")


def functional(name, shape, *branches):
    """A model with an output for each branch, which is a layer or a list of them."""
    inputs = keras.Input(shape)
    outputs = []
    for branch in branches:
        x = inputs
        for layer in branch if isinstance(branch, list) else [branch]:
            x = layer(x)
        outputs.append(x)
    save(name, keras.Model(inputs, outputs), random.normal(size=(3, *shape)))


def sequential(name, shape, *layers):
    save(name, keras.Sequential([keras.Input(shape), *layers]), random.normal(size=(3, *shape)))


def ranks():
    for rank, shape in {2: (4,), 3: (5, 4), 4: (3, 5, 4), 5: (3, 2, 3, 4)}.items():
        axes = list(range(1, rank))
        functional(
            f"rank{rank}_functional",
            shape,
            L.BatchNormalization(axis=1),
            L.LayerNormalization(axis=axes, epsilon=0.01),
            L.GroupNormalization(groups=2, axis=-1),
            L.GroupNormalization(groups=shape[0], axis=1, scale=False, epsilon=0.1),
            L.RMSNormalization(axis=axes[-2:]),
            L.UnitNormalization(axis=axes),
            L.UnitNormalization(axis=1),
            L.LayerNormalization(axis=[1, -1] if rank > 2 else [-1]),
        )
    sequential(
        "rank4_sequential",
        (3, 5, 4),
        L.BatchNormalization(center=False, momentum=0.9),
        L.UnitNormalization(),
        L.GroupNormalization(groups=1, center=False),
        L.RMSNormalization(epsilon=0.01),
        L.LayerNormalization(axis=1, scale=False),
    )


def sequences():
    functional(
        "sequences",
        (5, 3),
        [L.LSTM(4, return_sequences=True), L.BatchNormalization(axis=1), L.GroupNormalization(groups=5, axis=1)],
        [L.Conv1D(4, 2), L.GlobalAveragePooling1D(), L.BatchNormalization(), L.RMSNormalization(axis=1)],
        [L.Permute((2, 1)), L.BatchNormalization(axis=2), L.UnitNormalization(axis=1)],
        [L.Reshape((3, 5)), L.LayerNormalization(axis=-1)],
    )
    sequential(
        "sequences_time",
        (5, 3),
        L.LSTM(4, return_sequences=True),
        L.LayerNormalization(axis=1),
        L.Bidirectional(L.LSTM(2, return_sequences=True)),
        L.BatchNormalization(axis=1),
    )
    sequential("pooled", (6, 3), L.Conv1D(4, 2), L.GlobalMaxPooling1D(), L.GroupNormalization(groups=2), L.Dense(2))
    sequential("distributed", (5, 4), L.TimeDistributed(L.RMSNormalization()), L.TimeDistributed(L.UnitNormalization()))
    # As many features as time steps, so that sizes do not tell axes apart.
    sequential("dense_time", (4, 3), L.Dense(4), L.LayerNormalization(axis=1, name="norm"))
    sequential("dense_unit_time", (4, 3), L.Dense(4), L.UnitNormalization(axis=1, name="norm"))
    sequential("dense_groups", (4, 3), L.Dense(4), L.GroupNormalization(groups=2, name="norm"))
    sequential("dense_features", (4, 3), L.Dense(4), L.BatchNormalization(axis=2), L.RMSNormalization())


def settings():
    functional(
        "epsilon_zero",
        (4,),
        L.BatchNormalization(epsilon=0.0),
        L.LayerNormalization(epsilon=0.0),
        L.GroupNormalization(groups=2, epsilon=0.0),
        L.RMSNormalization(epsilon=0.0),
        L.RMSNormalization(epsilon=None),
    )
    sequential(
        "penalties",
        (4, 4, 4),
        L.BatchNormalization(gamma_regularizer=keras.regularizers.L2(1), beta_regularizer=keras.regularizers.L1(2)),
        L.LayerNormalization(gamma_regularizer=keras.regularizers.L1L2(0.5, 1), beta_constraint="non_neg"),
        L.GroupNormalization(groups=2, beta_regularizer=keras.regularizers.L1L2(1, 0.5), gamma_constraint="unit_norm"),
        L.BatchNormalization(gamma_regularizer=keras.regularizers.OrthogonalRegularizer()),
    )
    shared = L.BatchNormalization(name="shared")
    functional("shared", (4,), [shared, L.Activation("relu"), shared])
    sequential("rms_scaling", (4,), L.LayerNormalization(rms_scaling=True, name="norm"))


def trained(name, shape, *layers):
    """Also the targets, and what five steps make of the norms' weights and of the output."""
    model = keras.Sequential([keras.Input(shape), *layers])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mean_squared_error")
    x = random.normal(size=(6, *shape)).astype("float32")
    targets = random.normal(size=(6, 2)).astype("float32")
    save(name, model, x)
    for _ in range(5):
        model.train_on_batch(x, targets)
    with h5py.File(f"{directory}/{name}.h5", "a", libver="latest") as h5:
        group = h5["expected"]
        group["targets"] = targets
        group["trained_output"] = np.asarray(model(x, training=False))
        for layer in model.layers:
            if "Normalization" in type(layer).__name__:
                for weight in layer.weights:
                    group[f"trained/{layer.name}.{weight.name}"] = np.asarray(weight)


def training():
    trained(
        "trained_images",
        (6, 5, 2),
        L.Conv2D(4, 2, name="conv"),
        L.BatchNormalization(momentum=0.8, scale=False, name="batch"),
        L.ReLU(),
        L.LayerNormalization(axis=[1, 2, 3], center=False, name="layer"),
        L.GroupNormalization(groups=2, name="group"),
        L.RMSNormalization(axis=[2, 3], name="rms"),
        L.Flatten(),
        L.Dense(2, name="last"),
    )
    trained(
        "trained_sequences",
        (5, 3),
        L.LSTM(4, return_sequences=True),
        L.BatchNormalization(axis=1, momentum=0.8, name="batch"),
        L.LayerNormalization(axis=[1, 2], name="layer"),
        L.GroupNormalization(groups=2, name="group"),
        L.RMSNormalization(name="rms"),
        L.LSTM(3),
        L.Dense(2, name="last"),
    )


ranks()
sequences()
settings()
training()
