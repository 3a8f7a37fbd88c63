"""Plays one day: clients ask, are offered times, book, cancel; the waiting list and small shifts fill what opens."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from salon.availability.packing import APART_MIN
from salon.availability.simulate.demand import Request, Scenario
from salon.availability.simulate.diary import Diary
from salon.availability.simulate.policies import PER_MESSAGE, Packed, Policy
from salon.availability.simulate.shifting import FARTHEST, Move, Plan, find_plans

ASKS = 6
"""Questions to booked clients, at most, for one request that would be refused."""

PLANS = 12
"""Plans looked at before somebody is asked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a day, in minutes and heads.

    Attributes:
        sold: Minutes of visits that took place.
        unsellable: Free minutes in gaps that nothing fits into.
        refused: Those who asked, have no booking in the end and did not cancel.
        visits: Those who came.
        distance: Minutes between wish and start, summed over the visits.
        moved: Shifts that booked clients agreed to; `asked` of how many.
    """

    sold: int
    unsellable: int
    refused: int
    visits: int
    distance: int
    moved: int = 0
    asked: int = 0


@dataclass
class Game:
    """One day under one way of offering.

    Attributes:
        waitlist: Chooses places for the waiting list; None: there is none.
        shifts: Whether booked clients are asked to move for a request that would be refused.
    """

    scenario: Scenario
    offer: Policy
    waitlist: Packed | None = None
    shifts: bool = False
    diary: Diary = field(init=False)
    waiting: dict[int, Request] = field(default_factory=dict, init=False)
    refused: set[int] = field(default_factory=set, init=False)
    stay: set[int] = field(default_factory=set, init=False)
    """Booked clients who were asked often enough."""
    told: set[int] = field(default_factory=set, init=False)
    """Clients whose window is known: they named it for the waiting list, or when they declined a shift."""
    sure: dict[int, int] = field(default_factory=dict, init=False)
    """The tolerance that booked clients have at least, as their choice shows."""
    promised: dict[int, int] = field(default_factory=dict, init=False)
    """The starts that clients booked themselves."""
    questions: dict[int, int] = field(default_factory=dict, init=False)
    asked: int = field(default=0, init=False)
    moved: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.diary = Diary(self.scenario)

    def play(self, requests: Iterable[Request]) -> Outcome:
        """All that happens on the way to one day, in order."""
        everyone = list(requests)
        events = [(request.at, request.number, True, request) for request in everyone]
        events += [(r.cancels_at, r.number, False, r) for r in everyone if r.cancels_at is not None]
        for _, _, arrives, request in sorted(events, key=lambda event: event[:3]):
            if arrives:
                self.arrive(request)
            else:
                self.cancel(request)
        return self.outcome()

    def arrive(self, request: Request) -> None:
        """One client asks, and takes the nearest acceptable time of the first message that has one.

        Whoever finds none is refused; joins the waiting list or does not; and may still get in, at once, by the window
        named for the list or by a shift.
        """
        if self._offer(request):
            return
        self.refused.add(request.number)
        if self.waitlist is not None and request.joins:
            self.waiting[request.number] = request
            self.told.add(request.number)
            self.fill()
        elif self.shifts:
            self.shift_for(request)

    def cancel(self, request: Request) -> None:
        """A booked client gives the time back, which goes to the waiting list; a waiting one leaves the list."""
        self.waiting.pop(request.number, None)
        self.refused.discard(request.number)
        if request.number in self.diary.booked:
            self.diary.take_out(request.number)
            self.fill()

    def fill(self) -> None:
        """Give what is free to the waiting list, the longest visit first; then try shifts in the same order."""
        if self.waitlist is None:
            return
        for request in sorted(self.waiting.values(), key=lambda r: (-r.minutes, r.number)):
            suiting = [
                place
                for place in self.diary.places(request.minutes, request.staff, grid=self.scenario.grid, ends=True)
                if request.accepts(place.start)
            ]
            if suiting:
                place = self.waitlist.choose(self.diary, request, suiting, self.waitlist.weights, 1)[0]
                self._book(request, place.staff, place.start)
        if self.shifts:
            for request in sorted(self.waiting.values(), key=lambda r: (-r.minutes, r.number)):
                self.shift_for(request)

    def shift_for(self, request: Request) -> None:
        """Ask booked clients, `ASKS` at most, to move a little so that a refused request fits in.

        Who named no window is asked first: one message with the starts that a shift would open, nearest to the wish.
        """
        widest = max(kind for kind, _ in self.scenario.tolerances)
        early, late = (request.early, request.late) if request.number in self.told else (widest, widest)
        window = (request.wish - early, request.wish + late)
        asks, answered = ASKS, True
        declined: set[int] = set()
        message: list[int] | None = None
        while answered and asks > 0:
            answered = False
            found = find_plans(self.diary, request, window, self.stay | declined, self)
            plans = [plan for plan in islice(found, PLANS) if len(plan.moves) <= asks]
            if request.number not in self.told:
                message = _apart(plans, request) if message is None else message
                plans = [plan for plan in plans if plan.start in message]
            suiting = [plan for plan in plans if request.accepts(plan.start)]
            for plan in sorted(suiting, key=lambda plan: len(plan.moves) + plan.waste)[:1]:
                # An answer changes what is known: after a refusal the plans are made anew.
                answered = True
                for move in plan.moves:
                    asks -= 1
                    if not self._agrees(move):
                        declined.add(move.number)
                        break
                else:
                    self._carry_out(request, plan)
                    return

    def suits(self, visit: Request, start: int) -> bool | None:
        """What is known of a booked client: whether a start suits; None: not known.

        However often a visit is moved, it stays within `FARTHEST` of what was booked first.
        """
        if abs(start - self.promised[visit.number]) > FARTHEST:
            return False
        if visit.number in self.told:
            return visit.accepts(start)
        return True if abs(start - visit.wish) <= self.sure[visit.number] else None

    def outcome(self) -> Outcome:
        """The figures of the day as it stands."""
        came = [(start, request) for _, start, request in self.diary.booked.values() if not request.no_show]
        runs = [run for staff in range(len(self.scenario.shifts)) for run in self.diary.runs(staff)]
        shortest = self.scenario.durations.shortest
        return Outcome(
            sold=sum(request.minutes for _, request in came),
            unsellable=sum(until - from_ for from_, until in runs if until - from_ < shortest),
            refused=len(self.refused),
            visits=len(came),
            distance=sum(abs(start - request.wish) for start, request in came),
            moved=self.moved,
            asked=self.asked,
        )

    def _offer(self, request: Request) -> bool:
        for message in self.offer(self.diary, request):
            accepted = [place for place in message if request.accepts(place.start)]
            if accepted:
                place = min(accepted, key=lambda p: (abs(p.start - request.wish), p.start, p.staff))
                self._book(request, place.staff, place.start)
                return True
        return False

    def _book(self, request: Request, staff: int, start: int) -> None:
        self.diary.put(request, staff, start)
        self.promised[request.number] = start
        if not request.answers:
            self.stay.add(request.number)
        self.refused.discard(request.number)
        self.waiting.pop(request.number, None)
        # Clients come in kinds (the past shows which): who took a start so far away allows at least so much.
        away = abs(start - request.wish)
        self.sure[request.number] = min(kind for kind, _ in self.scenario.tolerances if kind >= away)

    def _agrees(self, move: Move) -> bool:
        """A client's answer to one question; whoever cannot says what would suit."""
        visit = self.diary.booked[move.number][2]
        question = self.questions.get(move.number, 0)
        self.asked += 1
        self.questions[move.number] = question + 1
        if question + 1 >= len(visit.answers):
            self.stay.add(move.number)
        if not visit.accepts(move.start):
            self.told.add(move.number)
            return False
        return visit.answers[question]

    def _carry_out(self, request: Request, plan: Plan) -> None:
        visits = [self.diary.take_out(move.number)[2] for move in plan.moves]
        self._book(request, plan.staff, plan.start)
        for move, visit in zip(plan.moves, visits, strict=True):
            self.diary.put(visit, move.staff, move.start)
        self.moved += len(plan.moves)


def _apart(plans: Iterable[Plan], request: Request) -> list[int]:
    """The starts of one message: nearest to the wish first, apart as in any other message."""
    starts: list[int] = []
    for start in sorted({plan.start for plan in plans}, key=lambda start: (abs(start - request.wish), start)):
        if len(starts) < PER_MESSAGE and all(abs(start - other) >= APART_MIN for other in starts):
            starts.append(start)
    return starts
