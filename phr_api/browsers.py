"""What a browser calls itself, in words its owner knows. Pure; for lists of one's own sessions, never a decision."""

from __future__ import annotations

# The first that fits: every browser names its forerunners too.
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def label(user_agent: str) -> str:
    """``Windows の Chrome``; ``ブラウザー`` when it says nothing that is known. Repeats nothing that was sent."""
    system = next((says for word, says in _SYSTEMS if word in user_agent), "")
    browser = next((says for word, says in _BROWSERS if word in user_agent), "ブラウザー")
    return f"{system} の {browser}" if system else browser
