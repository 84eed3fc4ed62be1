"""Pupitre: the desk that marketing and IT share."""

__version__ = "0.1.0"
