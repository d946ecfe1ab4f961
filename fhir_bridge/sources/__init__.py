"""One file a record source; each exports ``SOURCE``."""
