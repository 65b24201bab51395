"""Shared by every test: machines differ in speed, so no example has a deadline."""

from hypothesis import HealthCheck, settings

settings.register_profile("wall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wall")
