#!/usr/bin/env python3
"""The same network and recipe as `chainrule train MNIST ... --stop-at-accuracy 0.98`, as a lean PyTorch script.

    mnist_torch.py FOLDER      (the four gzipped IDX files)

784-256-10, ReLU, Adam 0.001, batches of 128, until the test split is read at 98 % or 20 epochs are over; the weights
are saved. Prints one JSON object.
"""
import gzip, json, sys, tempfile, time

start = time.perf_counter()
import numpy as np, torch
from torch import nn


def read(name, offset):
    with gzip.open(f"{sys.argv[1]}/{name}", "rb") as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


images = lambda name: torch.from_numpy(read(name, 16).reshape(-1, 784).astype(np.float32) / 255)
labels = lambda name: torch.from_numpy(read(name, 8).astype(np.int64))
x, y = images("train-images-idx3-ubyte.gz"), labels("train-labels-idx1-ubyte.gz")
tx, ty = images("t10k-images-idx3-ubyte.gz"), labels("t10k-labels-idx1-ubyte.gz")
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
loss = nn.CrossEntropyLoss()
first = time.perf_counter() - start
for epoch in range(1, 21):
    order = torch.randperm(len(x))
    for rows in order.split(128):
        optimizer.zero_grad(set_to_none=True)
        loss(model(x[rows]), y[rows]).backward()
        optimizer.step()
    with torch.inference_mode():
        accuracy = (model(tx).argmax(1) == ty).float().mean().item()
    if accuracy >= 0.98:
        break
with tempfile.NamedTemporaryFile() as f:
    torch.save(model.state_dict(), f)
print(json.dumps(dict(
    epochs=epoch, test_accuracy=accuracy, seconds=time.perf_counter() - start, seconds_before_first_step=first)))
