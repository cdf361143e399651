#!/usr/bin/env python3
"""Times one training step, or one prediction, of a workload in a peer framework, and prints one JSON object.

    peer.py --peer torch --workload mlp [--seconds 3] [--threads 2]
    peer.py --list

The fields are those of chainrule-bench: microseconds a step, the number of steps that were timed, the most memory that
the process took.
"""
import argparse
import importlib
import json
import os
import resource
import sys
import time

from peers import PREDICTIONS, TRAINING

# By name: the module, and the workloads that it has.
PEERS = {
    "torch": ("pytorch", TRAINING + PREDICTIONS),
    "torch-compile": ("pytorch_compiled", TRAINING),
    "jax": ("jax", TRAINING),
    "mlx": ("mlx", ["tiny", "mlp", "mlp-adam", "wide", "lenet"]),
    "sklearn": ("sklearn", ["mlp"]),
    "onnxruntime": ("onnxruntime", PREDICTIONS),
}


def measure(step, seconds):
    for _ in range(10):
        step()
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds and len(times) < 50_000:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    times.sort()
    return times


def limit_threads(count):
    """For libraries that read it from the environment."""
    for name in ("OMP", "MKL", "OPENBLAS"):
        os.environ[f"{name}_NUM_THREADS"] = str(count)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", choices=PEERS)
    parser.add_argument("--workload")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true", help="print the workloads of each peer")
    options = parser.parse_args()
    if options.list:
        return print(json.dumps({name: workloads for name, (_, workloads) in PEERS.items()}))
    module, workloads = PEERS.get(options.peer, ("", []))
    if options.workload not in workloads:
        sys.exit(f"peer.py: {options.peer} has no workload {options.workload}; see --list")
    limit_threads(options.threads)
    peer = importlib.import_module(f"peers.{module}")
    step, parameters = peer.build(options.workload, options.threads)
    times = measure(step, options.seconds)

    def at(quantile):
        return round(times[int(len(times) * quantile)] * 1e6, 2)
    print(json.dumps(dict(
        peer=options.peer, workload=options.workload, p10_us=at(0.1), median_us=at(0.5), p90_us=at(0.9),
        steps=len(times), parameters=parameters, threads=options.threads, version=peer.version,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)))


main()
