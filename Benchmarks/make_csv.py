"""Writes a large CSV file, to measure how quickly it is read: numbers of every kind, categories, quoted texts.

    python3 Benchmarks/make_csv.py large.csv 1000       # a gigabyte
    chainrule-bench read large.csv
"""
import random
import sys

COLOURS = ["red", "green", "blue", "black", "white"]


def row(draw):
    x = [draw.gauss(0, 1) for _ in range(6)]
    label = "yes" if x[0] + x[1] * x[2] > 0 else "no"
    return (
        f"{x[0]:.6f},{x[1]:.4f},{x[2]!r},{x[3] * 1000:.2f},{x[4]:.3e},{x[5]:.6f},{draw.randrange(100)},"
        f'{draw.randrange(10 ** 6)},{draw.randrange(2)},{draw.choice(COLOURS)},"{draw.choice(COLOURS)}, '
        f'{draw.choice(COLOURS)}",{label}\n'
    )


def main():
    path, size = sys.argv[1], int(sys.argv[2]) * 1_000_000
    draw = random.Random(0)
    # A part that is repeated: how long it takes to read does not depend on that.
    part = "".join(row(draw) for _ in range(100_000)).encode()
    with open(path, "wb") as file:
        file.write(b"a,b,c,d,e,f,age,amount,flag,colour,pair,label\n")
        while file.tell() + len(part) <= size:
            file.write(part)


main()
