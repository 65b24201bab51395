"""Every id of the statistics page beside those of its blocks (``Block.outputs``); its scripts use the same words."""

PAGE = "statistics"
URL = "url"
TICK = "tick"
TEXTS = "texts"
SHOWN = "shown"  # what the controls were last told, and digests of what is drawn
DONE = "done"  # where callbacks that only act put their answer

NAME = "period-name"
STANDING = "period-standing"
DATA = "data-time"
SAID = "said"
KINDS = "period-kinds"
MORE = "period-more"
STEPS = "period-steps"
DATE = "choose-date"
SCOPE = "choose-scope"
CATEGORY = "choose-category"
AGAINST = "against"
CHIPS = "chips"
BACK = "back"
LANGUAGE = "language"
COPY = "copy"

GRID = "grid"
GRID_COUNT = "grid-count"
GRID_CSV = "grid-csv"
DRAWER = "drawer"
DRAWER_BODY = "drawer-body"
DRAWER_GRID = "drawer-grid"
TABLES = (GRID, DRAWER_GRID)


def place(table: str) -> str:
    """Where a table will stand."""
    return f"{table}-place"


def near(table: str) -> str:
    """The store that says that a table is about to be seen."""
    return f"{table}-near"
