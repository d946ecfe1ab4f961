"""Hospitals' words to ours and back: sources, matching, mapping."""
