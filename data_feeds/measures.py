"""Units of measure that a mapping may name, as factors into the unit of the message's field."""

SPEED = {"m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704, "kn": 0.514444}
LENGTH = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "cm": 0.01, "mm": 0.001}
ANGLE = {"deg": 1.0, "cdeg": 0.01, "mdeg": 0.001, "1e-6 deg": 1e-6, "1e-7 deg": 1e-7, "rad": 57.29577951308232}
PERCENT = {"percent": 1.0, "fraction": 100.0}
FRACTION = {"fraction": 1.0, "percent": 0.01}
UNITS: dict[str, dict[str, float]] = {
    "speed_mps": SPEED, "altitude_m": LENGTH, "accuracy_m": LENGTH, "height_m": LENGTH, "lat": ANGLE, "lon": ANGLE,
    "course": ANGLE, "heading": ANGLE, "gimbal_pitch": ANGLE, "gimbal_yaw": ANGLE, "fov_deg": ANGLE,
    "battery": PERCENT, "confidence": FRACTION,
}  # fmt: skip
