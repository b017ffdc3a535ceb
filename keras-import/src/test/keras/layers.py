"""Models of a layer or two: one for each Keras layer, and each of its settings that changes results.

Run with Keras 3 and TensorFlow: python layers.py <directory>
"""

import activations
import arithmetic
import chains
import convolutions
import recurrent
import shapes

for subject in (activations, convolutions, shapes, recurrent, arithmetic, chains):
    subject.write()
