"""Orders from a wall, answered as units would: heard, taken or refused, driven to, reached or given up."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum

import numpy as np

from data_feeds.model import AckState, DispatchAck, DispatchOrder, Topic, UnitStatus, UnitType
from data_feeds.simulator.dispatching import Case, Dispatch, Stage
from data_feeds.simulator.force import Force
from data_feeds.simulator.outbox import Outbox
from data_feeds.simulator.records import moment

DELIVERY_S, DECISION_S, TURNOUT_S = (0.3, 1.5), (1.5, 5.0), (3.0, 9.0)
TOO_OLD_S = 120.0  # an order of another run
REMEMBERED = 10_000


class Step(Enum):
    """What an order waits for at one unit."""

    DELIVERY = "delivery"
    DECISION = "decision"
    TURNOUT = "turnout"
    ARRIVAL = "arrival"


@dataclass(slots=True)
class _Task:
    """One unit of one order. ``due_s``: the Unix second of its next step."""

    order: DispatchOrder
    unit: int
    due_s: float
    step: Step = Step.DELIVERY
    case: Case | None = None
    left: bool = False  # whether the wall knows that the unit is on its way
    over: bool = False


class Answers:
    """All orders under way. Units that are silent answer when they are heard again."""

    def __init__(self, force: Force, dispatch: Dispatch, outbox: Outbox, rng: np.random.Generator) -> None:
        self._force, self._dispatch, self._out, self._rng = force, dispatch, outbox, rng
        self._index = {unit_id: unit for unit, unit_id in enumerate(force.crew.ids)}
        self._flies = force.crew.is_type(UnitType.DRONE)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._tasks: list[_Task] = []

    def take(self, order: DispatchOrder, now_s: float) -> None:
        """An order came; the same one twice is answered once, units of another city are not answered for."""
        if order.order_id in self._seen or now_s - order.time.timestamp() > TOO_OLD_S:
            return
        self._seen[order.order_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        for unit_id in order.units:
            if (unit := self._index.get(unit_id)) is not None:
                self._tasks.append(_Task(order, unit, self._after(now_s, DELIVERY_S)))

    def step(self, now_s: float) -> None:
        """Every task whose next step is due takes it."""
        for task in self._tasks:
            if now_s >= task.due_s:
                self._advance(task, now_s)
        if any(task.over for task in self._tasks):
            self._tasks = [task for task in self._tasks if not task.over]

    def _advance(self, task: _Task, now_s: float) -> None:
        if task.step is Step.TURNOUT:
            task.step = Step.ARRIVAL
            task.due_s = now_s + self._dispatch.leave(task.unit, now_s)
            self._follow(task, now_s)
        elif task.step is Step.ARRIVAL:
            self._dispatch.walked(task.unit, now_s)
            task.due_s = now_s
            self._follow(task, now_s)
        elif self._force.silent[task.unit]:
            return
        elif not self._force.on_roster[task.unit]:
            self._end(task, AckState.FAILED, now_s, "off_duty")
        elif task.step is Step.DELIVERY:
            self._ack(task, AckState.DELIVERED, now_s)
            task.step, task.due_s = Step.DECISION, self._after(now_s, DECISION_S)
        else:
            self._decide(task, now_s)

    def _decide(self, task: _Task, now_s: float) -> None:
        case = self._dispatch.case(task.order.incident_id)
        if case is None or case.stage is Stage.LOCATING:
            self._end(task, AckState.REFUSED, now_s, "closed" if case is None else "no_place")
            return
        task.case = case
        if self._dispatch.case_of(task.unit) is case:  # on its way there already
            self._ack(task, AckState.ACCEPTED, now_s)
            task.step, task.due_s = Step.ARRIVAL, now_s
        elif why := self._why_not(task.unit):
            self._end(task, AckState.REFUSED, now_s, why)
        elif not self._dispatch.send(case, task.unit, now_s):
            self._end(task, AckState.REFUSED, now_s, "too_far")
        else:
            self._ack(task, AckState.ACCEPTED, now_s)
            task.step, task.due_s = Step.TURNOUT, self._after(now_s, TURNOUT_S)

    def _why_not(self, unit: int) -> str:
        if self._force.status[unit] == UnitStatus.OUT_OF_SERVICE:
            return "off_duty"
        if self._flies[unit]:
            return "incapable"
        return "busy" if self._force.is_busy(unit) or self._dispatch.case_of(unit) else ""

    def _follow(self, task: _Task, now_s: float) -> None:
        """Tell the wall what the unit has come to."""
        if self._force.silent[task.unit]:
            return
        status = self._force.status[task.unit]
        if self._dispatch.case_of(task.unit) is not task.case:
            self._end(task, AckState.FAILED, now_s, "closed")
        elif status == UnitStatus.ON_SCENE:
            self._end(task, AckState.ON_SCENE, now_s)
        elif status == UnitStatus.ENROUTE and not task.left:
            task.left = True
            self._ack(task, AckState.ENROUTE, now_s)

    def _end(self, task: _Task, state: AckState, now_s: float, reason: str = "") -> None:
        task.over = True
        self._ack(task, state, now_s, reason)

    def _ack(self, task: _Task, state: AckState, now_s: float, reason: str = "") -> None:
        order_id = task.order.order_id
        unit_id = self._force.crew.ids[task.unit]
        self._out.say(Topic.ACK, order_id, DispatchAck(order_id, unit_id, state.name.lower(), moment(now_s), reason))

    def _after(self, now_s: float, seconds: tuple[float, float]) -> float:
        return now_s + float(self._rng.uniform(*seconds))
