"""The lake followed: what comes in is heard, linked and told apart, for as long as the worker
lives."""
