"""What hangs on the gateways of the invented town: one gateway a household. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phr_api.town_resident import Resident

_SCALES = ("gatt_weight_2a9d", "theengs_scale", "xiaomi_scale_181d")
_KINDS = {  # kind: model, label
    "shared_scale": ("theengs_scale", "体重計(家族みんなで)"),
    "pedometer": ("pedometer_counter", "歩数計"),
    "cuff": ("gatt_blood_pressure_2a35", "血圧計"),
    "band": ("phr_readings", "活動量計"),
}


@dataclass(frozen=True, slots=True)
class Device:
    """One device behind one gateway. ``resident`` None: it belongs to the whole household."""

    gateway: str
    device: str
    model: str
    kind: str
    label: str
    household: int
    resident: int | None

    @property
    def topic(self) -> str:
        """Where its gateway publishes for it."""
        return f"phr/v1/{self.gateway}/{self.device}"


def gateway(household: int) -> str:
    """Name of a household's gateway at the broker."""
    return f"gw-{household:03}"


def devices(residents: Iterable[Resident]) -> tuple[Device, ...]:
    """Every device of the town; a shared scale comes once a household."""
    found = {(device.gateway, device.device): device for person in residents for device in of(person)}
    return tuple(found.values())


def of(person: Resident) -> Iterator[Device]:
    """The devices that this person steps on, carries or puts on."""
    for kind in person.devices:
        shared = kind == "shared_scale"
        model, label = _KINDS.get(kind) or (_SCALES[person.number % len(_SCALES)], "体重計")
        name = "scale" if shared else f"{kind}-{person.number:02}"
        owner = None if shared else person.number
        yield Device(gateway(person.household), name, model, kind, label, person.household, owner)
