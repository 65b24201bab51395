"""Orders and what became of them: one state for each order and unit, followed from acknowledgement to arrival. Pure.

What is known of a unit is the first time that each state was acknowledged. Its state follows from that alone, so
records that come twice, late or before their order change nothing in the end.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from data_feeds.incidents import PlacedIncident
from data_feeds.messages import unix_ms
from data_feeds.model import AckState, DispatchAck, DispatchOrder, enum_of

ACK_WITHIN_S = 30.0  # an order that no unit's side has acknowledged by then is shown as overdue
ORDERS_KEPT_S = 86_400.0
SHOWN_S = 1_800.0  # after its sending an order is shown for so long, and as long as its incident is open
MAX_ORDERS = 10_000
MAX_EARLY = 2_000  # orders of which only acknowledgements are known yet
MAX_EARLY_ACKS = 256  # of one such order


class OrderState(Enum):
    """The state of an order at one unit. Only WRITTEN and OVERDUE are the wall's own words: nobody has acknowledged."""

    WRITTEN = "written"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    ENROUTE = "enroute"
    ON_SCENE = "on_scene"
    REFUSED = "refused"
    FAILED = "failed"
    OVERDUE = "overdue"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of the unit."""
        return self in (OrderState.ON_SCENE, OrderState.REFUSED, OrderState.FAILED)


@dataclass(frozen=True, slots=True)
class UnitOrder:
    """One unit of an order: its state, since when (Unix ms), and the word for a refusal or failure."""

    unit_id: str
    state: OrderState
    since_ms: float
    reason: str = ""


Heard = tuple[float, str]  # (Unix ms, reason)
Acks = Mapping[AckState, Heard]
_ONWARD = (AckState.DELIVERED, AckState.ACCEPTED, AckState.ENROUTE, AckState.ON_SCENE)
_BROKEN = (AckState.REFUSED, AckState.FAILED)
_STATE_OF = {ack: OrderState[ack.name] for ack in AckState if ack}


def state_of(unit_id: str, acks: Acks, sent_ms: float, now_ms: float) -> UnitOrder:
    """What ``acks`` say at ``now_ms`` of a unit that was ordered at ``sent_ms``.

    The farthest state counts, for gateways and devices have different clocks. Arrival is final. A refusal or a failure
    counts until the unit goes on after it; mere delivery is no going on.
    """
    if not acks:
        due_ms = sent_ms + ACK_WITHIN_S * 1000.0
        late = now_ms >= due_ms
        return UnitOrder(unit_id, OrderState.OVERDUE if late else OrderState.WRITTEN, due_ms if late else sent_ms)
    best = next((state for state in reversed(_ONWARD) if state in acks), None)
    if best is not AckState.ON_SCENE:
        broken = max((state for state in _BROKEN if state in acks), key=lambda state: (acks[state][0], state),
                     default=None)  # fmt: skip
        if broken and (best in (None, AckState.DELIVERED) or acks[broken][0] >= acks[best][0]):
            best = broken
    assert best is not None
    return UnitOrder(unit_id, _STATE_OF[best], *acks[best])


class FollowedOrder:
    """An order with the acknowledgements heard so far."""

    __slots__ = ("acks", "order", "sent_ms")

    def __init__(self, order: DispatchOrder) -> None:
        self.order = order
        self.sent_ms = order.time.timestamp() * 1000.0
        self.acks: dict[str, dict[AckState, Heard]] = {unit_id: {} for unit_id in order.units}

    def units(self, now_ms: float) -> list[UnitOrder]:
        """Its units in the order's own order, at ``now_ms`` (Unix)."""
        return [state_of(unit_id, acks, self.sent_ms, now_ms) for unit_id, acks in self.acks.items()]

    def take(self, ack: DispatchAck, state: AckState) -> bool:
        """Whether ``ack`` told something new."""
        heard = self.acks.get(ack.unit_id)
        return heard is not None and _keep(heard, state, (ack.time.timestamp() * 1000.0, ack.reason))


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order at one moment. ``incident``: while it is open; ``callsigns`` of its units, in their order."""

    order: DispatchOrder
    sent_ms: float
    units: list[UnitOrder]
    callsigns: list[str]
    incident: PlacedIncident | None


class OrderBook:
    """Orders by id. Not locked: the Board does that. ``strays`` counts acknowledgements of units that were not ordered,
    ``conflicts`` records that give a known ``order_id`` another content."""

    def __init__(self) -> None:
        self._orders: OrderedDict[str, FollowedOrder] = OrderedDict()
        self._early: OrderedDict[str, list[tuple[DispatchAck, AckState]]] = OrderedDict()
        self._of_unit: dict[str, list[FollowedOrder]] = {}
        self.revision = 0
        self.strays = 0
        self.conflicts = 0

    def __len__(self) -> int:
        return len(self._orders)

    def apply_order(self, order: DispatchOrder) -> bool:
        """Take ``order`` unless its id is known; returns whether it was taken."""
        if (known := self._orders.get(order.order_id)) is not None:
            self.conflicts += known.order != order
            return False
        followed = self._orders[order.order_id] = FollowedOrder(order)
        for unit_id in followed.acks:
            self._of_unit.setdefault(unit_id, []).append(followed)
        for ack, state in self._early.pop(order.order_id, ()):
            self._take(followed, ack, state)
        if len(self._orders) > MAX_ORDERS:
            self.remove(next(iter(self._orders)))
        self.revision += 1
        return True

    def apply_ack(self, ack: DispatchAck) -> bool:
        """Take ``ack``; returns whether a state may be another now. What comes before its order waits for it."""
        state = enum_of(AckState, ack.state)
        if not state:
            return False
        followed = self._orders.get(ack.order_id)
        if followed is None:
            early = self._early.setdefault(ack.order_id, [])
            if len(early) < MAX_EARLY_ACKS:
                early.append((ack, state))
            if len(self._early) > MAX_EARLY:
                self._early.popitem(last=False)
            return False
        changed = self._take(followed, ack, state)
        self.revision += changed
        return changed

    def remove(self, order_id: str) -> None:
        """Forget the order altogether."""
        self._early.pop(order_id, None)
        gone = self._orders.pop(order_id, None)
        if gone is None:
            return
        self.revision += 1
        for unit_id in gone.acks:
            left = [one for one in self._of_unit[unit_id] if one is not gone]
            if left:
                self._of_unit[unit_id] = left
            else:
                del self._of_unit[unit_id]

    def expire(self, before_ms: float) -> None:
        """Forget orders that were sent before ``before_ms``."""
        for order_id in [k for k, one in self._orders.items() if one.sent_ms < before_ms]:
            self.remove(order_id)
        for order_id in [k for k, acks in self._early.items() if (unix_ms(acks[-1][0].time) or 0.0) < before_ms]:
            del self._early[order_id]

    def forget_ahead(self, after_ms: float) -> None:
        """Forget orders that were sent after ``after_ms``: of another run of a replay."""
        for order_id in [k for k, one in self._orders.items() if one.sent_ms > after_ms]:
            self.remove(order_id)

    def clear(self) -> None:
        """Forget everything. For a replay that starts again."""
        self._orders.clear()
        self._early.clear()
        self._of_unit.clear()
        self.revision += 1

    def get(self, order_id: str) -> FollowedOrder | None:
        return self._orders.get(order_id)

    def shown(self, now_ms: float, is_open: Callable[[str], bool]) -> list[FollowedOrder]:
        """The orders worth a look at ``now_ms``, the newest first; ``is_open`` tells it of an incident's id."""
        after_ms = now_ms - SHOWN_S * 1000.0
        shown = [one for one in self._orders.values() if one.sent_ms > after_ms or is_open(one.order.incident_id)]
        return sorted(shown, key=lambda one: (-one.sent_ms, one.order.order_id))

    def to(self, unit_id: str, incident_id: str, now_ms: float) -> FollowedOrder | None:
        """An order by which the unit is to come there; one that nobody acknowledged in time may be given again."""
        for one in self._of_unit.get(unit_id, ()):
            state = state_of(unit_id, one.acks[unit_id], one.sent_ms, now_ms).state
            if one.order.incident_id == incident_id and not state.is_over and state is not OrderState.OVERDUE:
                return one
        return None

    def running(self, unit_id: str, is_open: Callable[[str], bool]) -> FollowedOrder | None:
        """The newest order by which the unit is still to come to an open incident."""
        running = [one for one in self._of_unit.get(unit_id, ()) if is_open(one.order.incident_id)
                   and not state_of(unit_id, one.acks[unit_id], one.sent_ms, one.sent_ms).state.is_over]  # fmt: skip
        return max(running, key=lambda one: (one.sent_ms, one.order.order_id), default=None)

    def _take(self, followed: FollowedOrder, ack: DispatchAck, state: AckState) -> bool:
        if ack.unit_id not in followed.acks:
            self.strays += 1
            return False
        return followed.take(ack, state)


def _keep(heard: dict[AckState, Heard], state: AckState, told: Heard) -> bool:
    """Keep the earliest word; of two at the same time the same one whichever came first."""
    if state in heard and heard[state] <= told:
        return False
    heard[state] = told
    return True
