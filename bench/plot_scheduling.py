#!/usr/bin/env python3
"""Measures what a scheduling decision costs by nodes and kind of constraint, and draws it.

usage: plot_scheduling.py TROUPE OUTPUT.svg [NODES...]

Runs `troupe bench schedule --in-process` for each kind of workload over each number of nodes, prints the figures, and writes
a plot with logarithmic axes: microseconds a pod against nodes, the least of three runs each.
"""
import json
import math
import subprocess
import sys

KINDS = {
    "SchedulingBasic": "no constraint", "SchedulingNodeAffinity": "node affinity", "SchedulingPodAffinity": "pod affinity",
    "SchedulingPodAntiAffinity": "pod anti-affinity", "SchedulingPreferredPodAffinity": "preferred pod affinity",
    "TopologySpreading": "topology spread", "PreferredTopologySpreading": "preferred spread", "PreemptionBasic": "preemption",
    "SchedulingDaemonset": "daemon"}
COLOURS = ["#4477aa", "#66ccee", "#228833", "#aa3377", "#ee6677", "#ccbb44", "#999933", "#332288", "#888888"]
RUNS = 3  # the one that was disturbed least counts
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 900, 480, 70, 30, 210, 50


def measure(troupe, kind, nodes):
    """Microseconds a pod."""
    before = {"PreemptionBasic": 4 * nodes, "SchedulingDaemonset": 0}.get(kind, nodes)
    measured = min(nodes, 200) if kind == "PreemptionBasic" else min(max(nodes // 2, 100), 1000)
    if kind == "SchedulingPodAntiAffinity":
        before, measured = nodes // 5, min(nodes // 2, 1000)  # one a node
    name = f"{kind}/{nodes}x{before}x{measured}"

    def run():
        done = subprocess.run([troupe, "bench", "schedule", "--in-process", "-o", "json", "--workload", name],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)[f"{name} a pod"]["value"]
    return min(run() for _ in range(RUNS))


def place(value, low, high, start, end):
    """Where a value is on a logarithmic axis."""
    return start + (math.log10(value) - low) / (high - low) * (end - start)


def plot(nodes, figures):
    values = [v for row in figures.values() for v in row if v > 0]
    low_x, high_x = math.log10(nodes[0]), math.log10(nodes[-1])
    low_y, high_y = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="18" font-size="15">Cost of a scheduling decision, in batches of 256 pods</text>']
    for power in range(low_y, high_y + 1):
        y = place(10 ** power, low_y, high_y, bottom, TOP)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0 ** power:g} us</text>')
    for n in nodes:
        x = place(n, low_x, high_x, LEFT, right)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#eeeeee"/>')
        out.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{n}</text>')
    out.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 10}" text-anchor="middle">nodes</text>')
    for i, (kind, row) in enumerate(figures.items()):
        points = " ".join(f"{place(n, low_x, high_x, LEFT, right):.1f},{place(v, low_y, high_y, bottom, TOP):.1f}"
                          for n, v in zip(nodes, row) if v > 0)
        out.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[i]}" stroke-width="2"/>')
        y = TOP + 16 + 20 * i
        out.append(f'<line x1="{right + 15}" y1="{y - 4}" x2="{right + 40}" y2="{y - 4}" stroke="{COLOURS[i]}" stroke-width="3"/>')
        out.append(f'<text x="{right + 46}" y="{y}">{KINDS[kind]}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    troupe, path = sys.argv[1:3]
    nodes = sorted(int(n) for n in sys.argv[3:]) or [100, 300, 1000, 3000, 10000]
    print("us a pod".ljust(34) + "".join(str(n).rjust(10) for n in nodes))
    figures = {}
    for kind in KINDS:
        figures[kind] = [measure(troupe, kind, n) for n in nodes]
        print(kind.ljust(34) + "".join(f"{v:10.2f}" for v in figures[kind]), flush=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(plot(nodes, figures))


if __name__ == "__main__":
    main()
