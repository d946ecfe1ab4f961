"""One file a device or gateway format; each exports ``MODEL``."""
