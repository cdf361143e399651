"""Writes recurrent.json: recurrent layers of PyTorch, their outputs, last states and all gradients.

Run with PyTorch, from any folder: python3 Tests/Fixtures/recurrent.py
"""
import torch
from torch import nn

from generate import array, random, write

GATES = {"simpleRecurrent": 1, "simpleRecurrentRelu": 1, "lstm": 4, "gru": 3}


def case(kind, batch, time, features, units, layers=1, bidirectional=False, states=True, seed=0):
    options = dict(num_layers=layers, bidirectional=bidirectional, batch_first=True)
    make = {
        "simpleRecurrent": lambda: nn.RNN(features, units, **options),
        "simpleRecurrentRelu": lambda: nn.RNN(features, units, nonlinearity="relu", **options),
        "lstm": lambda: nn.LSTM(features, units, **options),
        "gru": lambda: nn.GRU(features, units, **options),
    }[kind]
    model = make()
    for index, (name, p) in enumerate(model.named_parameters()):
        p.data = random(1000 * seed + index, *p.shape, scale=0.5)
    count = layers * (2 if bidirectional else 1)
    x = random(1000 * seed + 900, batch, time, features).requires_grad_()
    kinds = 2 if kind == "lstm" else 1
    first = [random(1000 * seed + 901 + k, count, batch, units, scale=0.7).requires_grad_() for k in range(kinds)]
    given = (tuple(first) if kind == "lstm" else first[0]) if states else None
    outputs, last = model(x, given)
    last = list(last) if kind == "lstm" else [last]
    results = [outputs] + last
    cotangents = [random(1000 * seed + 910 + k, *r.shape) for k, r in enumerate(results)]
    torch.autograd.backward(results, cotangents)

    def side_by_side(state):
        return array(state.transpose(0, 1).reshape(batch, -1))

    parameters = {}
    for layer in range(layers):
        for backward in ([False, True] if bidirectional else [False]):
            end = f"_l{layer}" + ("_reverse" if backward else "")
            ours = (str(layer + 1) if layers > 1 else "") + ("Backward" if backward else "")
            get = lambda name: (getattr(model, name + end).detach(), getattr(model, name + end).grad)
            for name, theirs in (("weight", "weight_ih"), ("recurrentWeight", "weight_hh")):
                value, gradient = get(theirs)
                parameters[name + ours] = {"value": array(value.T), "gradient": array(gradient.T)}
            (input_bias, input_gradient), (state_bias, state_gradient) = get("bias_ih"), get("bias_hh")
            # PyTorch has two biases where one does; only a GRU's candidate tells them apart.
            one = state_bias.clone()
            if kind == "gru":
                one[2 * units:] = 0
                parameters["recurrentBias" + ours] = {
                    "value": array(state_bias[2 * units:]), "gradient": array(state_gradient[2 * units:])}
            parameters["bias" + ours] = {"value": array(input_bias + one), "gradient": array(input_gradient)}
    return {
        "kind": kind, "units": units, "layers": layers, "isBidirectional": bidirectional, "hasStates": states,
        "input": array(x), "inputGradient": array(x.grad),
        "states": [side_by_side(s) for s in first] if states else [],
        "stateGradients": [side_by_side(s.grad) for s in first] if states else [],
        "outputs": [array(outputs)] + [side_by_side(s) for s in last],
        "cotangents": [array(cotangents[0])] + [side_by_side(c) for c in cotangents[1:]],
        "parameters": parameters}


def packed(kind, lengths, time, features, units):
    """Sequences of different lengths, in both directions: outputs, last states and the input's gradient."""
    model = {"lstm": nn.LSTM, "gru": nn.GRU, "simpleRecurrent": nn.RNN}[kind](
        features, units, batch_first=True, bidirectional=True)
    parameters = {}
    for index, (name, p) in enumerate(model.named_parameters()):
        p.data = random(7000 + index, *p.shape, scale=0.5)
    x = random(7900, len(lengths), time, features).requires_grad_()
    sequence = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    outputs, last = model(sequence)
    outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=time)
    last = last[0] if kind == "lstm" else last
    cotangents = [random(7901, *outputs.shape), random(7902, *last.shape)]
    torch.autograd.backward([outputs, last], cotangents)
    for end, ours in (("_l0", ""), ("_l0_reverse", "Backward")):
        get = lambda name: getattr(model, name + end).detach()
        parameters["weight" + ours] = array(get("weight_ih").T)
        parameters["recurrentWeight" + ours] = array(get("weight_hh").T)
        one = get("bias_hh").clone()
        if kind == "gru":
            parameters["recurrentBias" + ours] = array(one[2 * units:])
            one[2 * units:] = 0
        parameters["bias" + ours] = array(get("bias_ih") + one)
    rows = len(lengths)
    return {
        "kind": kind, "lengths": lengths, "units": units, "input": array(x), "inputGradient": array(x.grad),
        "output": array(outputs), "last": array(last.transpose(0, 1).reshape(rows, -1)),
        "outputCotangent": array(cotangents[0]),
        "lastCotangent": array(cotangents[1].transpose(0, 1).reshape(rows, -1)),
        "parameters": parameters}


if __name__ == "__main__":
    cases = {}
    for seed, kind in enumerate(GATES):
        cases[f"{kind}, odd sizes"] = case(kind, 3, 5, 2, 7, seed=seed)
        cases[f"{kind}, a batch of 1 and one step"] = case(kind, 1, 1, 3, 4, seed=10 + seed)
        cases[f"{kind}, without states"] = case(kind, 2, 4, 3, 5, states=False, seed=20 + seed)
        cases[f"{kind}, two layers in both directions"] = case(
            kind, 3, 4, 3, 2, layers=2, bidirectional=True, seed=30 + seed)
    cases["lstm, as wide as a vector"] = case("lstm", 7, 3, 2, 17, seed=40)
    write("recurrent", {
        "source": f"torch {torch.__version__}, Tests/Fixtures/recurrent.py",
        "cases": cases, "packed": [packed(kind, [4, 1, 3], 4, 2, 3) for kind in ("simpleRecurrent", "lstm", "gru")]})
