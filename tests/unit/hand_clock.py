"""A clock for tests."""


class HandClock:
    """Only the test moves it: ``ms`` is the wall's time (Unix ms), ``s`` is for durations; ``wait`` moves both."""

    speed, replaying = 1.0, False

    def __init__(self, ms: float = 0.0, s: float = 0.0) -> None:
        self.ms, self.s = ms, s

    def now_ms(self) -> float:
        return self.ms

    def monotonic_s(self) -> float:
        return self.s

    def wait(self, seconds: float) -> None:
        self.ms += seconds * 1000.0
        self.s += seconds
