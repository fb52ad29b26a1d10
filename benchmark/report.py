"""The measurements as text."""

from __future__ import annotations

from typing import Any


def text(result: dict[str, Any]) -> str:
    """Tables of all shapes, of the training step and of the graph, and the aims."""
    parts = [_shape(shape) for shape in result["outlier_synthesis"]]
    steps = [
        f"{s['preset']:28s}{s['ms']:10.1f}{s['ratio']:9.2f}  {_shares(s['operators'])}"
        for s in result["training_step"]["presets"]
    ]
    title = f"training step of {result['training_step']['of']}"
    parts.append("\n".join([title, f"{'preset':28s}{'ms':>10s}{'ratio':>9s}  where the time goes", *steps]))
    parts.append(_graph(result["graph"]))
    lines = [
        f"{'PASS  ' if aim['reached'] else 'missed'}  {aim['aim']}: {aim['found']:.4g}, wanted {aim['wanted']}"
        + ("" if aim["reached"] else f"; bound by {_shares(aim['bound'])}")
        for aim in result["aims"]
    ]
    lines = lines or ["judged at full size only"]
    return "\n\n".join([*parts, "\n".join(["aims", *lines]), _machine(result["machine"])])


def _shape(shape: dict[str, Any]) -> str:
    head = f"{'outliers':28s}{'ms':>10s}{'copies':>9s}{'peak':>7s}  where the time goes"
    rows = [
        f"{r['method']:28s}{r['ms']:10.3f}{r['copies']:9.2f}{r['peak_of_features']:6.1f}x  {_shares(r['operators'])}"
        for r in shape["methods"]
    ]
    ways = [f"{r['way']:28s}{r['ms']:10.3f}{r['heads']:9.2f}" for r in shape["logits"]]
    title = f"{shape['shape']}, {shape['features_mb']:.1f} MB (peak: of that)"
    return "\n".join([title, head, *rows, "", f"{'features to outlier logits':28s}{'ms':>10s}{'heads':>9s}", *ways])


def _graph(graph: dict[str, Any]) -> str:
    head = f"{'what it gives':44s}{'pool':>10s}{'CPU ms':>9s}{'ratio':>7s}"
    rows = [
        f"{r['graph']:44s}{'spinning' if r['spinning'] else 'waiting':>10s}{r['cpu_ms']:9.1f}{r['ratio']:7.2f}"
        for r in graph["rows"]
    ]
    return "\n".join([f"exported graph, CPU time of {graph['of']}", head, *rows])


def _shares(operators: dict[str, float]) -> str:
    return ", ".join(f"{name.removeprefix('aten::')} {share:.0%}" for name, share in operators.items())


def _machine(machine: dict[str, Any]) -> str:
    return (
        f"{machine['device']}, {machine['threads']} thread(s), torch {machine['torch']}, load {machine['load']:.1f}; "
        f"medians of {machine['rounds']} interleaved rounds"
    )
