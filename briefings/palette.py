"""The colours of every document: the wall's greys and its one calm accent, made for white paper.

Red and orange are for what needs a person; shades of copper are for heat, as on the wall's map.
"""

INK, INK_2, INK_3 = "#16202b", "#45566a", "#6b7c8f"  # text: strong, usual, beside it
LINE, LINE_STRONG, WELL = "#e1e7ed", "#b9c5d1", "#f3f6f9"
GROUND, ON_GROUND = "#111a24", "#9fb0c3"  # the title's band, as the wall's panels
CALM, CALM_SOFT, BAR = "#2468a2", "#9cc3e3", "#8ea3b8"
BEFORE, CHANCE = "#9aa9b8", "#e2e9f0"  # the period before; the band in which chance leaves a value
RED, ORANGE, CAUTION = "#c3281e", "#c96a06", "#fdf4e8"
PARTS = ("#2468a2", "#6ba3d0", "#b3d0e8", "#d3dce4", "#a6b5c4", "#778a9d", "#4c5f74", "#2d3b4a")  # of one whole
DARK_PARTS = (0, 5, 6, 7)  # words on these are white
HEAT = ("#f7ecdf", "#edd3b5", "#dcae80", "#bf8149", "#8f5524")
RHYTHM = ("#f3f6f9", "#d6e5f2", "#a9cae5", "#6ea4d2", "#3a7db9", "#1c5388")

TONES = {
    "plain": INK_2, "up": ORANGE, "down": CALM, "good": CALM, "bad": RED, "noise": INK_3, "few": INK_3,
    "gap": ORANGE, "lack": INK_3,
}  # fmt: skip
# colour never stands alone
MARKS = {
    "plain": "•", "up": "▲", "down": "▼", "good": "●", "bad": "◆", "noise": "≈", "few": "○", "gap": "■", "lack": "□",
}  # fmt: skip
