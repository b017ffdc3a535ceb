"""Recurrent layers and their wrappers."""

from common import IMAGE, SEQUENCE, functional, sequential
from keras import layers as L

CLASSES = {"lstm": L.LSTM, "gru": L.GRU, "simple_rnn": L.SimpleRNN}
SQUARE = (3, 3)


def write():
    cells()
    bidirectional()
    time_distributed()
    states()
    others()


def cells():
    settings = {
        "last": {},
        "sequences": {"return_sequences": True},
        "backwards": {"go_backwards": True},
        "backwards_sequences": {"go_backwards": True, "return_sequences": True},
        "unroll": {"unroll": True},
        "no_bias": {"use_bias": False},
        "relu": {"activation": "relu"},
        "dropout": {"dropout": 0.2},
        "recurrent_dropout": {"recurrent_dropout": 0.2},
    }
    for kind, make in CLASSES.items():
        for name, more in settings.items():
            sequential(f"{kind}_{name}", SEQUENCE, make(3, **more))
        sequential(f"{kind}_bn", SEQUENCE, make(3), L.BatchNormalization(), L.Dense(2))
        sequential(f"{kind}_sequences_bn", SEQUENCE, make(3, return_sequences=True), L.BatchNormalization())
        sequential(f"{kind}_sequences_bn_axis1", SEQUENCE, make(3, return_sequences=True), L.BatchNormalization(axis=1))
        sequential(f"{kind}_two", SEQUENCE, make(3, return_sequences=True), make(2))
        sequential(f"{kind}_square", SQUARE, make(3, return_sequences=True), L.BatchNormalization())
    for kind in ("lstm", "gru"):
        for activation in ("hard_sigmoid", "relu", "linear"):
            layer = CLASSES[kind](3, recurrent_activation=activation)
            sequential(f"{kind}_recurrent_{activation}", SEQUENCE, layer)
    sequential("lstm_no_forget_bias", SEQUENCE, L.LSTM(3, unit_forget_bias=False))
    sequential("lstm_softsign", SEQUENCE, L.LSTM(3, activation="softsign"))
    sequential("gru_reset_before", SEQUENCE, L.GRU(3, reset_after=False))
    sequential("lstm_dense_sequence", SEQUENCE, L.LSTM(3, return_sequences=True), L.Dense(2))
    sequential("lstm_any_length", SEQUENCE, L.LSTM(3, return_sequences=True), L.GlobalMaxPooling1D(), L.Dense(2))


def bidirectional():
    for kind, make in CLASSES.items():
        for mode in ("concat", "sum", "mul", "ave"):
            sequential(f"bidirectional_{kind}_{mode}", SEQUENCE, L.Bidirectional(make(3), merge_mode=mode))
            layer = L.Bidirectional(make(3, return_sequences=True), merge_mode=mode)
            sequential(f"bidirectional_{kind}_sequences_{mode}", SEQUENCE, layer, L.BatchNormalization())
        layer = L.Bidirectional(make(3, return_sequences=True))
        sequential(f"bidirectional_{kind}_flatten", SEQUENCE, layer, L.Flatten(), L.Dense(2))
        layer = L.Bidirectional(make(3, return_sequences=True))
        sequential(f"bidirectional_{kind}_two", SEQUENCE, layer, L.Bidirectional(make(2)), L.Dense(2))
    layer = L.Bidirectional(L.LSTM(3), backward_layer=L.LSTM(3, activation="relu", go_backwards=True))
    sequential("bidirectional_other_backward", SEQUENCE, layer)
    functional("bidirectional_apart", lambda x: L.Bidirectional(L.LSTM(3), merge_mode=None)(x), SEQUENCE)
    layer = L.Bidirectional(L.LSTM(3, return_sequences=True))
    sequential("bidirectional_bn_axis1", SEQUENCE, layer, L.BatchNormalization(axis=1))
    layer = L.Bidirectional(L.LSTM(3, return_sequences=True))
    sequential("bidirectional_pool", SEQUENCE, layer, L.GlobalMaxPooling1D(), L.BatchNormalization(), L.Dense(2))
    sequential("bidirectional_square", SQUARE, L.Bidirectional(L.LSTM(3)), L.BatchNormalization())


def time_distributed():
    sequential("time_distributed_dense", SEQUENCE, L.TimeDistributed(L.Dense(3)))
    sequential("time_distributed_dense_bn", SEQUENCE, L.TimeDistributed(L.Dense(3)), L.BatchNormalization())
    sequential("time_distributed_dense_flatten", SEQUENCE, L.TimeDistributed(L.Dense(3)), L.Flatten(), L.Dense(2))
    sequential("time_distributed_dense_square", SQUARE, L.TimeDistributed(L.Dense(3)), L.BatchNormalization())
    sequential("time_distributed_lstm_dense", SEQUENCE, L.LSTM(3, return_sequences=True), L.TimeDistributed(L.Dense(2)))
    sequential("time_distributed_bn", SEQUENCE, L.TimeDistributed(L.BatchNormalization()))
    sequential("time_distributed_ln", SEQUENCE, L.TimeDistributed(L.LayerNormalization()))
    sequential("time_distributed_activation", SEQUENCE, L.TimeDistributed(L.Activation("relu")))
    sequential("time_distributed_dropout", SEQUENCE, L.TimeDistributed(L.Dropout(0.3)), L.BatchNormalization())
    sequential("time_distributed_flatten", IMAGE, L.TimeDistributed(L.Flatten()), L.LSTM(3))
    sequential("time_distributed_conv1d", IMAGE, L.TimeDistributed(L.Conv1D(3, 2)))
    sequential("time_distributed_conv2d", (4, 6, 5, 2), L.TimeDistributed(L.Conv2D(3, 2)))
    sequential("time_distributed_image_dense", IMAGE, L.TimeDistributed(L.Dense(3)))


def states():
    def lstm(x):
        return L.LSTM(3, return_state=True)(x)

    functional("states_lstm_output", lambda x: lstm(x)[0], SEQUENCE)
    functional("states_lstm_h", lambda x: lstm(x)[1], SEQUENCE)
    functional("states_lstm_c", lambda x: lstm(x)[2], SEQUENCE)
    functional("states_lstm_all", lambda x: list(lstm(x)), SEQUENCE)
    functional("states_lstm_c_bn", lambda x: L.BatchNormalization()(lstm(x)[2]), SEQUENCE)
    functional("states_gru_all", lambda x: list(L.GRU(3, return_state=True)(x)), SEQUENCE)

    def initial(x, y):
        _, h, c = L.LSTM(3, return_state=True)(x)
        return L.LSTM(3, return_sequences=True)(y, initial_state=[h, c])

    functional("states_encoder_decoder", initial, SEQUENCE, (4, 2))
    functional("states_initial_dense", lambda x, h: L.GRU(3)(x, initial_state=L.Dense(3)(h)), SEQUENCE, (2,))


def others():
    sequential("rnn_of_cell", SEQUENCE, L.RNN(L.LSTMCell(3)))
    sequential("rnn_of_cells", SEQUENCE, L.RNN([L.LSTMCell(3), L.LSTMCell(2)]))
    sequential("conv_lstm2d", (4, 6, 5, 2), L.ConvLSTM2D(3, 2), L.BatchNormalization())
    functional("attention", lambda x, y: L.Attention()([x, y]), SEQUENCE, (3, 4))
    functional("additive_attention", lambda x, y: L.AdditiveAttention()([x, y]), SEQUENCE, (3, 4))
    functional("multi_head_attention", lambda x: L.LayerNormalization()(x + L.MultiHeadAttention(2, 3)(x, x)), SEQUENCE)
