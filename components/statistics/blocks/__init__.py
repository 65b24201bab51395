"""The blocks of the statistics page, one a file: ``BLOCK``, ``render()`` and ``draw(sight)``. The page finds them."""
