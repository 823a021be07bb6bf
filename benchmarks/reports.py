"""CPU of sending a report to a receiver, beside its floor."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import processes

ROUNDS = 500


@dataclass(frozen=True, slots=True)
class Sending:
    """Microseconds of CPU of one delivery: the whole worker, with AWS answered at the socket and a real receiver.

    floor: an HMAC of the same body and `requests` posting it to the same receiver, with a session that is kept. ratio:
    to the floor; body: bytes sent.
    """

    delivery: float
    floor: float
    ratio: float
    body: int

    @property
    def per_second(self) -> float:
        """Deliveries a second that one core makes."""
        return 1e6 / self.delivery

    @property
    def floor_per_second(self) -> float:
        """The same of the floor."""
        return 1e6 / self.floor


def measure() -> Sending:
    """One worker that sends reports one after another."""
    answer, _ = processes.run("benchmarks.reports_child", {"rounds": ROUNDS})
    micros = answer["micros"]
    return Sending(micros["delivery"], micros["floor"], answer["ratio"], answer["body"])
