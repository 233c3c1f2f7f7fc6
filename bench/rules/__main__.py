"""`python -m bench.rules`: the comparison with its options."""

import argparse

import bench.rules
from bench.rules.compare import run

parser = argparse.ArgumentParser(description=bench.rules.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--orders", type=int, default=20_000, help="how many orders are made (20,000)")
parser.add_argument("--rounds", type=int, default=3, help="how often all of them go through (3)")
parser.add_argument("--peers", action="store_true", help="the other engines too, where they are installed")
asked = parser.parse_args()
run(asked.orders, asked.rounds, peers=asked.peers)
