"""The commands, a module each: `NAME`, `HELP`, `add_arguments` and `run`, which gives an `Answer`.

A module imports nothing slow before it runs: `--help` and a wrong option answer at once.
"""
