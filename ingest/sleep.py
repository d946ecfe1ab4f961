"""One person's sleep of one civil day from all devices: two bands in one bed sleep once. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import fsum

from ingest.counters import Segment
from ingest.steps import finest_first, lay


def minutes(stretches: Iterable[Segment]) -> float:
    """Minutes slept in these stretches (their ``steps`` are minutes); naps and interrupted nights add up.

    Of one source the short stretches count first; a longer one around them adds what exceeds them. Of several sources
    the one that saw most sleep comes first, and others add only in time that it knows nothing of.
    """
    by_source: dict[int, list[Segment]] = defaultdict(list)
    for one in stretches:
        by_source[one.source_id].append(one)
    laid = [lay(finest_first(items)) for items in by_source.values()]
    ground: list[Segment] = []
    for own in sorted(laid, key=lambda own: (-fsum(one.steps for one in own), own[0].source_id if own else 0)):
        ground = lay(own, ground)
    return fsum(one.steps for one in ground)
