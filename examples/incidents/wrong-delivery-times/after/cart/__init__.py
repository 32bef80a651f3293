"""A shop's cart."""
