"""What callers may send: bounds and words. A refusal never repeats what was sent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from phr_api.problems import Problem
from store.metrics import METRICS

# The bounds keep every moment inside what both Python and PostgreSQL can hold in any zone.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]
Word = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Name = Annotated[Word, Field(max_length=60)]  # what people call a thing of theirs
Label = Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]  # likewise, or nothing
DeviceName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^/+#\x00-\x1f\x7f]+$")]  # a topic's level
LARGEST = 2**63 - 1  # what the database can hold
RowId = Annotated[int, Field(ge=1, le=LARGEST)]


def known_metrics(names: list[str]) -> list[str]:
    """The same names. Raises Problem (422) when one is not a metric of ours."""
    if unknown := [name for name in names if name not in METRICS]:
        raise Problem(
            422,
            "知らない項目です",
            f"metric は次から選んでください: {', '.join(METRICS)}。 Unknown: {len(unknown)} of them.",
        )
    return names
