"""Pages for people: plain HTML that works without a script. Every module not beginning with ``_`` exports ROUTER."""
