"""All charts of one person, drawn on the server: they need no script and no network."""

from __future__ import annotations

from phr_api.chart_pressure import pressure as pressure
from phr_api.chart_steps import steps as steps
from phr_api.chart_weight import weight as weight
