"""People who are likely one: found, linked by rule, proposed to a steward, and learnt from."""
