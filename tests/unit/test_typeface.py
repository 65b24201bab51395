import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from briefings import typeface
from briefings.typeface import FOLDER, MISSING, fitted, fonts, legible, width


def held() -> set[int]:
    spans = (line.split("-") for line in (FOLDER / "characters.txt").read_text().split())
    return {point for low, high in spans for point in range(int(low, 16), int(high, 16) + 1)}


def test_the_faces_are_those_of_the_install():
    assert [(one.family, one.weight) for one in fonts().fonts()] == [("Noto Sans SC", 400), ("Noto Sans SC", 600)]
    assert (FOLDER / "LICENSE").read_text().count("SIL OPEN FONT LICENSE") == 1


def test_every_character_of_common_codes_is_there():
    every = "".join(bytes((a, b)).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF))
    assert legible(every) == every
    assert legible("堌崀漷滘氹埗塱漖濛") == "堌崀漷滘氹埗塱漖濛", "names of places that GB2312 lacks"
    assert legible("▲▼≈●○■□◆•−±′″√¼²³°—–…（）《》") == "▲▼≈●○■□◆•−±′″√¼²³°—–…（）《》"


def test_a_rare_character_is_replaced_and_told():
    missing: set[str] = set()
    assert legible("\U00020bb7野家 ꀀ 🚓", missing) == f"{MISSING}野家 {MISSING} {MISSING}"
    assert missing == {"\U00020bb7", "ꀀ", "🚓"}


def test_the_unseen_is_left_out():
    assert legible("a\u202eb\u200dc\x00d\ufe0fe\tf\r\ng") == "abcde f\n\ng"


def test_letters_and_their_accents_become_one():
    assert legible(unicodedata.normalize("NFD", "Élan ñ ü")) == "Élan ñ ü"


@given(st.text())
def test_whatever_comes_is_legible(text):
    kept = held()
    assert all(ord(letter) in kept or letter == "\n" for letter in legible(text))


def test_what_has_a_plainer_form_takes_it():
    assert legible("p₁ − p₂ 𝟙") == "p1 − p2 1"


def test_widths():
    assert width("警情", 10) == 20
    assert 10 < width("1,234", 5) < 15
    assert width("", 9) == 0
    assert fitted("江南分局", 10, 40) == "江南分局"
    assert fitted("江南分局南湖派出所", 10, 41) == "江南分…"
    assert fitted("江南", 10, 1) == "…"
    assert set(json.loads((FOLDER / "widths.json").read_text()).values()) <= set(range(100, 1500))
    assert typeface.FAMILY == "Noto Sans SC"
