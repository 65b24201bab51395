"""The heads of the columns in lists and downloads of incidents. See texts.py."""

COLUMN_TEXTS = {
    "incident_id": ("警情编号", "incident"),
    "local_date": ("日期", "day"),
    "received_ms": ("接报", "became known"),
    "category": ("类别", "category"),
    "severity": ("等级", "severity"),
    "source": ("来源", "source"),
    "kind": ("计入方式", "counted as"),
    "place_class": ("场所分类", "place class"),
    "place": ("地点", "place"),
    "branch": ("分局", "branch"),
    "station": ("派出所", "station"),
    "zone": ("区域", "zone"),
    "lat": ("纬度", "latitude"),
    "lon": ("经度", "longitude"),
    "call_received_ms": ("接警", "call received"),
    "answered_ms": ("接听", "answered"),
    "dispatched_ms": ("派警", "dispatched"),
    "accepted_ms": ("接单", "accepted"),
    "enroute_ms": ("出警", "en route"),
    "on_scene_ms": ("到场", "on scene"),
    "closed_ms": ("办结", "closed"),
    "answering_s": ("接听用时（秒）", "answering (s)"),
    "dispatch_s": ("派警用时（秒）", "dispatch (s)"),
    "turnout_s": ("出警用时（秒）", "turnout (s)"),
    "travel_s": ("途中用时（秒）", "travel (s)"),
    "response_s": ("响应用时（秒）", "response (s)"),
    "handling_s": ("处置用时（秒）", "handling (s)"),
    "units": ("出动警力数", "units"),
    "disposition": ("处置结果", "disposition"),
    "origin": ("数据来源", "origin"),
}

HEADS = {
    "zh": [zh for zh, _ in COLUMN_TEXTS.values()],
    "en": [en for _, en in COLUMN_TEXTS.values()],
}
CUT = {
    "zh": "…… 仅含前 {n} 行，共 {total} 行；请缩短时段或增加筛选条件",
    "en": "… only the first {n} of {total} rows; choose a shorter period or more filters",
}
