"""Compares the outputs in all files of a directory with those of another backend of Keras, and lists what disagrees.

Run as KERAS_BACKEND=jax python check.py <directory>
"""

import os

import common
import h5py
import keras
import numpy as np


def arrays(group, name):
    return [group[key][()] for key in sorted(group) if key.split("_")[0] == name]


def error(file):
    model = keras.models.load_model(file, compile=False, safe_mode=False)
    with h5py.File(file) as h5:
        inputs, expected = arrays(h5["expected"], "input"), arrays(h5["expected"], "output")
    actual = keras.tree.flatten(model(common.arguments(model, inputs), training=False))
    return max(np.abs(y - keras.ops.convert_to_numpy(a)).max() / np.abs(y).max() for y, a in zip(expected, actual))


for name in sorted(os.listdir(common.directory())):
    if not name.endswith(".h5"):
        continue
    try:
        difference = error(os.path.join(common.directory(), name))
        if not difference < 1e-5:
            print(f"{name}\t{difference:.2g}", flush=True)
    except Exception as e:  # one backend lacks what another has
        print(f"{name}\t{type(e).__name__}: {e}".replace("\n", " ")[:200], flush=True)
    keras.utils.clear_session()
