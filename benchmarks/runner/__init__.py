"""Runs the benchmarks. Standard library only.

Reading order: command_line (what can be asked), bench (what every part has at hand), figures (targets, verdicts, the
table), then the parts: workers, throughput, nexmark, nexmark_kills, peers, recovery, latency, costs; below them
contest (A B A B), job (one life of a job and its log), broker, children (processes and what they used).
"""
