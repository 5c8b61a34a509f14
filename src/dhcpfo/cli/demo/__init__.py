"""The demonstration: three simulated pairs, a tour of them as text, and a live view with keys."""
