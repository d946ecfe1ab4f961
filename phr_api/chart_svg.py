"""Charts as pictures: drawn on the server, so that they need no script in the browser."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import vl_convert

from phr_api.chart import Chart

VEGA_LITE = "6.4"  # the newest that the pinned converter carries; the browser's bundle is made for the same
_SIZE = re.compile(r'<svg ([^>]*?) width="[0-9.]+" height="[0-9.]+"')


def svg(chart: Chart) -> str:
    """The picture as inline SVG that scales to its place, named by the sentence ``chart-<name>-says`` of the page."""
    named = f'<svg role="img" aria-labelledby="chart-{chart.name}-says" focusable="false" \\1'
    return _SIZE.sub(named, _draw(json.dumps(chart.spec, ensure_ascii=False, sort_keys=True)), count=1)


@lru_cache(maxsize=512)  # about 25 kB a picture; keyed by the whole specification, so it can't be stale
def _draw(spec: str) -> str:
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[]))
