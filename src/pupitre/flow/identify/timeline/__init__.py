"""The events of one person, over all channels, as they stand whose it is now."""
