#!/usr/bin/env python3
"""Makes attention.json beside this script: layers for sequences, as PyTorch computes them in float64. See generate.py.

A case has a layer as our descriptions have it, its inputs and parameters, the cotangent of its output, and what
follows: the output and the gradients of all inputs and parameters.
"""
import torch
from torch import nn

from generate import array, random, write

CASES = {}


def case(name, layer, inputs, parameters, function):
    """`inputs` that are whole numbers, or truth values, have no gradient."""
    leaves = [x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs]
    weights = {path: p.clone().requires_grad_() for path, p in parameters.items()}
    output = function(*leaves, **{path.replace("/", "_"): p for path, p in weights.items()})
    cotangent = random(99, *output.shape)
    output.backward(cotangent)
    CASES[name] = {
        "layer": layer, "inputs": [array(x) for x in inputs],
        "isInteger": [not x.is_floating_point() for x in inputs],
        "parameters": {path: array(p) for path, p in weights.items()}, "cotangent": array(cotangent),
        "output": array(output),
        "inputGradients": [array(x.grad) for x in leaves if x.is_floating_point()],
        "parameterGradients": {path: array(p.grad) for path, p in weights.items()}}


def torch_attention(heads, causal=False):
    """nn.MultiheadAttention with our weights, which are the transposed ones of PyTorch."""
    def run(query, key, value, mask, inputs, bias, output, output_bias):
        allowed = None if mask is None else (mask == 0)
        order = torch.triu(torch.ones(query.shape[1], key.shape[1], dtype=torch.bool), diagonal=1) if causal else None
        result, _ = nn.functional.multi_head_attention_forward(
            query.transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1), query.shape[2], heads,
            None, bias, None, None, False, 0.0, output.T, output_bias, key_padding_mask=allowed, attn_mask=order,
            need_weights=False, use_separate_proj_weight=True, q_proj_weight=inputs[0].T, k_proj_weight=inputs[1].T,
            v_proj_weight=inputs[2].T)
        return result.transpose(0, 1)
    return run


def self_attention(heads, causal=False):
    attention = torch_attention(heads, causal)

    def run(x, mask=None, inputs_weight=None, inputs_bias=None, output_weight=None, output_bias=None):
        return attention(x, x, x, mask, inputs_weight.chunk(3, dim=1), inputs_bias, output_weight, output_bias)
    return run


def cross_attention(heads):
    attention = torch_attention(heads)

    def run(*inputs, **p):
        mask = inputs[-1] if not inputs[-1].is_floating_point() else None
        sequences = [x for x in inputs if x.is_floating_point()]
        bias = torch.cat([p[f"{n}_bias"] for n in ("query", "key", "value")]) if "query_bias" in p else None
        return attention(
            sequences[0], sequences[1], sequences[-1], mask, [p[f"{n}_weight"] for n in ("query", "key", "value")],
            bias,
            p["output_weight"], p.get("output_bias"))
    return run


def rotary_attention(heads):
    def rotate(x):
        half = x.shape[-1] // 2
        angles = torch.outer(torch.arange(x.shape[-2], dtype=torch.float64), 10000 ** (-torch.arange(half) / half))
        angles = torch.cat([angles, angles], dim=-1)
        return x * angles.cos() + torch.cat([-x[..., half:], x[..., :half]], dim=-1) * angles.sin()

    def run(x, inputs_weight, output_weight):
        q, k, v = (
            (x @ w).unflatten(-1, (heads, -1)).transpose(1, 2) for w in inputs_weight.chunk(3, dim=1))
        means = nn.functional.scaled_dot_product_attention(rotate(q), rotate(k), v, is_causal=True)
        return means.transpose(1, 2).flatten(2) @ output_weight
    return run


def attention():
    dense = lambda seed, inputs, outputs, name: {
        f"{name}/weight": random(seed, inputs, outputs), f"{name}/bias": random(seed + 1, outputs)}
    x = random(1, 2, 5, 6)
    own = {**dense(10, 6, 18, "inputs"), **dense(12, 6, 6, "output")}
    mask = torch.tensor([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1]], dtype=torch.int32)
    case("causal self-attention", {"kind": "multiHeadAttention", "heads": 3, "isCausal": True}, [x], own,
         self_attention(3, causal=True))
    case("self-attention with padding", {"kind": "multiHeadAttention", "heads": 2}, [x, mask], own, self_attention(2))
    case("a long sequence", {"kind": "multiHeadAttention", "heads": 1, "isCausal": True}, [random(2, 1, 67, 6)],
         {path: 0.4 * p for path, p in own.items()},
         self_attention(1, causal=True))
    case("cross-attention", {"kind": "multiHeadAttention", "heads": 2}, [random(3, 2, 3, 6), random(4, 2, 5, 4)],
         {**dense(20, 6, 6, "query"), **dense(22, 4, 6, "key"), **dense(24, 4, 6, "value"),
          **dense(26, 6, 6, "output")},
         cross_attention(2))
    case("cross-attention with padding, without biases", {"kind": "multiHeadAttention", "heads": 3, "usesBias": False},
         [random(5, 2, 4, 6), random(6, 2, 5, 3), random(7, 2, 5, 7), mask],
         {"query/weight": random(30, 6, 6), "key/weight": random(31, 3, 6), "value/weight": random(32, 7, 6),
          "output/weight": random(33, 6, 6)}, cross_attention(3))
    case("rotary self-attention",
         {"kind": "multiHeadAttention", "heads": 2, "isCausal": True, "isRotary": True, "usesBias": False},
         [random(8, 2, 5, 8)], {"inputs/weight": random(34, 8, 24), "output/weight": random(35, 8, 8)},
         rotary_attention(2))


def embeddings():
    tokens = torch.tensor([[3, 0, 3, 6, 1], [1, 1, 1, 5, 0]], dtype=torch.int32)
    table = {"weight": random(40, 7, 3)}
    case("embedding", {"kind": "embedding", "vocabulary": 7, "features": 3}, [tokens], table,
         lambda t, weight: nn.functional.embedding(t, weight))
    case("tied embedding",
         {"kind": "tiedEmbedding", "vocabulary": 7, "features": 3,
          "layers": [{"kind": "activation", "function": "tanh"}]},
         [tokens], table, lambda t, weight: torch.tanh(nn.functional.embedding(t, weight)) @ weight.T)
    case("learned positions", {"kind": "positionalEmbedding", "length": 8}, [random(41, 2, 5, 3)],
         {"weight": random(42, 8, 3)}, lambda x, weight: x + weight[:5])


def block(x, p, prefix, heads, attention):
    normalize = lambda x, n: nn.functional.layer_norm(
        x, x.shape[-1:], p[f"{prefix}layerNormalization{n}_scale"], p.get(f"{prefix}layerNormalization{n}_shift"))
    linear = lambda x, name: x @ p[f"{prefix}{name}_weight"] + p.get(f"{prefix}{name}_bias", 0)
    x = x + attention(normalize(x, 1), **{
        name.removeprefix(f"{prefix}multiHeadAttention1_"): value for name, value in p.items()
        if name.startswith(f"{prefix}multiHeadAttention1_")})
    return x + linear(nn.functional.gelu(linear(normalize(x, 2), "dense1")), "dense2")


def block_parameters(seed, features, prefix="", bias=True):
    shapes = {
        "layerNormalization1/scale": [features], "multiHeadAttention1/inputs/weight": [features, 3 * features],
        "multiHeadAttention1/output/weight": [features, features], "layerNormalization2/scale": [features],
        "dense1/weight": [features, 4 * features], "dense2/weight": [4 * features, features]}
    if bias:
        shapes |= {
            "layerNormalization1/shift": [features], "multiHeadAttention1/inputs/bias": [3 * features],
            "multiHeadAttention1/output/bias": [features], "layerNormalization2/shift": [features],
            "dense1/bias": [4 * features], "dense2/bias": [features]}
    return {prefix + name: random(seed + i, *shape) for i, (name, shape) in enumerate(shapes.items())}


def transformers():
    case("transformer block", {"kind": "transformerBlock", "heads": 3, "isCausal": True}, [random(50, 2, 5, 6)],
         block_parameters(51, 6), lambda x, **p: block(x, p, "", 3, self_attention(3, causal=True)))
    tokens = torch.tensor([[3, 0, 3, 6, 1], [1, 1, 1, 5, 0]], dtype=torch.int32)

    def gpt(t, **p):
        x = nn.functional.embedding(t, p["weight"]) + p["positionalEmbedding1_weight"][:t.shape[1]]
        for layer in ("transformerBlock1_", "transformerBlock2_"):
            x = block(x, p, layer, 2, self_attention(2, causal=True))
        return nn.functional.layer_norm(x, [4], p["layerNormalization1_scale"]) @ p["weight"].T

    part = {"kind": "transformerBlock", "heads": 2, "isCausal": True, "usesBias": False}
    case("a small GPT",
         {"kind": "tiedEmbedding", "vocabulary": 7, "features": 4, "layers": [
             {"kind": "positionalEmbedding", "length": 6}, part, part,
             {"kind": "layerNormalization", "usesBias": False}]},
         [tokens],
         {"weight": random(70, 7, 4), "positionalEmbedding1/weight": random(71, 6, 4),
          **block_parameters(72, 4, "transformerBlock1/", bias=False),
          **block_parameters(80, 4, "transformerBlock2/", bias=False), "layerNormalization1/scale": random(90, 4)}, gpt)


if __name__ == "__main__":
    attention()
    embeddings()
    transformers()
    write("attention", {"cases": CASES})
