"""Watching pairs: metrics for Prometheus, a check for Nagios and its kin, transitions of states, a report as HTML."""
