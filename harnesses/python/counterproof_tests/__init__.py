"""Runs a project's own tests, chosen ones in a given order, and tells what became of each."""
