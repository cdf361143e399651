#!/usr/bin/env python3
"""Makes normalization.json beside this script: layers of normalisation and activation as PyTorch computes them in
float64, with the gradient of a projection of their output. Run as generate.py.

PyTorch keeps channels second; here they are last, so that images and the like are transposed on their way in and out.
"""
import torch
from torch import nn

from generate import array, random, write


def channels_first(x):
    return x.movedim(-1, 1)


def channels_last(x):
    return x.movedim(1, -1)


def case(layer, module, x, parameters, mode="training", state=None, transposes=True, seed=50):
    """`parameters` and `state` map our names to the attributes of the module, which are given random values."""
    state = state or {}
    for position, (name, attribute) in enumerate({**parameters, **state}.items()):
        tensor = getattr(module, attribute)
        values = random(seed + position, *tensor.shape) * 0.5 + (0 if name in ("shift", "mean") else 1)
        with torch.no_grad():
            tensor.copy_(values.abs() if name == "variance" else values)
    before = {name: array(getattr(module, attribute).clone()) for name, attribute in {**parameters, **state}.items()}
    module.train(mode == "training")
    x = x.clone().requires_grad_()
    output = channels_last(module(channels_first(x))) if transposes else module(x)
    cotangent = random(seed + 9, *output.shape)
    output.backward(cotangent)
    return {
        "layer": layer, "input": array(x), "parameters": before, "cotangent": array(cotangent),
        "output": array(output), "inputGradient": array(x.grad),
        "gradients": {name: array(getattr(module, attribute).grad) for name, attribute in parameters.items()},
        "updates": {name: array(getattr(module, attribute)) for name, attribute in state.items()},
    }


AFFINE = {"scale": "weight", "shift": "bias"}
RUNNING = {"mean": "running_mean", "variance": "running_var"}


def normalization():
    table, images, volumes, rows = (
        random(41, 5, 3) * 2 + 1, random(42, 3, 5, 3, 6) * 2 - 1, random(43, 2, 3, 2, 3, 3), random(44, 2, 5, 7) + 3)
    batch = lambda **settings: {"kind": "batchNormalization", **settings}
    layer = lambda **settings: {"kind": "layerNormalization", **settings}
    group = lambda groups, **settings: {"kind": "groupNormalization", "groups": groups, **settings}
    instance = lambda **settings: {"kind": "instanceNormalization", **settings}
    return {
        "batch, table": case(batch(), nn.BatchNorm1d(3), table, AFFINE, state=RUNNING),
        "batch, images": case(
            batch(momentum=0.3, epsilon=1e-3), nn.BatchNorm2d(6, momentum=0.3, eps=1e-3), images, AFFINE,
            state=RUNNING),
        "batch, volumes": case(batch(), nn.BatchNorm3d(3), volumes, AFFINE, state=RUNNING),
        "batch, not affine": case(batch(isAffine=False), nn.BatchNorm2d(6, affine=False), images, {}, state=RUNNING),
        "batch, images in use": case(
            batch(), nn.BatchNorm2d(6), images, AFFINE, mode="inference", state=RUNNING),
        "layer, rows": case(layer(), nn.LayerNorm(7), rows, AFFINE, transposes=False),
        "layer, in use": case(layer(), nn.LayerNorm(7), rows, AFFINE, mode="inference", transposes=False),
        "layer, without bias": case(
            layer(usesBias=False), nn.LayerNorm(7, bias=False), rows, {"scale": "weight"}, transposes=False),
        "layer, three axes": case(
            layer(axisCount=3, epsilon=1e-2), nn.LayerNorm((5, 3, 6), eps=1e-2), images, AFFINE, transposes=False),
        "layer, plain": case(
            layer(usesScale=False, usesBias=False), nn.LayerNorm(7, elementwise_affine=False), rows, {},
            transposes=False),
        "rms": case(
            {"kind": "rmsNormalization", "epsilon": 1e-4}, nn.RMSNorm(7, eps=1e-4), rows, {"scale": "weight"},
            transposes=False),
        "group, images": case(group(3), nn.GroupNorm(3, 6), images, AFFINE),
        "group, one": case(group(1), nn.GroupNorm(1, 6), images, AFFINE),
        "group, table": case(group(2, isAffine=False), nn.GroupNorm(2, 6, affine=False), random(45, 4, 6), {}),
        "instance, images": case(instance(isAffine=True), nn.InstanceNorm2d(6, affine=True), images, AFFINE),
        "instance, volumes": case(instance(), nn.InstanceNorm3d(3), volumes, {}),
        "prelu": case({"kind": "prelu"}, nn.PReLU(6), images, {"slope": "weight"}),
        "prelu, shared": case({"kind": "prelu", "isShared": True}, nn.PReLU(), images, {"slope": "weight"}),
        "leaky relu": case({"kind": "leakyReLU", "slope": 0.2}, nn.LeakyReLU(0.2), images, {}),
    }


def activations():
    """Over ordinary and large numbers, with the slope at each."""
    f = nn.functional
    functions = {
        "gelu": f.gelu, "geluTanh": lambda x: f.gelu(x, approximate="tanh"), "silu": f.silu, "elu": f.elu,
        "selu": f.selu, "leakyReLU": f.leaky_relu, "hardSigmoid": lambda x: torch.clamp(x / 6 + 0.5, 0, 1),
        "hardTanh": f.hardtanh,
        "hardSwish": f.hardswish, "softsign": f.softsign, "mish": f.mish,
    }
    x = torch.cat([torch.linspace(-7.3, 7.1, 37), torch.tensor([-90.0, -30.0, -1e-3, -1e-6, 1e-6, 1e-3, 30.0, 90.0])])
    cases = {}
    for name, function in functions.items():
        point = x.clone().requires_grad_()
        output = function(point)
        output.sum().backward()
        cases[name] = {"input": array(x), "output": array(output), "slope": array(point.grad)}
    return cases


if __name__ == "__main__":
    write("normalization", {"cases": normalization(), "activations": activations()})
