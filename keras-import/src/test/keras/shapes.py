"""Layers that only move numbers: Flatten, Reshape, Permute, RepeatVector, Masking, Embedding."""

from common import IMAGE, SEQUENCE, VOLUME, Masked, Whole, functional, sequential
from keras import layers as L

FIRST = "channels_first"
IMAGE_FIRST, VOLUME_FIRST = (2, 6, 5), (2, 5, 4, 6)
SQUARE = (3, 3, 3)


def write():
    flatten()
    reshape()
    permute()
    embedding()
    masking()


def flatten():
    for name, shape in (("vector", (5,)), ("sequence", SEQUENCE), ("image", IMAGE), ("volume", VOLUME)):
        sequential("flatten_" + name, shape, L.Flatten())
        sequential(f"flatten_{name}_bn", shape, L.BatchNormalization(), L.Flatten(), L.Dense(3))
        sequential(f"flatten_{name}_bn_behind", shape, L.Flatten(), L.BatchNormalization())
    sequential("flatten_image_first", IMAGE_FIRST, L.Flatten(data_format=FIRST))
    sequential("flatten_image_first_dense", IMAGE_FIRST, L.Flatten(data_format=FIRST), L.Dense(3))
    sequential("flatten_volume_first", VOLUME_FIRST, L.Flatten(data_format=FIRST))
    sequential("flatten_sequence_first", (4, 5), L.Flatten(data_format=FIRST), L.Dense(3))
    sequential("flatten_image_square", SQUARE, L.Flatten(), L.Dense(4))
    sequential("flatten_sequence_square", (3, 3), L.Flatten(), L.Dense(4))
    sequential(
        "flatten_conv2d_first", IMAGE_FIRST, L.Conv2D(3, 2, data_format=FIRST), L.Flatten(data_format=FIRST), L.Dense(4)
    )
    sequential("flatten_conv2d_first_plain", IMAGE_FIRST, L.Conv2D(3, 2, data_format=FIRST), L.Flatten(), L.Dense(4))
    sequential("flatten_conv2d_last", IMAGE, L.Conv2D(3, 2), L.Flatten(), L.Dense(4))
    sequential("flatten_conv1d", SEQUENCE, L.Conv1D(3, 2), L.Flatten(), L.Dense(2))
    sequential("flatten_lstm", SEQUENCE, L.LSTM(3, return_sequences=True), L.Flatten(), L.Dense(2))
    sequential(
        "flatten_bidirectional", SEQUENCE, L.Bidirectional(L.LSTM(3, return_sequences=True)), L.Flatten(), L.Dense(2)
    )


def reshape():
    targets = {
        "vector_image": ((60,), (6, 5, 2)),
        "vector_sequence": ((20,), (5, 4)),
        "image_sequence": (IMAGE, (6, 10)),
        "image_sequence_rows": (IMAGE, (30, 2)),
        "image_vector": (IMAGE, (60,)),
        "image_unknown": (IMAGE, (-1, 2)),
        "image_image": (IMAGE, (3, 10, 2)),
        "sequence_image": (SEQUENCE, (5, 2, 2)),
        "sequence_vector": (SEQUENCE, (20,)),
        "sequence_sequence": (SEQUENCE, (2, 10)),
        "volume_image": (VOLUME, (5, 4, 12)),
        "same": (SEQUENCE, (5, 4)),
    }
    for name, (shape, target) in targets.items():
        sequential("reshape_" + name, shape, L.Reshape(target))
        sequential("reshape_bn_" + name, shape, L.Reshape(target), L.BatchNormalization())
    sequential("reshape_dense_image", (5,), L.Dense(60), L.Reshape((6, 5, 2)), L.Conv2D(3, 2), L.BatchNormalization())
    sequential("reshape_generator", (5,), L.Dense(24), L.BatchNormalization(), L.ReLU(), L.Reshape((3, 4, 2)),
               L.Conv2DTranspose(3, 2, strides=2, padding="same"), L.BatchNormalization())  # fmt: skip
    sequential("reshape_conv2d_sequence", IMAGE, L.Conv2D(3, 2), L.Reshape((20, 3)), L.LSTM(4))
    sequential("reshape_conv2d_vector", IMAGE, L.Conv2D(3, 2), L.Reshape((60,)), L.Dense(4))


def permute():
    sequential("permute_sequence", SEQUENCE, L.Permute((2, 1)))
    sequential("permute_sequence_bn", SEQUENCE, L.Permute((2, 1)), L.BatchNormalization())
    sequential("permute_sequence_same", SEQUENCE, L.Permute((1, 2)), L.BatchNormalization())
    sequential("permute_sequence_square", (3, 3), L.Permute((2, 1)))
    sequential("permute_sequence_square_bn", (3, 3), L.Permute((2, 1)), L.BatchNormalization())
    sequential("permute_lstm", SEQUENCE, L.Permute((2, 1)), L.LSTM(3))
    for order in ((2, 1, 3), (3, 1, 2), (1, 3, 2), (2, 3, 1), (3, 2, 1), (1, 2, 3)):
        name = "permute_image_" + "".join(map(str, order))
        sequential(name, IMAGE, L.Permute(order))
        sequential(name + "_square", SQUARE, L.Permute(order), L.BatchNormalization())
    sequential("permute_conv2d_flatten", IMAGE, L.Conv2D(3, 2), L.Permute((3, 1, 2)), L.Flatten(), L.Dense(2))
    sequential("repeat_vector", (5,), L.RepeatVector(4))
    sequential("repeat_vector_bn", (5,), L.RepeatVector(4), L.BatchNormalization())
    sequential("repeat_vector_square", (3,), L.RepeatVector(3), L.BatchNormalization())
    sequential("repeat_vector_lstm", (5,), L.RepeatVector(4), L.LSTM(3, return_sequences=True), L.BatchNormalization())


def embedding():
    words = Whole(6, (4,))
    sequential("embedding", words, L.Embedding(6, 3))
    sequential("embedding_bn", words, L.Embedding(6, 3), L.BatchNormalization())
    sequential("embedding_ln", words, L.Embedding(6, 3), L.LayerNormalization())
    sequential("embedding_flatten_dense", words, L.Embedding(6, 3), L.Flatten(), L.Dense(2))
    sequential("embedding_bn_flatten", words, L.Embedding(6, 3), L.BatchNormalization(), L.Flatten(), L.Dense(2))
    sequential("embedding_bn_axis1", words, L.Embedding(6, 3), L.BatchNormalization(axis=1))
    sequential("embedding_pool", words, L.Embedding(6, 3), L.GlobalAveragePooling1D(), L.Dense(2))
    sequential("embedding_conv1d", words, L.Embedding(6, 3), L.Conv1D(2, 2), L.BatchNormalization())
    sequential("embedding_lstm", words, L.Embedding(6, 3), L.LSTM(2))
    sequential("embedding_dropout", words, L.Embedding(6, 3), L.SpatialDropout1D(0.2), L.LSTM(2))
    sequential("embedding_square", Whole(3, (3,)), L.Embedding(3, 3), L.Flatten(), L.Dense(2))
    sequential("embedding_one_word", Whole(6, (1,)), L.Embedding(6, 3), L.Flatten(), L.Dense(2))
    sequential("embedding_mask_zero", words, L.Embedding(6, 3, mask_zero=True))
    sequential("embedding_mask_zero_lstm", words, L.Embedding(6, 3, mask_zero=True), L.LSTM(2))
    sequential("embedding_mask_zero_pool", words, L.Embedding(6, 3, mask_zero=True), L.GlobalAveragePooling1D())
    sequential("embedding_mask_zero_flatten", words, L.Embedding(6, 3, mask_zero=True), L.Flatten(), L.Dense(2))
    sequential(
        "embedding_mask_zero_bn_lstm", words, L.Embedding(6, 3, mask_zero=True), L.BatchNormalization(), L.LSTM(2)
    )
    sequential("embedding_any_length", Whole(6, (4,)), L.Embedding(6, 3), L.LSTM(2), L.BatchNormalization())
    functional(
        "embedding_functional", lambda x: L.Dense(2)(L.Flatten()(L.BatchNormalization()(L.Embedding(6, 3)(x)))), words
    )

    def two(a, b):
        return L.Dense(2)(L.Concatenate()([L.Flatten()(L.Embedding(6, 3)(a)), L.Flatten()(L.Embedding(7, 2)(b))]))

    functional("embedding_two", two, Whole(6, (1,)), Whole(7, (1,)))


def masking():
    masked = Masked(SEQUENCE)
    sequential("masking", masked, L.Masking())
    sequential("masking_value", masked, L.Masking(mask_value=0.5), L.LSTM(3))
    sequential("masking_lstm", masked, L.Masking(), L.LSTM(3))
    sequential("masking_lstm_sequences", masked, L.Masking(), L.LSTM(3, return_sequences=True))
    sequential("masking_lstm_two", masked, L.Masking(), L.LSTM(3, return_sequences=True), L.LSTM(2))
    sequential("masking_gru", masked, L.Masking(), L.GRU(3))
    sequential("masking_simple_rnn", masked, L.Masking(), L.SimpleRNN(3))
    sequential("masking_bidirectional", masked, L.Masking(), L.Bidirectional(L.LSTM(3)))
    sequential("masking_bn", masked, L.Masking(), L.BatchNormalization())
    sequential("masking_ln", masked, L.Masking(), L.LayerNormalization())
    sequential("masking_bn_lstm", masked, L.Masking(), L.BatchNormalization(), L.LSTM(3))
    sequential(
        "masking_lstm_bn", masked, L.Masking(), L.LSTM(3, return_sequences=True), L.BatchNormalization(), L.LSTM(2)
    )
    sequential("masking_pool", masked, L.Masking(), L.GlobalAveragePooling1D(), L.Dense(2))
    sequential("masking_time_distributed", masked, L.Masking(), L.TimeDistributed(L.Dense(3)), L.LSTM(2))
    sequential("masking_dense", masked, L.Masking(), L.Dense(3), L.LSTM(2))
