"""The way of a cloud from its arrival to the thread that judges it; knows no ROS library.

It reads from the top in `pipeline`: callbacks hand messages to the `synchroniser` (its memory: `images`; what it learns
from clouds that found none: `misses`), pairs go to the `worker`, the `ledger` adds up, `hints` say what cures a drop.
"""
