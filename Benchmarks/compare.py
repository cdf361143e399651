#!/usr/bin/env python3
"""Times chainrule-bench and peer frameworks in turn, A B A B, and prints one table in Markdown.

    Benchmarks/compare.py --python DIRECTORY/bin/python --peers ../shared/benchmarks/peers.py [--rounds 3] [--seconds 3]

DIRECTORY is an environment in which the peers are installed (setup.sh beside peers.py makes one). Each round runs ours and
then every peer of a workload, each in a process of its own; a figure is the median of the rounds' medians. Run it on an
otherwise idle machine.
"""
import argparse, json, os, platform, statistics, subprocess, sys
from datetime import date

OURS = [
    "tiny", "mlp", "mlp-adam", "wide", "lenet", "resnet20", "gpt", "lstm", "predict-mlp-1", "predict-lenet-1",
    "predict-lenet-64",
]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def processor():
    with open("/proc/cpuinfo") as f:
        return next((l.split(":", 1)[1].strip() for l in f if l.startswith("model name")), platform.processor())


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--python", required=True, help="the Python that has the peers")
    a.add_argument("--peers", default="../shared/benchmarks/peers.py")
    a.add_argument("--bench", default=".build/release/chainrule-bench")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--seconds", type=float, default=3)
    a.add_argument("--threads", type=int, default=os.cpu_count())
    a.add_argument("--workloads", nargs="*", default=OURS)
    a.add_argument("--only", nargs="*", help="these peers only")
    o = a.parse_args()
    peers = json.loads(subprocess.run([o.python, o.peers, "--list"], capture_output=True, text=True, check=True).stdout)
    if o.only:
        peers = {k: v for k, v in peers.items() if k in o.only}
    common = ["--seconds", str(o.seconds), "--threads", str(o.threads)]
    versions = {}
    print(f"{date.today()}, {processor()}, {os.cpu_count()} cores, {o.threads} threads, "
          f"median of {o.rounds} rounds of {o.seconds:g} s, microseconds a step\n")
    names = list(peers)
    print("| workload | Chainrule | " + " | ".join(names) + " | fastest peer / ours | our peak memory |")
    print("| --- |" + " ---: |" * (len(names) + 3))
    for workload in o.workloads:
        times = {name: [] for name in ["chainrule"] + names}
        peak = 0
        for _ in range(o.rounds):
            ours = run([o.bench, "--workload", workload, "--json"] + common)
            if ours:
                times["chainrule"].append(ours["median_us"])
                peak = max(peak, ours["peak_bytes"])
                versions["Chainrule"] = ours["version"]
            for name in names:
                if workload in peers[name]:
                    theirs = run([o.python, o.peers, "--peer", name, "--workload", workload] + common)
                    if theirs:
                        times[name].append(theirs["median_us"])
                        versions[name] = theirs["version"]
        median = {k: statistics.median(v) for k, v in times.items() if v}
        best = min((v for k, v in median.items() if k != "chainrule"), default=None)
        ratio = f"{best / median['chainrule']:.2f}" if best and "chainrule" in median else "–"
        cell = lambda name: f"{median[name]:,.1f}" if name in median else "–"
        print(f"| `{workload}` | {cell('chainrule')} | " + " | ".join(map(cell, names)) + f" | {ratio} | {peak / 1e6:.0f} MB |",
              flush=True)
    print("\nVersions: " + ", ".join(f"{k} {v}" for k, v in versions.items()) + ".")


main()
