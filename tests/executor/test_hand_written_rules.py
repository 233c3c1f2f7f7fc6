"""The bench's hand-written Python means what its rules mean: else its figures would compare two different things."""

from bench.rules.compare import check
from bench.rules.ours import program
from bench.rules.workload import TODAY, orders


def test_rules_and_hand_written_python_give_the_same_records() -> None:
    made = orders(120)
    assert check(program(), made) > 0


def test_every_twin_decides_the_bench_s_orders_as_the_walker_does() -> None:
    compiled = program()
    for record in orders(25):
        walked = compiled.walk(record, today=TODAY)
        assert compiled.run_generated(record, today=TODAY, trace="full") == walked
        masked = compiled.run_generated(record, today=TODAY, trace="mask")
        assert (masked.record, masked.fired) == (walked.record, walked.fired)
