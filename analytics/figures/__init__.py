"""Figures of a period, one module a family: pure, Arrow tables in, plain values out. ``report`` puts them together."""
