"""One panel a file: ``PANEL``, ``render(...)`` and, where a callback is needed, ``register(app)``.

``components.layout`` finds the files here; deleting one removes its panel from the wall and nothing else.
"""
