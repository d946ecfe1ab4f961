"""Every door for people: JSON API, pages, the ``phr`` command."""
