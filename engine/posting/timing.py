"""How long things may take, in one place, so that tests can shorten all of it. Seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The times of posting.

    `lease`: how long a poster owns a company without a sign of life. `begin`: how long after its commit a send may
    still begin to leave. `looks`: when something unknown is looked for, counted from that commit; only at the last is
    "not there" believed (QuickBooks' own request limit is 120 s). `backoff`: the pauses between attempts; when they
    are used up the operation is dead. `circuit_after` failures of the whole connection in a row make everything wait
    `circuit_pause`. `slice`: when a wake-up stops claiming more. `settled_by_hand_after`: an invoice that stands
    longer than this is read again before a payment for it is made. `invoice_look`: how soon the invoice that a payment
    names is looked for again; the longer it is missing, the more seldom. `switched_off_look`: how soon what is turned off
    in the company is looked at again.
    """

    lease: float = 90.0
    heartbeat: float = 30.0
    begin: float = 15.0
    looks: tuple[float, ...] = (5.0, 20.0, 60.0, 150.0)
    backoff: tuple[float, ...] = (60.0, 300.0, 1200.0, 3600.0, 10800.0, 21600.0, 43200.0)
    circuit_after: int = 3
    circuit_pause: float = 30.0
    throttle_pause: float = 60.0
    slice: float = 60.0
    settled_by_hand_after: float = 3600.0
    invoice_look: float = 3600.0
    switched_off_look: float = 900.0

    def shortened(self, factor: float) -> Timing:
        """The same with everything `factor` times as fast."""
        return Timing(
            lease=self.lease / factor,
            heartbeat=self.heartbeat / factor,
            begin=self.begin / factor,
            looks=tuple(look / factor for look in self.looks),
            backoff=tuple(pause / factor for pause in self.backoff),
            circuit_after=self.circuit_after,
            circuit_pause=self.circuit_pause / factor,
            throttle_pause=self.throttle_pause / factor,
            slice=self.slice,
            settled_by_hand_after=self.settled_by_hand_after / factor,
            invoice_look=self.invoice_look / factor,
            switched_off_look=self.switched_off_look / factor,
        )
