#!/usr/bin/env python3
"""Makes convolution.json: convolutions, pooling and upsampling as PyTorch computes them, with all gradients.

    venv/bin/python Tests/Fixtures/generate_convolution.py

PyTorch has channels before the spatial axes and outputs before inputs; the file has everything as our layers have it.
"""
import math

import torch
from torch import nn

import generate
from generate import write


def random(seed, *shape, scale=1.0):
    """Multiples of 1/32, which are short to write."""
    return (generate.random(seed, *shape, scale=scale) * 32).round() / 32


def array(tensor):
    """12 digits, which are enough for what is compared."""
    plain = generate.array(tensor)
    return {"shape": plain["shape"], "scalars": [float(f"{x:.12g}") for x in plain["scalars"]]}


def channels_last(tensor):
    return tensor.movedim(1, -1)


def case(seed, layer, shape, function, weight=None, bias=None):
    """`shape` is [batch, channels, spatial...]; the weight is [outputs, inputs, kernel...] as PyTorch has it."""
    x = random(seed, *shape).requires_grad_()
    named = {}
    if weight is not None:
        named["weight"] = random(seed + 1, *weight, scale=0.5).requires_grad_()
    if bias is not None:
        named["bias"] = random(seed + 2, bias).requires_grad_()
    output = function(x, **named)
    cotangent = random(seed + 3, *output.shape)
    output.backward(cotangent)
    last = lambda t: channels_last(t) if t.dim() > 2 else t
    # [outputs, inputs, kernel...] becomes [kernel..., inputs, outputs].
    ours = lambda name, t: t if name == "bias" else t.movedim((0, 1), (-1, -2))
    return {
        "layer": layer, "input": array(channels_last(x)), "output": array(last(output)),
        "cotangent": array(last(cotangent)), "inputGradient": array(channels_last(x.grad)),
        "parameters": {name: array(ours(name, p)) for name, p in named.items()},
        "gradients": {name: array(ours(name, p.grad)) for name, p in named.items()},
    }


def same(x, kernel, stride, dilation, value=0.0):
    """Pads as TensorFlow does: the odd one goes after the input."""
    sides = []
    for extent, k, s, d in reversed(list(zip(x.shape[2:], kernel, stride, dilation))):
        total = max((math.ceil(extent / s) - 1) * s + (k - 1) * d + 1 - extent, 0)
        sides += [total // 2, total - total // 2]
    return nn.functional.pad(x, sides, value=value)


def convolution(
        seed, shape, filters, kernel, stride=1, padding=0, dilation=1, groups=1, activation=None, use_bias=True):
    rank = len(kernel)
    function = [nn.functional.conv1d, nn.functional.conv2d, nn.functional.conv3d][rank - 1]
    layer = {"kind": "convolution", "filters": filters, "kernel": kernel}
    each = lambda n: n if isinstance(n, list) else [n] * rank

    def forward(x, weight, bias=None):
        sides = padding
        if padding == "same":
            x, sides = same(x, kernel, each(stride), each(dilation)), 0
        y = function(x, weight, bias, stride=stride, padding=sides, dilation=dilation, groups=groups)
        return torch.relu(y) if activation else y

    for key, value, usual in [
        ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1), ("groups", groups, 1),
        ("activation", activation, None), ("usesBias", use_bias, True),
    ]:
        if value != usual:
            layer[key] = value
    return case(
        seed, layer, shape, forward, [filters, shape[1] // groups] + kernel, filters if use_bias else None)


def transposed(seed, shape, filters, kernel, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    rank = len(kernel)
    functions = [nn.functional.conv_transpose1d, nn.functional.conv_transpose2d, nn.functional.conv_transpose3d]
    function = functions[rank - 1]
    layer = {
        "kind": "transposedConvolution", "filters": filters, "kernel": kernel, "stride": stride, "padding": padding,
        "outputPadding": output_padding, "dilation": dilation, "groups": groups}
    return case(
        seed, layer, shape, lambda x, weight, bias: function(
            x, weight, bias, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
            dilation=dilation),
        [shape[1], filters // groups] + kernel, filters)


def pool(seed, kind, shape, size, stride=None, padding=0, dilation=1, **settings):
    rank = len(size)
    layer = {"kind": kind, "size": size, **settings}
    if stride:
        layer["stride"] = stride
    if padding:
        layer["padding"] = padding
    if dilation != 1:
        layer["dilation"] = dilation
    average = [nn.functional.avg_pool1d, nn.functional.avg_pool2d, nn.functional.avg_pool3d][rank - 1]
    maximum = [nn.functional.max_pool1d, nn.functional.max_pool2d, nn.functional.max_pool3d][rank - 1]
    convolve = [nn.functional.conv1d, nn.functional.conv2d, nn.functional.conv3d]
    counts = settings.get("countsPadding", False)

    def forward(x):
        steps = stride or size
        if kind == "maxPooling":
            if padding == "same":
                return maximum(same(x, size, steps, [1] * rank, -math.inf), size, steps)
            return maximum(x, size, steps, padding, dilation)
        if dilation != 1:
            # PyTorch's means have no dilation; a convolution of each channel with equal weights has.
            equal = torch.full([shape[1], 1] + size, 1 / math.prod(size), dtype=x.dtype)
            return convolve[rank - 1](x, equal, None, steps, padding, dilation, shape[1])
        if padding == "same":
            ones = same(torch.ones_like(x), size, steps, [1] * rank)
            return average(same(x, size, steps, [1] * rank), size, steps) / average(ones, size, steps)
        return average(x, size, steps, padding, count_include_pad=counts)

    return case(seed, layer, shape, forward)


def main():
    f = nn.functional
    cases = {
        "1-D": convolution(100, [2, 3, 9], 4, [3]),
        "1-D, all settings": convolution(110, [2, 4, 11], 6, [3], 2, 3, 2, 2, "relu"),
        "2-D": convolution(120, [3, 2, 7, 5], 3, [3, 2]),
        "2-D, one channel": convolution(130, [2, 1, 9, 9], 6, [5, 5], 1, 2, activation="relu"),
        "2-D, same": convolution(140, [2, 3, 7, 6], 5, [3, 4], [2, 3], "same"),
        "2-D, dilated, same": convolution(150, [1, 2, 8, 7], 3, [3, 3], 1, "same", 2),
        "2-D, all settings": convolution(160, [2, 4, 9, 11], 6, [3, 5], [2, 3], [1, 2], [2, 1], 2, "relu"),
        "2-D, depthwise": convolution(170, [2, 5, 6, 7], 5, [3, 3], 1, 1, 1, 5),
        "2-D, depthwise, multiplied": convolution(180, [2, 3, 6, 7], 6, [3, 3], 2, 0, 1, 3),
        "2-D, 17 to 19 channels, no bias": convolution(190, [1, 17, 4, 3], 18, [2, 2], 1, 1, use_bias=False),
        "2-D, points": convolution(200, [2, 7, 3, 5], 4, [1, 1]),
        "3-D": convolution(210, [2, 2, 4, 5, 3], 3, [2, 3, 2], 1, [1, 0, 1]),
        "3-D, all settings": convolution(
            220, [1, 4, 5, 7, 6], 4, [2, 3, 2], [2, 1, 2], [0, 2, 1], [1, 2, 1], 2, "relu"),
        "transposed 1-D": transposed(300, [2, 3, 5], 4, [4], 2, 1),
        "transposed 2-D": transposed(310, [2, 3, 4, 5], 2, [3, 3]),
        "transposed 2-D, all settings": transposed(320, [1, 4, 5, 3], 6, [3, 4], [2, 3], [1, 2], [1, 0], [1, 2], 2),
        "transposed 3-D": transposed(330, [1, 2, 3, 2, 4], 3, [2, 3, 2], 2, [0, 1, 0], 1),
        "max 1-D": pool(400, "maxPooling", [2, 3, 9], [2]),
        "max 2-D": pool(410, "maxPooling", [2, 6, 8, 6], [2, 2]),
        "max 2-D, padded": pool(420, "maxPooling", [1, 17, 5, 7], [3, 3], [2, 1], [1, 1]),
        "max 2-D, same": pool(430, "maxPooling", [1, 3, 7, 9], [3, 2], [2, 2], "same"),
        "max 2-D, dilated": pool(435, "maxPooling", [2, 3, 8, 9], [3, 2], [1, 2], [1, 1], [2, 3]),
        "max 3-D": pool(440, "maxPooling", [1, 2, 5, 6, 4], [2, 3, 2], [2, 1, 2]),
        "average 1-D": pool(500, "averagePooling", [2, 3, 9], [3], [2]),
        "average 2-D": pool(510, "averagePooling", [2, 6, 8, 6], [2, 2]),
        "average 2-D, padded": pool(520, "averagePooling", [1, 17, 5, 7], [3, 3], [2, 1], [1, 1]),
        "average 2-D, same": pool(530, "averagePooling", [1, 3, 7, 9], [3, 2], [2, 2], "same"),
        "average 2-D, padding counted": pool(
            540, "averagePooling", [2, 5, 7, 9], [3, 3], [2, 2], [1, 1], countsPadding=True),
        "average 2-D, dilated": pool(545, "averagePooling", [2, 3, 8, 9], [3, 2], [1, 2], 0, [2, 3]),
        "average 3-D": pool(550, "averagePooling", [1, 2, 5, 6, 4], [2, 3, 2], [2, 1, 2]),
        "global average 1-D": case(600, {"kind": "globalAveragePooling"}, [3, 4, 7], lambda x: x.mean(dim=2)),
        "global average 2-D": case(610, {"kind": "globalAveragePooling"}, [3, 4, 7, 5], lambda x: x.mean(dim=(2, 3))),
        "global max 2-D": case(620, {"kind": "globalMaxPooling"}, [3, 4, 7, 5], lambda x: x.amax(dim=(2, 3))),
        "adaptive average 1-D": case(
            700, {"kind": "adaptiveAveragePooling", "size": [3]}, [2, 3, 8], lambda x: f.adaptive_avg_pool1d(x, 3)),
        "adaptive average 2-D": case(
            710, {"kind": "adaptiveAveragePooling", "size": [3, 5]}, [2, 3, 7, 9],
            lambda x: f.adaptive_avg_pool2d(x, [3, 5])),
        "adaptive average 2-D, even": case(
            720, {"kind": "adaptiveAveragePooling", "size": [4, 2]}, [2, 3, 8, 6],
            lambda x: f.adaptive_avg_pool2d(x, [4, 2])),
        "adaptive max 2-D": case(
            730, {"kind": "adaptiveMaxPooling", "size": [3, 5]}, [2, 3, 7, 9],
            lambda x: f.adaptive_max_pool2d(x, [3, 5])),
        "adaptive max 3-D, even": case(
            740, {"kind": "adaptiveMaxPooling", "size": [2, 3, 1]}, [1, 2, 4, 3, 5],
            lambda x: f.adaptive_max_pool3d(x, [2, 3, 1])),
        "nearest 1-D": case(
            800, {"kind": "upsampling", "factor": [3]}, [2, 3, 5], lambda x: f.interpolate(x, scale_factor=3)),
        "nearest 2-D": case(
            810, {"kind": "upsampling", "factor": [2, 3]}, [2, 3, 5, 4],
            lambda x: f.interpolate(x, scale_factor=(2, 3))),
        "linear 1-D": case(
            820, {"kind": "upsampling", "factor": [3], "method": "linear"}, [2, 3, 5],
            lambda x: f.interpolate(x, scale_factor=3, mode="linear")),
        "linear 2-D": case(
            830, {"kind": "upsampling", "factor": [2, 3], "method": "linear"}, [2, 3, 5, 1],
            lambda x: f.interpolate(x, scale_factor=(2, 3), mode="bilinear")),
        "linear 3-D": case(
            840, {"kind": "upsampling", "factor": [2, 1, 2], "method": "linear"}, [1, 2, 3, 2, 2],
            lambda x: f.interpolate(x, scale_factor=(2, 1, 2), mode="trilinear")),
    }
    write("convolution", {"cases": cases})


if __name__ == "__main__":
    main()
