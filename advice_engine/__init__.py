"""From facts to advice to the person: rules, veto, channels."""
