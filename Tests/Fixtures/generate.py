#!/usr/bin/env python3
"""Makes the JSON files beside this script: numbers of PyTorch's in float64, which the tests compare ours with.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python Tests/Fixtures/generate.py

The files record the version that made them. Everything is seeded, so that the same version writes the same bytes.
"""
import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
FOLDER = pathlib.Path(__file__).parent
STEPS = 20


def write(name, content):
    content = {"source": f"torch {torch.__version__}, Tests/Fixtures/generate.py", **content}
    (FOLDER / f"{name}.json").write_text(json.dumps(content) + "\n")


def array(tensor):
    """A tensor as the tests read it: a shape and its elements in row-major order."""
    tensor = tensor.detach()
    return {"shape": list(tensor.shape), "scalars": tensor.to(torch.float64).flatten().tolist()}


def random(seed, *shape, scale=1.0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * scale


# A network of one hidden layer on 6 examples, trained on the whole batch with the half sum of squared errors.

def problem():
    parameters = [
        nn.Parameter(random(1, 3, 4)), nn.Parameter(random(2, 4)),
        nn.Parameter(random(3, 4, 2)), nn.Parameter(random(4, 2))
    ]
    return parameters, random(5, 6, 3), random(6, 6, 2)


NAMES = ["dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias"]


def train(make_optimizer, make_scheduler=None, clip=None, penalty=None):
    parameters, x, t = problem()
    optimizer = make_optimizer(parameters)
    scheduler = make_scheduler(optimizer) if make_scheduler else None
    losses, weights = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        output = torch.tanh(x @ parameters[0] + parameters[1]) @ parameters[2] + parameters[3]
        loss = 0.5 * ((output - t) ** 2).sum(dim=1).mean()
        objective = loss + penalty(parameters) if penalty else loss
        objective.backward()
        if clip:
            clip(parameters)
        optimizer.step()
        if scheduler:
            scheduler.step()
        losses.append(objective.item())
        weights.append({name: p.detach().flatten().tolist() for name, p in zip(NAMES, parameters)})
    return {"losses": losses, "weights": weights}


def optimizers():
    o = torch.optim
    parameters, x, t = problem()
    runs = {
        "sgd": train(lambda p: o.SGD(p, lr=0.1)),
        "momentum": train(lambda p: o.SGD(p, lr=0.05, momentum=0.9)),
        "nesterov": train(lambda p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
        "adam": train(lambda p: o.Adam(p)),
        "adamFast": train(lambda p: o.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-6)),
        "adamW": train(lambda p: o.AdamW(p)),
        "adamWFast": train(lambda p: o.AdamW(p, lr=0.05, weight_decay=0.3)),
        "rmsProp": train(lambda p: o.RMSprop(p)),
        "rmsPropCentered": train(lambda p: o.RMSprop(p, lr=0.005, alpha=0.9, centered=True, momentum=0.5)),
        "adaGrad": train(lambda p: o.Adagrad(p)),
        "adamCosine": train(
            lambda p: o.Adam(p, lr=0.05), lambda s: o.lr_scheduler.CosineAnnealingLR(s, T_max=STEPS, eta_min=0.005)),
        "clippedByNorm": train(
            lambda p: o.SGD(p, lr=0.1), clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 0.5)),
        "clippedByValue": train(
            lambda p: o.SGD(p, lr=0.1), clip=lambda p: torch.nn.utils.clip_grad_value_(p, 0.1)),
        "gaussianPrior": train(
            lambda p: o.SGD(p, lr=0.1), penalty=lambda p: 5 / (2 * 6) * ((p[0] ** 2).sum() + (p[2] ** 2).sum())),
        "laplacePrior": train(
            lambda p: o.SGD(p, lr=0.1), penalty=lambda p: 2 / 6 * (p[0].abs().sum() + p[2].abs().sum())),
    }
    start = {name: array(p) for name, p in zip(NAMES, parameters)}
    write("optimizers", {"inputs": array(x), "targets": array(t), "start": start, "runs": runs})


def schedules():
    s = torch.optim.lr_scheduler

    def rates(make, steps):
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.4)
        scheduler = make(optimizer)
        result = []
        for _ in range(steps):
            result.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return result

    warm_up = lambda o, then: s.SequentialLR(
        o, [s.LinearLR(o, start_factor=0.1, total_iters=5), then(o)], milestones=[5])
    write("schedules", {"learningRate": 0.4, "rates": {
        "stepDecay": rates(lambda o: s.StepLR(o, step_size=7, gamma=0.3), 50),
        "exponential": rates(lambda o: s.ExponentialLR(o, gamma=0.93), 50),
        "cosine": rates(lambda o: s.CosineAnnealingLR(o, T_max=30, eta_min=0.04), 31),
        "warmUp": rates(lambda o: s.LinearLR(o, total_iters=6), 20),
        "warmUpThenCosine": rates(lambda o: warm_up(o, lambda o: s.CosineAnnealingLR(o, T_max=20)), 26),
        "oneCycle": rates(lambda o: s.OneCycleLR(o, max_lr=0.4, total_steps=40, cycle_momentum=False), 40),
    }})


def losses():
    f = nn.functional
    logits, reals = random(11, 5, 4, scale=2), random(12, 5, 4, scale=2)
    column, signs = random(13, 6, 1), torch.tensor([1.0, -1, -1, 1, -1, 1]).reshape(6, 1)
    labels, bits = torch.tensor([2, 0, 3, 1, 2]), torch.tensor([1.0, 0, 1, 1, 0, 0]).reshape(6, 1)
    shares = torch.rand(5, 4, generator=torch.Generator().manual_seed(14))
    hot = f.one_hot(labels, 4).to(torch.float64)
    big = torch.tensor([[40.0, -40.0, 0.0, 1e3]])
    class_weights = torch.tensor([0.5, 2.0, 1.0, 0.25])

    def focal(o, t, focusing):
        p = torch.softmax(o, 1).gather(1, t[:, None])[:, 0]
        return (-(1 - p) ** focusing * torch.log(p)).mean()

    cases = {
        "meanSquaredError": (logits, reals, lambda o, t: f.mse_loss(o, t)),
        "halfSumSquaredError": (logits, reals, lambda o, t: 0.5 * ((o - t) ** 2).sum(dim=1).mean()),
        "halfSumSquaredError of labels": (
            logits, labels, lambda o, t: 0.5 * ((o - hot) ** 2).sum(dim=1).mean()),
        "meanAbsoluteError": (logits, reals, lambda o, t: f.l1_loss(o, t)),
        "huber": (logits, reals, lambda o, t: f.huber_loss(o, t, delta=0.7)),
        "binaryCrossEntropy": (logits, shares, lambda o, t: f.binary_cross_entropy_with_logits(o, t)),
        "binaryCrossEntropy of large logits": (
            big, torch.tensor([[1.0, 1.0, 0.5, 1.0]]), lambda o, t: f.binary_cross_entropy_with_logits(o, t)),
        "binaryCrossEntropy of a column": (column, bits, lambda o, t: f.binary_cross_entropy_with_logits(o, t)),
        "sumBinaryCrossEntropy": (
            logits, labels, lambda o, t: f.binary_cross_entropy(torch.sigmoid(o), hot, reduction="sum") / len(o)),
        "softmaxCrossEntropy": (logits, labels, lambda o, t: f.cross_entropy(o, t)),
        "hinge": (logits, labels, lambda o, t: f.multi_margin_loss(o, t)),
        "hinge of signs": (column, signs, lambda o, t: torch.clamp(1 - o * t, min=0).mean()),
        "smoothed": (logits, labels, lambda o, t: f.cross_entropy(o, t, label_smoothing=0.2)),
        "weighted classes": (logits, labels, lambda o, t: f.cross_entropy(o, t, weight=class_weights)),
        "smoothed and weighted": (
            logits, labels, lambda o, t: f.cross_entropy(o, t, weight=class_weights, label_smoothing=0.2)),
        "focal": (logits, labels, lambda o, t: focal(o, t, 2)),
        "focal, half": (logits, labels, lambda o, t: focal(o, t, 0.5)),
        "klDivergence": (
            logits, torch.softmax(reals, 1),
            lambda o, t: f.kl_div(torch.log_softmax(o, 1), t, reduction="batchmean")),
        "klDivergence of labels": (
            logits, labels, lambda o, t: f.kl_div(torch.log_softmax(o, 1), hot, reduction="batchmean")),
        "cosine": (logits, reals, lambda o, t: (1 - f.cosine_similarity(o, t)).mean()),
    }
    content = {}
    for name, (outputs, targets, function) in cases.items():
        outputs = outputs.clone().requires_grad_()
        loss = function(outputs, targets)
        loss.backward()
        content[name] = {
            "outputs": array(outputs), "targets": array(targets), "loss": loss.item(), "gradient": array(outputs.grad)}
    points = [random(seed, 5, 3).requires_grad_() for seed in (15, 16, 17)]
    triplet = nn.TripletMarginLoss(margin=0.8)(*points)
    triplet.backward()
    write("losses", {"cases": content, "triplet": {
        "points": [array(p) for p in points], "loss": triplet.item(), "gradients": [array(p.grad) for p in points]}})


def layers():
    # PyTorch's own hardsigmoid has a slope of 1/6 rounded to float32.
    activations = {
        "identity": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu,
        "softplus": nn.functional.softplus, "softmax": lambda x: torch.softmax(x, dim=-1),
        "logSoftmax": lambda x: torch.log_softmax(x, dim=-1), "gelu": nn.functional.gelu,
        "geluTanh": lambda x: nn.functional.gelu(x, approximate="tanh"), "silu": nn.functional.silu,
        "elu": nn.functional.elu, "selu": nn.functional.selu, "leakyReLU": nn.functional.leaky_relu,
        "hardSigmoid": lambda x: torch.clamp(x / 6 + 0.5, 0, 1), "hardTanh": nn.functional.hardtanh,
        "hardSwish": nn.functional.hardswish, "softsign": nn.functional.softsign, "mish": nn.functional.mish,
    }
    cases = {}
    for name, activation in activations.items():
        x, w, b = (p.requires_grad_() for p in (random(21, 5, 3), random(22, 3, 4), random(23, 4)))
        cotangent = random(24, 5, 4)
        output = activation(x @ w + b)
        output.backward(cotangent)
        cases[name] = {
            "input": array(x), "weight": array(w), "bias": array(b), "cotangent": array(cotangent),
            "output": array(output),
            "inputGradient": array(x.grad), "weightGradient": array(w.grad), "biasGradient": array(b.grad)}
    write("layers", {"cases": cases})


if __name__ == "__main__":
    optimizers()
    schedules()
    losses()
    layers()
