"""What the board says when it can take no more."""


class BoardFull(Exception):
    """No room is left for one more unit, incident, drone or device."""
