"""The tables of a simulated server: plain data and its keys, without rules."""
