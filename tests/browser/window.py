"""The browser's window, from telephone to desk."""

from __future__ import annotations

from selenium.webdriver import Chrome


def widen(browser: Chrome, width: int, height: int = 900, scale: float = 1) -> None:
    """Make the window's inside this wide (CSS pixels); below 500 it is a telephone."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
