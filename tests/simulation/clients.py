"""The clients of a run: each orders until it is answered; some wait for their cards, some want no more of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from giftline.errors import InvalidRequest
from giftline.orders.cancelling import CANCEL_MINUTES
from giftline.orders.model import OrderRequest
from giftline.orders.reversing import REVERSAL_HOURS
from tests.simulation.faults import Draw
from tests.simulation.house import TENANT, House
from tests.simulation.world import MINUTE, SECOND, Life, World

TRIES = 60
CALL_TIMEOUT = 29 * SECOND
HOUR = 60 * MINUTE
WHIMS = {"order at once": 0.05, "order called off": 0.05, "order taken back": 0.03}
"""Few: most runs are about orders that nobody hurries, and nobody calls off."""
GIVES_UP = 8
"""Of so many calls without an answer one is the last."""


@dataclass(slots=True)
class Clients:
    """`accepted`: by refno the id of the order that was answered; `busy`: those who may yet call. `whims` is a draw
    of its own, so that a run whose clients want nothing special is what it was without them.
    """

    world: World
    house: House
    whims: Draw
    accepted: dict[str, str] = field(default_factory=dict)
    busy: int = 0

    def order(self, request: OrderRequest) -> None:
        """A client's program. Its calls are invocations of their own."""
        self.busy += 1
        request = replace(request, at_once=self.whims.happens("order at once"))
        for _ in range(TRIES):
            worker = self.world.start(self._accept, request, life=Life("accept_order"))
            self.world.join(worker, CALL_TIMEOUT)
            if request.refno in self.accepted:
                self._change_its_mind(request.refno)
                break
            self.world.sleep(self.world.draw.whole(SECOND, 5 * MINUTE))
        self.busy -= 1

    def _change_its_mind(self, refno: str) -> None:
        whims = self.whims
        if whims.happens("order called off"):
            soon, late = whims.whole(0, 5 * SECOND), whims.whole(0, CANCEL_MINUTES * MINUTE)
            self._insist("cancel_order", refno, whims.one_of((0, soon, late)))
        if whims.happens("order taken back"):
            soon, late = whims.whole(0, HOUR), whims.whole(0, REVERSAL_HOURS * HOUR)
            self._insist("reverse_order", refno, whims.one_of((soon, late)))

    def _insist(self, call: str, refno: str, after: int) -> None:
        """The same call until it is answered: soon, or when the watch asks too; or until the client has enough."""
        whims, answered = self.whims, list[str]()
        self.world.sleep(after)
        for _ in range(TRIES):
            self.world.join(self.world.start(self._ask, call, refno, answered, life=Life(call)), CALL_TIMEOUT)
            if answered or whims.whole(1, GIVES_UP) == 1:
                return
            self.world.sleep(whims.one_of((whims.whole(SECOND, 30 * SECOND), whims.whole(55 * MINUTE, 65 * MINUTE))))

    def _accept(self, request: OrderRequest) -> None:
        try:
            self.accepted[request.refno] = self.house.accept(request).id
        except Exception as error:  # noqa: BLE001 - judged by a rule
            self.house.errors.append(("accept_order", error))

    def _ask(self, call: str, refno: str, answered: list[str]) -> None:
        try:
            getattr(self.house.wire(), call)(TENANT, refno)
        except InvalidRequest:
            pass  # it came too late, or stays sold: an answer as any other
        except Exception as error:  # noqa: BLE001 - judged by a rule
            self.house.errors.append((call, error))
            return
        answered.append(call)
