#!/usr/bin/env python3
"""Times chainrule-bench and the peers in turn, A B A B A B, and prints the tables of BENCHMARKS.md: 'make bench'.

    Benchmarks/compare.py --python PEERS/bin/python [--rounds 3] [--seconds 3] [--threads 2 1] [--mnist FOLDER]
        [--write BENCHMARKS.md]

PEERS is what Benchmarks/install-peers made. In each round every workload is run by us and then by each peer that has
it, each in a process of its own; a figure is the median of the rounds' medians. The rounds of a workload are minutes
apart, so that a disturbance of some minutes spoils one of them. Run it on an otherwise idle machine.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
OURS = "chainrule"
BEGIN, END = "<!-- begin: make bench -->", "<!-- end: make bench -->"
TRAIN_MNIST = """--hidden 256 --activation relu --optimizer adam --learning-rate 0.001 --batch-size 128 --epochs 20
    --seed 0 --stop-at-accuracy 0.98 --out mnist.safetensors""".split()


def lines_of(command):
    """The JSON objects that a command prints; none, with a message, where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{' '.join(map(str, command))}: {' '.join(done.stderr.strip().splitlines()[-1:])}", file=sys.stderr)
        return []
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.processor()


class Timings:
    """What the rounds gave: by workload and by who ran it, the objects that were printed, each with its round."""

    def __init__(self):
        self.runs = {}

    def add(self, workload, who, round, results):
        self.runs.setdefault(workload, {}).setdefault(who, []).extend({**run, "round": round} for run in results)

    def median(self, workload, who):
        times = [run["median_us"] for run in self.runs.get(workload, {}).get(who, [])]
        return statistics.median(times) if times else None

    def ratios(self, workload):
        """How many times our time the fastest peer took, in each round."""
        rounds = {}
        for who, runs in self.runs.get(workload, {}).items():
            for run in runs:
                rounds.setdefault(run["round"], {})[who] = run["median_us"]
        peers = [(times.pop(OURS, None), times) for times in rounds.values()]
        return [min(times.values()) / ours for ours, times in peers if ours and times]

    def peak(self, workload, who):
        return max((run["peak_bytes"] for run in self.runs.get(workload, {}).get(who, [])), default=None)

    def fastest_peer(self, workload):
        medians = [(self.median(workload, who), who) for who in self.runs.get(workload, {}) if who != OURS]
        return min(((time, who) for time, who in medians if time is not None), default=(None, None))

    def versions(self):
        return {who: run["version"] for peers in self.runs.values() for who, runs in peers.items() for run in runs}


def measure(options, peers):
    """What the rounds gave for each number of threads, and the machine's limits: the best of the rounds'."""
    timings = {threads: Timings() for threads in options.threads}
    limits = {threads: {} for threads in options.threads}
    for round in range(options.rounds):
        for threads in options.threads:
            for name, value in limits_of(options, threads).items():
                limits[threads][name] = max(value, limits[threads].get(name, 0))
        for workload in options.workloads:
            for threads in options.threads:
                common = ["--workload", workload, "--seconds", options.seconds, "--threads", threads]
                timings[threads].add(workload, OURS, round, lines_of([options.bench, "--json", *common]))
                for name in peers:
                    if workload in peers[name]:
                        command = [options.python, HERE / "peer.py", "--peer", name, *common]
                        timings[threads].add(workload, name, round, lines_of(command))
    return timings, limits


def limits_of(options, threads):
    found = lines_of([options.bench, "limits", "--json", "--threads", threads, "--seconds", options.seconds])
    line = next((line for line in found if "gflops" in line and line["threads"] == threads), {})
    return {name: line[name] for name in ("gflops", "copy_gbps", "triad_gbps") if name in line}


def number(value, digits=1, unit=""):
    return "–" if value is None else f"{value:,.{digits}f}{unit}"


def table(header, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in [header, *rows]]
    return "\n".join([lines[0], "| --- |" + " ---: |" * (len(header) - 1), *lines[1:]]) + "\n"


def summary(timings, workloads, limits):
    """Our median, the fastest peer's, the ratio and its range over the rounds, what we reach of the machine's limits,
    memory."""
    rows = []
    for workload in workloads:
        ours = timings.median(workload, OURS)
        theirs, name = timings.fastest_peer(workload)
        cost = timings.runs.get(workload, {}).get(OURS)
        shares = [None, None]
        if ours and cost and limits:
            bandwidth = max(limits["copy_gbps"], limits["triad_gbps"])
            shares = [100 * cost[0]["operations"] / ours / 1e3 / limits["gflops"],
                      100 * cost[0]["bytes"] / ours / 1e3 / bandwidth]
        ratios = timings.ratios(workload)
        peaks = [timings.peak(workload, who) for who in (OURS, "torch")]
        rows.append([
            f"`{workload}`", number(ours), number(theirs), name or "–",
            number(theirs / ours if theirs and ours else None, 2),
            f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else "–", *(number(share, 0, " %") for share in shares),
            *(number(peak / 1e6 if peak else None, 0, " MB") for peak in peaks)])
    return table(
        ["workload", "Chainrule, µs", "fastest peer, µs", "which", "ratio", "in rounds", "of arithmetic",
         "of bandwidth", "peak memory", "PyTorch's"], rows)


def all_medians(timings, workloads, peers):
    names = [OURS, *peers]
    return table(
        ["microseconds a step", *("Chainrule" if name == OURS else name for name in names)],
        [[f"`{workload}`", *(number(timings.median(workload, name)) for name in names)] for workload in workloads])


def slower_with_more(timings, workloads):
    """A sentence on what more threads make slower."""
    few, many = min(timings), max(timings)
    slower = [
        f"`{workload}`" for workload in workloads
        if (timings[many].median(workload, OURS) or 0) > (timings[few].median(workload, OURS) or float("inf"))]
    return f"Slower with {many} threads than with {few}: {', '.join(slower) or 'none'}.\n"


def whole_process(command, folder):
    """Seconds from start to end and the most memory of a command, which runs in a folder; and what it printed last."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], cwd=folder, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        print(f"{command[0]}: failed", file=sys.stderr)
        return None
    objects = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return dict(seconds=time.perf_counter() - start, peak=usage.ru_maxrss * 1024, said=objects)


def mnist(options):
    """MNIST to 98 %, from the start of the process to its end."""
    data = Path(options.mnist).resolve()
    commands = {
        "Chainrule": [Path(options.chainrule).resolve(), "train", data, *TRAIN_MNIST, "--json"],
        "PyTorch": [Path(options.python).absolute(), HERE / "mnist_torch.py", data],
    }
    runs = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            with tempfile.TemporaryDirectory() as folder:
                done = whole_process(command, folder)
            if done:
                runs[name].append(done)
    if not all(runs.values()):
        return ""
    medians = {name: statistics.median(run["seconds"] for run in done) for name, done in runs.items()}
    rows = [[
        name, number(medians[name], 2), ", ".join(f"{run['seconds']:.2f}" for run in done),
        str(max(int(line.get("epoch", line.get("epochs", 0))) for line in done[0]["said"])),
        f"{max(run['peak'] for run in done) / 1e6:.0f} MB"] for name, done in runs.items()]
    ratio = medians["PyTorch"] / medians["Chainrule"]
    return (f"MNIST to 98 %, the whole process: PyTorch takes {ratio:.2f} times as long.\n\n"
            + table(["", "seconds", "runs", "epochs", "peak memory"], rows))


def report(options, peers):
    timings, all_limits = measure(options, peers)
    parts = []
    for threads, limits in all_limits.items():
        rates = f"; limits: {limits['gflops']:.0f} Gflop/s in the largest products, " \
            f"{limits['copy_gbps']:.0f} GB/s copying, " \
            f"{limits['triad_gbps']:.0f} GB/s in `a = b + s c`" if limits else ""
        parts += [f"### {threads} thread{'s' if threads > 1 else ''}\n",
                  f"Median of {options.rounds} rounds of {options.seconds:g} s{rates}.\n",
                  summary(timings[threads], options.workloads, limits),
                  all_medians(timings[threads], options.workloads, peers)]
    if len(timings) > 1:
        parts.append(slower_with_more(timings, options.workloads))
    if options.mnist and Path(options.mnist).is_dir():
        parts.append(mnist(options))
    elif options.mnist:
        parts.append(f"MNIST to 98 % was not run: there is no folder {options.mnist}.\n")
    versions = {who: version for of_threads in timings.values() for who, version in of_threads.versions().items()}
    head = f"{date.today()}, {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}. " \
        f"Versions: {', '.join(f'{who} {version}' for who, version in versions.items())}."
    return "\n".join([textwrap.fill(head, 120, break_on_hyphens=False) + "\n", *filter(None, parts)])


def write_section(file, text):
    """Puts a text between the marks of a file."""
    whole = Path(file).read_text()
    if whole.count(BEGIN) != 1 or whole.count(END) != 1:
        sys.exit(f"{file}: one line '{BEGIN}' and one line '{END}' are needed")
    before, rest = whole.split(BEGIN)
    Path(file).write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.split(END)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="the Python that has the peers")
    parser.add_argument("--bench", default=".build/release/chainrule-bench")
    parser.add_argument("--chainrule", default=".build/release/chainrule")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({os.cpu_count(), 1}, reverse=True),
                        help="a table for each of them")
    parser.add_argument("--workloads", nargs="+", help="these only")
    parser.add_argument("--only", nargs="+", help="these peers only")
    parser.add_argument("--mnist", help="the folder of MNIST, for the time of a whole process")
    parser.add_argument("--write", metavar="FILE",
                        help=f"also write the tables between '{BEGIN}' and '{END}' of a file")
    options = parser.parse_args()
    found = lines_of([options.python, HERE / "peer.py", "--list"])
    if not found:
        sys.exit("the peers cannot be listed: see Benchmarks/install-peers")
    peers = {name: workloads for name, workloads in found[0].items() if not options.only or name in options.only}
    if not options.workloads:
        options.workloads = subprocess.run(
            [options.bench, "list"], capture_output=True, text=True, check=True).stdout.split()
    text = report(options, peers)
    print(text)
    if options.write:
        write_section(options.write, text)


main()
