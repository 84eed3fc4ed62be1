"""One file per question. `python -m benchmarks` lists them; harness.py is their common form."""
