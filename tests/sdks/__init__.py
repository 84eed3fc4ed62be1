"""What others made, sending to a Pupitre that is really served: SDKs as published, and fuzzers."""
