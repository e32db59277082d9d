"""Stories of events: how one is written, staged, played and told, and what must come out."""
