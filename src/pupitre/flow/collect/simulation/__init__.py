"""A fictional retailer, Maison Ardoise, whose truth is known: data to live with, and to test on."""
