"""What a worker knows of the devices that it hears, and is sure is so still."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from store import registrations
from store.model import Member, Registration
from store.registrations import Device

_MOST = 20_000  # devices

Devices = dict[Device, tuple[Registration, ...]]
Households = dict[int, tuple[Member, ...]]


class Known:
    """Registrations and memberships, asked for once and forgotten when any of them changes. Of one thread.

    A device registered a moment ago works at once, and one handed on never speaks for its former owner: every
    transaction asks whether they are still the same version, and they stay so until it ends.
    """

    def __init__(self) -> None:
        self._version = -1
        self._devices: Devices = {}
        self._households: Households = {}

    def now(self, conn: psycopg.Connection, heard: Iterable[Device]) -> tuple[Devices, Households]:
        """Registrations of at least these devices, none for one that nobody registered, and their households' members.

        Both are this object's own: they hold until the transaction ends.
        """
        version = registrations.hold(conn)
        if version != self._version or len(self._devices) > _MOST:
            self._version, self._devices, self._households = version, {}, {}
        if missing := {device for device in heard if device not in self._devices}:
            self._ask(conn, missing)
        return self._devices, self._households

    def _ask(self, conn: psycopg.Connection, missing: set[Device]) -> None:
        found = registrations.history(conn, missing)
        homes = {one.household_id for rows in found.values() for one in rows if one.household_id is not None}
        if homes := homes - self._households.keys():
            self._households |= dict.fromkeys(homes, ()) | registrations.members(conn, homes)
        self._devices |= dict.fromkeys(missing, ()) | found
