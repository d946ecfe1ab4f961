"""For people without a telephone that can be told: the town's 保健師 writes or calls. It is put on her list.

Nothing leaves the house: a delivery that is "sent" by this channel stands on the list (``/nurse/letters``) until she
says that it is done. It is for who asked to be told so; nobody is on it for want of anything else.
"""

from __future__ import annotations

from advice_engine.channel import Address, Message
from advice_engine.channels import _sealed
from store.settings import Settings


def _send(message: Message, address: Address, settings: Settings) -> None:
    """The row itself is what the list shows."""


CHANNEL = _sealed.channel("letter", rank=90, ready=lambda settings: bool(settings.master_key), send=_send)
