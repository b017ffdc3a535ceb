"""How models are put together: shared layers, several inputs and outputs, models in models, and three whole ones."""

import keras
from common import IMAGE, SEQUENCE, Whole, functional, save, sequential
from keras import layers as L


def write():
    whole()
    shared()
    several()
    nested()
    names()


def whole():
    save(
        "keras3-sequential",
        keras.Sequential([
            keras.Input(IMAGE),
            L.Conv2D(3, 3),
            L.BatchNormalization(epsilon=1e-3, momentum=0.9),
            L.ReLU(),
            L.LayerNormalization(axis=[1, 2, 3]),
            L.Flatten(),
            L.Dense(4),
            L.BatchNormalization(scale=False),
            L.Dense(3, activation="softmax"),
        ]),
        [IMAGE],
        compiled={"optimizer": "adam", "loss": "categorical_crossentropy"},
    )

    def two_paths(inputs):
        x = L.LSTM(4, return_sequences=True)(inputs)
        y = L.LayerNormalization(center=False)(x)
        z = L.BatchNormalization(axis=1)(x)
        return L.Conv1D(2, 2, name="last")(L.Add()([y, z]))

    functional("keras3-functional", two_paths, (5, 3))
    sequential(
        "keras3-text",
        Whole(6, (4,)),
        L.Embedding(6, 3),
        L.LayerNormalization(),
        L.LSTM(4, return_sequences=True),
        L.TimeDistributed(L.LayerNormalization(axis=1)),
        L.LSTM(3),
        L.BatchNormalization(),
        L.Dense(2),
    )


def shared():
    def dense(x, y):
        layer = L.Dense(4)
        return L.Concatenate()([layer(x), layer(y)])

    def norm(x, y):
        layer = L.BatchNormalization()
        return L.Add()([layer(x), layer(y)])

    def chain(x, make):
        layer = make()
        return layer(L.Dense(5)(layer(x)))

    functional("shared_dense", dense, (5,), (5,))
    functional("shared_bn", norm, (5,), (5,))
    functional("shared_bn_chain", lambda x: chain(x, L.BatchNormalization), (5,))
    functional("shared_ln_chain", lambda x: chain(x, L.LayerNormalization), (5,))
    functional("shared_dense_chain", lambda x: chain(x, lambda: L.Dense(5)), (5,))
    functional("shared_relu", lambda x: chain(x, L.ReLU), (5,))


def several():
    def joined(x, y):
        return L.Dense(2)(L.Concatenate()([x, L.BatchNormalization()(y)]))

    functional("inputs_two", lambda x, y: joined(L.Dense(3)(x), y), (5,), (4,))
    functional(
        "inputs_image_and_vector", lambda x, y: joined(L.GlobalAveragePooling2D()(L.Conv2D(3, 2)(x)), y), IMAGE, (4,)
    )
    functional("inputs_sequence_and_vector", lambda x, y: joined(L.LSTM(3)(x), y), SEQUENCE, (6,))
    functional("inputs_square", lambda x, y: L.Subtract()([L.Dense(3)(x), L.BatchNormalization()(y)]), (3,), (3,))

    def outputs(x):
        y = L.BatchNormalization()(L.Dense(4)(x))
        return [L.Dense(2, activation="softmax")(y), L.Dense(3)(y)]

    functional("outputs_two", outputs, (5,))

    def inner(x):
        y = L.BatchNormalization()(L.Dense(4)(x))
        return [y, L.Dense(2)(y)]

    functional("outputs_with_inner", inner, (5,))

    a, b = keras.Input((5,), name="b_first"), keras.Input((4,), name="a_second")
    y = L.Concatenate()([L.Dense(3)(a), L.BatchNormalization()(b)])
    save("inputs_dict", keras.Model({"b_first": a, "a_second": b}, y), [(4,), (5,)])  # sorted

    a, b = keras.Input((5,), name="left"), keras.Input((4,), name="right")
    y = L.Concatenate()([L.Dense(3)(a), L.BatchNormalization()(b)])
    save("outputs_dict", keras.Model([a, b], {"one": L.Dense(2)(y), "two": L.Dense(3)(y)}), [(5,), (4,)])

    a, b = keras.Input((5,), name="used_second"), keras.Input((4,), name="used_first")
    y = L.Concatenate()([L.Dense(3)(b), L.BatchNormalization()(a)])
    save("inputs_in_other_order", keras.Model([a, b], y), [(5,), (4,)])

    functional("inputs_passed_through", lambda x: L.Concatenate()([x, L.BatchNormalization()(x)]), (5,))
    functional("normalization_chain", lambda x: L.LayerNormalization()(L.BatchNormalization()(x)), (5,))


def nested():
    def backbone(shape):
        inputs = keras.Input(shape)
        return keras.Model(inputs, L.GlobalAveragePooling2D()(L.BatchNormalization()(L.Conv2D(3, 2)(inputs))))

    def head():
        return keras.Sequential([keras.Input((3,)), L.Dense(4), L.BatchNormalization(), L.Dense(2)])

    sequential("nested_functional_in_sequential", IMAGE, backbone(IMAGE), L.Dense(2))
    sequential("nested_sequential_in_sequential", (3,), head(), L.ReLU())
    functional("nested_functional", lambda x: L.Dense(2)(backbone(IMAGE)(x)), IMAGE)
    functional("nested_both", lambda x: head()(backbone(IMAGE)(x)), IMAGE)

    def twice(x, y):
        model = head()
        return L.Add()([model(x), model(y)])

    functional("nested_twice", twice, (3,), (3,))

    def deep(x):
        inner = keras.Sequential([keras.Input((3,)), head(), L.Dense(3)])
        return L.BatchNormalization()(inner(x))

    functional("nested_deep", deep, (3,))


def names():
    sequential("name_short", (5,), L.Dense(4, name="d"), L.BatchNormalization(name="b"))
    sequential("name_dots", (5,), L.Dense(4, name="a.b"), L.BatchNormalization(name="a-b_c 1"))
    sequential("name_unicode", (5,), L.Dense(4, name="größe"), L.BatchNormalization(name="層"))
    sequential("name_of_class", (5,), L.Dense(4, name="kernel"), L.BatchNormalization(name="gamma"))
    sequential("untrainable", (5,), L.Dense(4, trainable=False), L.BatchNormalization(trainable=False))
    sequential("dtype_float64", (5,), L.Dense(4, dtype="float64"), L.BatchNormalization(dtype="float64"))
    sequential("dtype_mixed_bfloat16", (5,), L.Dense(4, dtype="mixed_bfloat16"), L.BatchNormalization())
