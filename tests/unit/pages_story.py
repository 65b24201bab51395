"""A document with every kind of block, in either language, for those who draw documents."""

from __future__ import annotations

import math
import re
from typing import Any

import h3.api.basic_str as h3
import numpy as np
import pypdfium2

from briefings.document import (
    Band,
    Chart,
    Column,
    Definition,
    Definitions,
    Document,
    HeatMap,
    MapCell,
    Note,
    Outline,
    Section,
    Sentence,
    Series,
    Table,
    Text,
    Tile,
    Tiles,
)

STEPS = ("0–30 s", "30–60 s", "1–2 min", "2–5 min", "> 5 min")
FORMULA = "z = (√a − √b) / √(¼ + 1/(4k))"
STAMP_MS = 1_742_083_200_000.0
MIDDLE = (22.82, 108.35)
NAMES_ZH = ("江南", "兴宁", "青秀", "西乡塘", "良庆", "邕宁", "武鸣", "高新", "东盟", "五象")
VERDICTS = {
    "zh": {"up": "▲ 显著上升", "down": "▼ 显著下降", "noise": "≈ 波动内", "few": "样本少", "bad": "◆ 低于全市",
           "good": "● 高于全市"},
    "en": {"up": "▲ up", "down": "▼ down", "noise": "≈ noise", "few": "too few", "bad": "◆ below", "good": "● above"},
}  # fmt: skip


def document(lang: str = "zh", **changes: Any) -> Document:
    zh = lang == "zh"

    def either(chinese: str, english: str) -> str:
        return chinese if zh else english

    values: dict[str, Any] = {
        "name": "daily-2025-03-15", "lang": lang,
        "band": Band(
            either("云岭市公安局", "Yunling Public Security Bureau"), either("每日警情简报", "Daily briefing"),
            either("2025年3月15日 周六", "15 Mar 2025 Sat"), either("全市", "Whole city"),
            either("数据截至 2025-03-16 08:00", "Data as of 2025-03-16 08:00"),
            either("3月15日 02:10–03:40 无记录，相关数字偏低。", "Nothing was recorded on 15 Mar 02:10–03:40."),
        ),
        "stamp_ms": STAMP_MS, "sections": tuple(_sections(either)), "footer": either("内部资料", "Internal"),
        "page": either("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
        "more": either("另有 {n} 项，见数据表。", "{n} more in the data sheets."),
        "verdicts": VERDICTS[lang], "time_zone": "Asia/Shanghai",
    }  # fmt: skip
    return Document(**(values | changes))


def _sections(either: Any) -> Any:
    yield Section("situation", either("态势", "Situation"), (
        Text((
            Sentence(either("全天接报有效警情 847 起。", "847 incidents were received."), "plain"),
            Sentence(either("环比（3月14日）862 起，−1.7%，波动内。",
                            "Against 14 Mar, 862: −1.7%, within noise."), "noise"),
            Sentence(either("诈骗 61 起，近 4 周同日均值 33 起，+84.8%，显著上升。",
                            "Fraud 61, mean of 4 same weekdays 33: +84.8%, more than chance."), "up"),
            Sentence(either("中心城区到场达标率 92.8%（388/418），低于去年同日。",
                            "Centre: 92.8% (388 of 418) in target, below last year."), "bad"),
            Sentence(either("02:10–03:40 无记录。", "Nothing was recorded from 02:10 to 03:40."), "gap"),
            Sentence(either("来源不含无人机识别结果。", "The source tells no detections."), "lack"),
        ), listed=True),
        Tiles(tuple(
            Tile(either(zh, en), value, "count", shown, (
                Note(either("环比 −1.7%（862 起）波动内", "previous −1.7% (862), noise"), "noise"),
                Note(either("同比 −15.5%（1,002 起）显著下降", "last year −15.5% (1,002), down"), "down"),
            ))
            for zh, en, value, shown in (
                ("有效警情", "Incidents", 847, "847"), ("到场达标率", "In target", 0.953, "95.3%"),
                ("到场中位", "Median response", 173, "2:53"), ("超时", "Beyond target", 39, "39"),
            )
        )),
    ), either("警情总量平稳，诈骗显著上升", "The total is steady; fraud has risen by more than chance"))
    yield Section("categories", either("类别", "Categories"), (
        Table("categories", either("各类警情", "Incidents by category"), (
            Column("category", either("类别", "Category")), Column("n", either("起数", "n"), "count"),
            Column("share", either("占比", "Share"), "share"),
            Column("previous", either("环比", "Previous"), "percent"),
            Column("verdict", either("判断", "Verdict"), "verdict"),
            Column("p50", either("到场中位", "P50"), "seconds"),
        ), tuple(
            (either(name, f"Category {k + 1}"), 212 - 9 * k, 0.25 - 0.01 * k, -3.1 + 7 * k, tone,
             None if k == 4 else 150 + k)
            for k, (name, tone) in enumerate(zip(
                ("纠纷", "盗窃", "交通", "诈骗", "求助", "治安", "两抢", "火灾", "走失", "噪音", "其他", "毒品"),
                ("noise", "noise", "down", "up", "noise", "noise", "few") * 2, strict=False))
        ), brief=10, note=either("波动内：变化可由偶然解释。", "Noise: chance explains the change.")),
        Chart("kinds", either("各类警情", "By category"), "bars",
              tuple(either(n, e) for n, e in (("纠纷", "Disputes"), ("盗窃", "Theft"), ("交通", "Traffic"),
                                              ("诈骗", "Fraud"), ("求助", "Calls for help"))),
              (Series(either("本期", "this day"), (212.0, 64.0, 188.0, 61.0, 227.0), "value", (3,)),
               Series(either("近 4 周均值", "4-week mean"), (219.0, 80.7, 175.5, 33.0, 237.0), "before")),
              either("起", "incidents")),
        Chart("causes", either("超时主因", "Why late"), "stacked",
              tuple(either(n, e) for n, e in (("重点部位", "Key"), ("中心城区", "Centre"), ("其他城区", "Other"))),
              tuple(Series(either(zh, en), values, "part") for zh, en, values in (
                  ("派警", "dispatch", (2.0, 8.0, 3.0)), ("出警", "turnout", (1.0, 12.0, 4.0)),
                  ("途中", "travel", (0.0, 10.0, 9.0)))), either("起", "breaches")),
    ))
    hours = tuple(round(20 + 18 * math.sin((k - 8) / 24 * 2 * math.pi)) for k in range(24))
    yield Section("hours", either("时段", "Hours"), (
        Chart("hours", either("24 小时警情", "Incidents by hour"), "line", tuple(f"{k:02d}:00" for k in range(24)),
              (Series(either("本日", "this day"), tuple(None if k in (2, 3) else float(v + (16 if k == 18 else k % 3))
                                                      for k, v in enumerate(hours)), "value", (18,)),
               Series(either("昨日", "the day before"), tuple(float(v + 2) for v in hours), "before"),
               Series(either("均值", "mean"), tuple(float(v) for v in hours), "mean"),
               Series(either("80% 区间", "80% band"), tuple(v * 0.7 for v in hours), "low"),
               Series(either("80% 区间", "80% band"), tuple(v * 1.3 for v in hours), "high")),
              either("起 / 小时", "incidents an hour"), missing=(2, 3),
              note=either("灰带：近 8 周同日的中间 80%。斜线：无记录。", "Grey: middle 80%. Hatched: no records.")),
        Chart("rhythm", either("时段 × 星期", "Hour × weekday"), "matrix", tuple(f"{k:02d}" for k in range(24)),
              tuple(Series(either(zh, en), tuple(None if (d, k) == (6, 2) else round(v * (0.8 + d * 0.07) / 4, 1)
                                                 for k, v in enumerate(hours)), "part")
                    for d, (zh, en) in enumerate((("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"),
                                                  ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun")))),
              either("起 / 小时", "incidents an hour"), "number", 1),
        Chart("accept", either("接单用时", "Time to accept"), "columns",
              STEPS,
              (Series(either("起", "n"), (311.0, 242.0, 120.0, 60.0, 9.0)),)),
        Chart("turnout", either("出警用时", "Turnout"), "columns", STEPS,
              (Series(either("本日", "day"), (211.0, 342.0, 110.0, 50.0, 19.0)),
               Series(either("昨日", "before"), (190.0, 350.0, 100.0, 70.0, 9.0), "before"))),
    ))
    yield Section("map", either("热力图", "Heat map"), (heat_map(either),
        Text((Sentence(either("五象新区出现新热点。", "A new hot spot in Wuxiang.")),))),
        either("热点集中于江南与青秀交界", "Hot spots lie where Jiangnan meets Qingxiu"))
    yield Section("appendix", either("附录：口径", "Appendix: definitions"), (Definitions(tuple(
        Definition(either(f"环比 {k}", f"previous {k}"), either(
            f"与上一同类周期相比。\n{FORMULA}", f"Against the period before.\n{FORMULA}"))
        for k in range(8))),))


def heat_map(either: Any) -> HeatMap:
    middle = h3.latlng_to_cell(*MIDDLE, 8)
    cells = []
    for k, cell in enumerate(sorted(h3.grid_disk(middle, 9))):
        far = h3.grid_distance(middle, cell)
        if (k * 7919) % 10 < 9 - far * 0.7:
            cells.append(MapCell(cell, 10 - far, (10 - far) * 1.3, max(0, 4 - far // 2), far <= 1))
    return HeatMap(
        "heat", either("警情热力", "Heat of incidents"), tuple(cells), tuple(_outlines(either)),
        either("起 / km²", "per km²"), ("< 2", "2–5", "5–9", "9–12", "> 12"), either("热点（Gi*）", "hot spot (Gi*)"),
        either("17 起无位置，不在图上。", "17 without a position are not on the map."),
    )


def _outlines(either: Any) -> Any:
    lat, lon = MIDDLE

    def ring(radius: float, a: float, b: float, inner: float = 0.0) -> tuple[tuple[float, float], ...]:
        turns = [a + (b - a) * k / 24 for k in range(25)]
        spots = [(lat + (radius + 0.01 * math.sin(5 * t)) * math.sin(t), lon + radius * math.cos(t)) for t in turns]
        back = [(lat + inner * math.sin(t), lon + inner * math.cos(t)) for t in reversed(turns)]
        return (*spots, *back, spots[0])

    yield Outline(either("云岭市", "Yunling"), "city", (ring(0.12, 0, 2 * math.pi),))
    for k, name in enumerate(NAMES_ZH[:6]):
        a, b = k * math.pi / 3, (k + 1) * math.pi / 3
        middle = (lat + 0.07 * math.sin((a + b) / 2), lon + 0.07 * math.cos((a + b) / 2))
        yield Outline(either(name + "分局", f"Branch {k + 1}"), "branch", (ring(0.12, a, b),), middle)
        for j in range(2):
            s = (lat + (0.04 + 0.06 * j) * math.sin(a + 0.3), lon + (0.04 + 0.06 * j) * math.cos(a + 0.3))
            called = either(f"{name}{j + 1}所", f"Station {k}{j}")
            yield Outline(called, "station", (ring(0.06 + 0.06 * j, a, b, 0.06 * j),), s)


def text_of(made: bytes) -> str:
    """All text of a PDF in reading order, without white space."""
    with pypdfium2.PdfDocument(made) as told:
        return squeezed("".join(page.get_textpage().get_text_range() for page in told))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\ufffe-]", "", text)


def drawn(made: bytes) -> list[np.ndarray]:
    """Every page in grey, two dots a point."""
    with pypdfium2.PdfDocument(made) as told:
        return [page.render(scale=2, grayscale=True).to_numpy().squeeze() for page in told]
