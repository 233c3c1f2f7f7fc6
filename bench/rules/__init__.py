"""Rules per order against hand-written Python and other rule engines, side by side in one run.

    ./dev bench rules              ours against tuned and plain hand-written Python
    ./dev bench rules --peers      and the other engines, in an environment of its own
    python -m bench.rules [--orders 2000] [--rounds 31] [--peers]

The workload (`workload`) is that of a web shop: 20,000 orders, seed 7, 20 rules (`ours`). The hand-written functions
(`by_hand`) do what the rules mean and no less, and so do the others as far as they can (`peers`): all give the same
records, which is checked before anything is timed. What is compared ran in the same moment, chunk by chunk (`compare`).
"""

from bench.rules.compare import run

__all__ = ["run"]
