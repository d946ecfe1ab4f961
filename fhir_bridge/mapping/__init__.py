"""One file a FHIR resource type; each exports ``MAPPING``."""
