"""The words of the drones' section: see texts.py."""

DRONE_TEXTS = {
    "say.drones.never": (
        "历史库中没有任何无人机的飞行和识别记录，无从统计；已接入的无人机见大屏无人机场景。",
        "The history knows of no flight and no detection of any drone, so nothing can be counted; drones that are "
        "connected are on the wall's drone scene.",
    ),
    "say.drones.gap": (
        "本期没有记录，无人机的出动与识别不明。",
        "Nothing was recorded in the period: what drones did is unknown.",
    ),
    "say.drones.flown.never": ("历史库中没有无人机的飞行记录。", "The history knows of no flight of any drone."),
    "say.drones.found.never": ("历史库中没有无人机的识别记录。", "The history knows of no detection by any drone."),
    "say.drones.none": ("本期没有无人机升空；{told}。", "No drone was in the air in the period; {told}."),
    "say.drones.work": (
        "无人机出动 {n} 架次，用机 {drones} 架；{told}。",
        "Sorties: {n}, drones used: {drones}; {told}.",
    ),
    "say.drones.air": (
        "在空 {hours} 小时，平均每架次 {mean} 分钟；{told}；时长之差未作检验。",
        "In the air for {hours} hours, {mean} minutes a sortie; {told}; no test judges the difference.",
    ),
    "say.drones.air.alone": (
        "在空 {hours} 小时，平均每架次 {mean} 分钟，无可比数据。",
        "In the air for {hours} hours, {mean} minutes a sortie; nothing to compare with.",
    ),
    "say.drones.then": ("{vs}{hours} 小时、用机 {drones} 架", "{vs}: {hours} hours, drones used: {drones}"),
    "say.drones.since": (
        "飞行记录自 {day} 起，此前不详。",
        "Flights are known since {day}; nothing is known of before.",
    ),
    "say.drones.found": ("识别 {n} 次；{told}。", "Detections: {n}; {told}."),
    "say.drones.found.since": (
        "识别记录自 {day} 起，此前不详。",
        "Detections are known since {day}; nothing is known of before.",
    ),
    "say.drones.kind": ("{name} {n} 次，{told}。", "{name}: {n}; {told}."),
    "say.drones.kind.more": (
        "另有 {n} 类识别变化显著，见识别表。",
        "More kinds of detection that changed significantly, in the table: {n}.",
    ),
    "say.drones.kind.calm": (
        "{n} 类识别中，没有一类与{vs}之差超出偶然波动。",
        "None of {n} kinds of detection differs by more than chance from: {vs}.",
    ),
    "say.drones.missions": ("一架次执行多项任务的，各任务各计一次。", "A sortie with several missions counts in each."),
    "say.drones.against": ("{vs}{value}，{change}，{verdict}", "{vs}: {value}, {change}, {verdict}"),
    "say.drones.against.few": ("{vs}{value}，{verdict}", "{vs}: {value}, {verdict}"),
    "say.drones.against.gap": ("{vs}{value}，不作比较：{why}", "{vs}: {value}, not compared: {why}"),
    "column.sorties": ("架次", "Sorties"),
    "column.air": ("在空分钟", "Minutes in the air"),
    "column.detections": ("识别次数", "Detections"),
    "table.drones": ("各机出动", "By drone"),
    "table.missions": ("各任务出动", "By mission"),
    "table.detections": ("识别类别", "Detections by kind"),
    "chart.detections": ("识别类别（前 {n} 类）", "Detections by kind (first {n})"),
    "axis.detections": ("次", "detections"),
}
