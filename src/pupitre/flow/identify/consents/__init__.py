"""What customers agreed to: a ledger that only grows, what it says today, and their own page."""
