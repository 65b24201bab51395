"""The statistics page for chiefs: the daily study, the weekly analysis, the monthly bulletin.

A Dash page of its own at ``/statistics/``, beside the wall's, so that the wall loads nothing of it. What the address
says decides everything on it (``state``); one callback draws the report of that state (``callbacks``); every module of
``panels`` turns its part of the report into elements and charts, without I/O.
"""
