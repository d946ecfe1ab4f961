"""One file an advice rule; each exports ``RULE``."""
