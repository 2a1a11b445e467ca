#!/usr/bin/python3
"""Draws what each stage costs, from what `pcapmill bench --json` says.

usage: bench/plot_stages.py FILE.json OUT.svg

A bar per number of threads: the nanoseconds that a packet costs of all threads together, medians of the rounds,
the dearest stage at the bottom. Stages of single tables are taken together; those of under 1 ns are "other".
"""
import json
import statistics
import subprocess
import sys

# Okabe and Ito's colours, which colour-blind people can tell apart.
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999"]


def costs(run, packets):
    """STAGE -> ns per packet."""
    found = {}
    for series in run["series"]:
        if series["stage"] in ("reading", "writing", "merged"):
            continue
        small = series["stage"] == "update" and series["table"] != "flows"
        name = "other tables" if small else "flows" if series["stage"] == "update" else series["stage"]
        found[name] = found.get(name, 0) + statistics.median(series["ns"]) / packets
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        told = json.load(file)
    runs = [costs(run, told["packets"]) for run in told["runs"]]
    stages = sorted((s for s in runs[0] if runs[0][s] >= 1), key=lambda s: -runs[0][s])[:len(COLOURS) - 1]
    rows = [[run["threads"]] + [c.get(s, 0) for s in stages] + [sum(c.values()) - sum(c.get(s, 0) for s in stages)]
            for run, c in zip(told["runs"], runs)]
    names = stages + ["other"]
    data = "\n".join(" ".join(f"{cell:.2f}" for cell in row) for row in rows)
    plots = ", ".join(f"$data using {i + 2}:xtic(sprintf('%d', $1)) title '{name}' linecolor rgb '{COLOURS[i]}'"
                      for i, name in enumerate(names))
    script = f"""
set terminal svg size 720,420 background 'white' font 'sans,13'
set output '{sys.argv[2]}'
$data << END
{data}
END
set style data histogram
set style histogram rowstacked
set style fill solid 0.9 border -1
set boxwidth 0.6
set key outside right reverse Left invert
set xlabel 'threads'
set ylabel 'ns per packet, of all threads'
set yrange [0:*]
set grid ytics
plot {plots}
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


if __name__ == "__main__":
    main()
