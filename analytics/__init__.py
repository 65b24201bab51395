"""Pure functions on live and past data: no I/O, no clock."""
