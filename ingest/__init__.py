"""Everything that brings numbers in: MQTT inbox, decode, store, day figures, dead letters."""
