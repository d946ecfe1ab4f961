"""One file a push channel; each exports ``CHANNEL``."""
