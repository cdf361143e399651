"""PyTorch, as it stands and compiled."""
import torch
from torch import nn
from torch.nn import functional as F

from . import RESIDUAL_BLOCKS, WORKLOADS, Recurrent, Transformer

version = torch.__version__


def dense(sizes, activation):
    layers = []
    for width, units in zip(sizes, sizes[1:]):
        layers += [nn.Linear(width, units), nn.Tanh() if activation == "tanh" else nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), *dense((400, 120, 84, 10), "relu"))


def convolution(inputs, outputs, size, stride=1):
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs)]


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            *convolution(inputs, outputs, 3, stride), nn.ReLU(), *convolution(outputs, outputs, 3))
        changes = stride != 1 or inputs != outputs
        self.shortcut = nn.Sequential(*convolution(inputs, outputs, 1, stride)) if changes else nn.Identity()

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


def resnet20():
    layers, channels = [*convolution(3, 16, 3), nn.ReLU()], 16
    for outputs, stride in RESIDUAL_BLOCKS:
        layers.append(ResidualBlock(channels, outputs, stride))
        channels = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


class TransformerBlock(nn.Module):
    def __init__(self, form):
        super().__init__()
        self.heads, channels = form.heads, form.channels
        self.before_attention, self.before_dense = (nn.LayerNorm(channels, bias=False) for _ in range(2))
        self.queries_keys_values = nn.Linear(channels, 3 * channels, bias=False)
        self.mix = nn.Linear(channels, channels, bias=False)
        self.widen = nn.Linear(channels, 4 * channels, bias=False)
        self.narrow = nn.Linear(4 * channels, channels, bias=False)

    def forward(self, x):
        batch, length, channels = x.shape
        parts = self.queries_keys_values(self.before_attention(x)).chunk(3, dim=-1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(attended.transpose(1, 2).reshape(batch, length, channels))
        return x + self.narrow(F.gelu(self.widen(self.before_dense(x))))


class GPT(nn.Module):
    def __init__(self, form=Transformer()):
        super().__init__()
        self.tokens = nn.Embedding(form.vocabulary, form.channels)
        self.places = nn.Parameter(0.02 * torch.randn(form.length, form.channels))
        self.blocks = nn.Sequential(*(TransformerBlock(form) for _ in range(form.blocks)))
        self.norm = nn.LayerNorm(form.channels, bias=False)

    def forward(self, x):
        return F.linear(self.norm(self.blocks(self.tokens(x) + self.places)), self.tokens.weight)


class LSTM(nn.Module):
    def __init__(self, form=Recurrent()):
        super().__init__()
        self.tokens = nn.Embedding(form.vocabulary, form.features)
        self.recurrent = nn.LSTM(form.features, form.units, batch_first=True)
        self.head = nn.Linear(form.units, form.vocabulary)

    def forward(self, x):
        return self.head(self.recurrent(self.tokens(x))[0])


def network_and_batch(workload):
    """The network with a batch of inputs and of targets."""
    size = workload.batch
    if workload.network in ("gpt", "lstm"):
        form = Transformer() if workload.network == "gpt" else Recurrent()
        texts = torch.randint(0, form.vocabulary, (2, size, form.length))
        return (GPT() if workload.network == "gpt" else LSTM()), texts[0], texts[1]
    labels = torch.randint(0, 10, (size,))
    if workload.network == "lenet":
        return lenet(), torch.randn(size, 1, 28, 28), labels
    if workload.network == "resnet20":
        return resnet20(), torch.randn(size, 3, 32, 32), labels
    targets = torch.randn(size, workload.sizes[-1]) if workload.loss == "squared error" else labels
    return dense(workload.sizes, workload.activation), torch.randn(size, workload.sizes[0]), targets


def optimizer_of(parameters, kind, rate, momentum=0, decay=0):
    if kind == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=momentum, weight_decay=decay)
    rule = torch.optim.AdamW if kind == "adamw" else torch.optim.Adam
    return rule(parameters, lr=rate, fused=True)


def build(name, threads, is_compiled=False):
    """What takes one step of a workload, and the number of parameters."""
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    workload = WORKLOADS[name]
    network, x, y = network_and_batch(workload)
    count = sum(parameter.numel() for parameter in network.parameters())
    if not workload.optimizer:
        network.eval()

        @torch.inference_mode()
        def predict():
            network(x)
        return predict, count

    def objective(x, y):
        outputs = network(x)
        if workload.loss == "squared error":
            return F.mse_loss(outputs, y)
        return F.cross_entropy(outputs.flatten(0, -2), y.flatten())

    if is_compiled:
        objective = torch.compile(objective)
    optimizer = optimizer_of(network.parameters(), *workload.optimizer)

    def step():
        optimizer.zero_grad(set_to_none=True)
        objective(x, y).backward()
        optimizer.step()
    return step, count
