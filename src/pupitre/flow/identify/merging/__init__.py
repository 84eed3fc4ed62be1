"""People joined and kept apart by hand: seen before it is done, and taken back exactly."""
