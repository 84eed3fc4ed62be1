"""What every test may use, wherever it stands: see tests/fixtures.py."""

pytest_plugins = ["tests.fixtures"]
