"""Outlier synthesis: features that no known class has, made from those of known points.

A method takes its modalities as a list of [B,Ni] or [B,Ni,H,W], two or more, and gives outliers of their
concatenation; one with a memory is a module with `update(features, labels)` and `synthesise(n)`, on rows [P,C].
"""
