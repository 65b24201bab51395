"""The words of the briefings, in Chinese and English: ``TEXTS[key] == (zh, en)``; ``{name}`` marks a value.

Names of categories, classes and verdicts are those of wall and statistics page, which are handed in (words.py).
"""

from briefings.texts_drones import DRONE_TEXTS
from briefings.texts_tables import TABLE_TEXTS, TILE_TEXTS

FRAME_TEXTS = {
    "brief.title.day": ("警情日研判", "Daily briefing"),
    "brief.title.week": ("警情周分析", "Weekly briefing"),
    "brief.title.month": ("警情月通报", "Monthly bulletin"),
    "brief.title.quarter": ("警情季度通报", "Quarterly bulletin"),
    "brief.title.year": ("警情年度通报", "Annual bulletin"),
    "brief.title.key": ("重要节点警情通报", "Key date bulletin"),
    "brief.period": ("{name}（{span}）", "{name} ({span})"),
    "brief.sofar": ("本期尚未结束，统计至 {time}", "The period is under way: counted up to {time}"),
    "brief.gaps": (
        "本期有 {share} 的时间没有记录，起数偏低",
        "{share} of the period was not recorded: counts are low",
    ),
    "brief.footer": ("{city} · {title} · {period} · {data}", "{city} · {title} · {period} · {data}"),
    "brief.page": ("第 {page} 页，共 {pages} 页", "page {page} of {pages}"),
    "brief.more": ("另有 {n} 项未列出，见数据表", "{n} more in the data sheets"),
    "brief.missing": ("{n} 起无此字段，未列入。", "Without this field and not in the list: {n}."),
    "brief.cut": ("另有 {n} 项超出可列数目。", "Beyond what can be listed: {n}."),
    "brief.nolist": (
        "没有辖区清单，未发案的不会出现。",
        "No list of places is known: those without incidents cannot appear.",
    ),
    "section.situation": ("总体情况", "The situation"),
    "section.categories": ("警情类别", "Categories"),
    "section.hours": ("时间规律", "When"),
    "section.response": ("快反与处置", "Responses"),
    "section.heat": ("空间分布与热点", "Where"),
    "section.ranking": ("辖区排名", "Jurisdictions"),
    "section.quiet": ("零发案", "Without incidents"),
    "section.presence": ("见警率", "Police presence"),
    "section.drones": ("无人机", "Drones"),
    "section.proposals": ("工作建议", "Proposals"),
    "section.appendix": ("附录：口径与公式", "Appendix: definitions and formulas"),
}

SAY_TEXTS = {
    "say.stop": ("{text}。", "{text}."),
    "say.vs": ("{vs}（{when}）", "{vs} ({when})"),
    "say.against": ("{vs}{value} 起，{change}，{verdict}", "{vs}: {value}, {change}, {verdict}"),
    "say.against.few": ("{vs}{value} 起，{verdict}", "{vs}: {value}, {verdict}"),
    "say.against.gap": ("{vs}{value} 起，不作比较：{why}", "{vs}: {value}, not compared: {why}"),
    "say.against.none": ("{vs}不可比：{why}", "{vs}: no comparison ({why})"),
    "say.perday": ("按日均 {change}", "{change} per day"),
    "say.spans": ("{n} 期，{first} 至 {last}", "{n} periods, {first} to {last}"),
    "say.gaps": ("（两期之一有数据缺口）", " (one of the two has a feed gap)"),
    "say.share": ("{vs}{value}（n = {n}），{change}，{verdict}", "{vs}: {value} (n = {n}), {change}, {verdict}"),
    "say.total": ("本期警情 {n} 起。", "{n} incidents in the period."),
    "say.total.mean": ("本期警情 {n} 起，日均 {mean} 起。", "{n} incidents in the period, {mean} a day."),
    "say.apart": (
        "另计、不入统计：演练 {exercise} 起，无效 {invalid} 起，分流 {diverted} 起。",
        "Counted apart: drills {exercise}, invalid {invalid}, diverted {diverted}.",
    ),
    "say.category": ("{name} {n} 起，{told}。", "{name}: {n}; {told}."),
    "say.category.calm": (
        "{n} 个类别中，没有一类与{vs}之差超出偶然波动。",
        "None of {n} categories differs by more than chance from: {vs}.",
    ),
    "say.category.more": (
        "另有 {n} 个类别变化显著，见类别表。",
        "More categories that changed significantly, in the table: {n}.",
    ),
    "say.hour": ("{first}—{last}", "{first}–{last}"),
    "say.peak": ("高峰为 {hour}，{n} 起。", "The busiest hour is {hour} with {n} incidents."),
    "say.peak.band": (
        "高峰为 {hour}，{n} 起；{k} 个可比时段的均值 {mean}，80% 区间 {low}—{high}。",
        "The busiest hour is {hour} with {n} incidents; mean of {k} comparable periods {mean}, 80% band {low}–{high}.",
    ),
    "say.hours.above": (
        "{n} 个小时高于 80% 区间（{hours}）；24 个小时中纯属偶然也约有 2 个会高于区间。",
        "Hours above the 80% band: {n} ({hours}); of 24 about 2 would be by chance alone.",
    ),
    "say.hours.calm": ("没有一个小时高于 80% 区间。", "No hour lies above the 80% band."),
    "say.rhythm": (
        "一周之中{day} {hour} 最多：{n} 起，平均每次 {mean} 起；全部 {cells} 格的平均为 {usual} 起。",
        "In the week {day} {hour} has most: {n} incidents, {mean} each time; the mean of all {cells} cells is "
        "{usual}.",
    ),
    "say.trend.above": (
        "{day} {n} 起，高于控制上限 {limit}（可比日均 {mean}）。",
        "{day}: {n}, above the control limit of {limit} (usual {mean}).",
    ),
    "say.trend.below": (
        "{day} {n} 起，低于控制下限 {limit}（可比日均 {mean}）。",
        "{day}: {n}, below the control limit of {limit} (usual {mean}).",
    ),
    "say.trend.calm": (
        "可判断的 {n} 天都在控制限之内，日间起伏属正常波动。",
        "All {n} days that can be judged lie within the control limits: their ups and downs are noise.",
    ),
    "say.trend.one": ("当日起数在控制限之内。", "The day lies within the control limits."),
    "say.trend.gap": (
        "本期没有完整记录的一天，日走势不作判断。",
        "No day of the period was wholly recorded: none is judged.",
    ),
    "say.trend.none": ("此前天数不足，日走势没有控制限。", "Too few days before for control limits of the trend."),
    "say.response": (
        "到场达标率 {share}（{k} / {n} 起），{missing} 起没有可用的到场时间；{told}。",
        "{share} of arrivals in target ({k} of {n}), {missing} without a usable arrival time; {told}.",
    ),
    "say.response.class": (
        "{name}（目标 {target}）达标 {share}（{k} / {n} 起），中位 {p50}；{told}。",
        "{name} (target {target}): {share} in target ({k} of {n}), median {p50}; {told}.",
    ),
    "say.median": (
        "到场用时中位 {p50}、P90 {p90}（n = {n}）；{vs}中位 {before}（n = {m}），相差 {change} 秒，中位数之差未作检验"
        "。",
        "Median response {p50}, P90 {p90} (n = {n}); {vs}: median {before} (n = {m}), a difference of {change} s, "
        "which no test judges.",
    ),
    "say.median.alone": (
        "到场用时中位 {p50}、P90 {p90}（n = {n}），无可比数据。",
        "Median response {p50}, P90 {p90} (n = {n}); nothing to compare with.",
    ),
    "say.response.none": ("本期没有可用的到场时间。", "No usable arrival times in the period."),
    "say.breaches": (
        "超时 {n} 起，其中{cause}环节为主因的 {k} 起（{share}）；环比超时 {before} 起。",
        "Breaches: {n}, of them {k} ({share}) caused by {cause}; in the period before: {before}.",
    ),
    "say.breaches.alone": (
        "超时 {n} 起，其中{cause}环节为主因的 {k} 起（{share}）。",
        "Breaches: {n}, of them {k} ({share}) caused by {cause}.",
    ),
    "say.breaches.none": ("{n} 起有目标的到场均未超时。", "None of {n} responses with a target was late."),
    "say.units": (
        "{n} 起到场中，{alone} 起只派一组警力，计入 {units} 个警力单元；派出多组的，到场时间不能归于其中一组，不计。",
        "Of {n} responses {alone} are of one unit alone and count for {units} units; where several went, the times "
        "cannot be told of one of them.",
    ),
    "say.units.slow": (
        "可判断的 {judged} 个单元中，{slow} 个慢于其他单元且超出偶然波动；即使都一样快，偶然也会有约 {chance} 个。",
        " Units with enough responses to judge: {judged}; slower than the others by more than chance: {slow} (about "
        "{chance} would be if all were equally fast).",
    ),
    "say.units.lacks": (
        "来源没有说明由哪组警力处置，无法列出最慢的警力单元。",
        "The source does not tell which unit went: the slowest units cannot be named.",
    ),
    "say.open": ("截至 {time}，未办结 {n} 起。", "Open at {time}: {n}."),
    "say.open.older": (
        "截至 {time}，最近一日以来未办结 {n} 起；本期更早的警情中另有 {older} 起至今无办结时间。",
        "Open at {time}: {n} of the last day and since; of the period's earlier ones {older} have no closing time.",
    ),
    "say.open.lacks": (
        "来源不提供办结时间，无法列出未办结警情。",
        "The source tells no closing times: open ones are unknown.",
    ),
    "say.open.gap": (
        "本期没有记录，无法列出未办结警情。",
        "Nothing was recorded: open incidents are unknown.",
    ),
    "say.took": (
        "{name}：n = {n}，缺失 {missing}；30 秒以内 {first}，1 分钟以内 {within}。",
        "{name}: n = {n}, missing {missing}; {first} within 30 s, {within} within 1 min.",
    ),
    "say.took.none": ("没有一起警情具备所需的两个时间：{names}。", "No incident has both times: {names}."),
    "say.hot": ("热点 {n} 格（共检验 {tested} 格，{km2} km²）。", "Hot cells: {n} (of {tested} tested, {km2} km²)."),
    "say.hot.before": (
        "热点 {n} 格（共检验 {tested} 格，{km2} km²）；上期整期 {before} 格，其中延续 {still} 格、消退 {gone} 格，本"
        "期新增 {new} 格。",
        "Hot cells: {n} (of {tested} tested, {km2} km²); in the whole period before {before}: {still} stay, {gone} "
        "have gone, {new} are new.",
    ),
    "say.hot.none": (
        "检验 {tested} 格（{km2} km²），没有显著热点：分布与偶然散布无异。",
        "None of {tested} cells ({km2} km²) is a significant hot spot: what clusters there are may be chance.",
    ),
    "say.hot.none.before": (
        "检验 {tested} 格（{km2} km²），没有显著热点；上期有 {before} 格。",
        "None of {tested} cells ({km2} km²) is a significant hot spot; in the period before there were {before}.",
    ),
    "say.unplaced": ("{n} 起没有位置，不在图上。", "Without a position and not on the map: {n}."),
    "say.suppressed": (
        "为防止识别个人，少于 {below} 起的网格不列出（{n} 格）。",
        "Cells left out, so that those of fewer than {below} incidents tell of nobody: {n}.",
    ),
    "say.rank": ("居首：{name}，{n} 起，占 {share}；{told}。", "{name} has most: {n}, {share} of all; {told}."),
    "say.quiet.zone": ("{n} / {all} 个区域零发案（{share}）。", "{n} of {all} zones had no incident ({share})."),
    "say.quiet.station": (
        "{n} / {all} 个派出所零发案（{share}）。",
        "{n} of {all} stations had no incident ({share}).",
    ),
    "say.quiet.vs": ("{vs} {share}", "{vs}: {share}"),
    "say.quiet.unknown": (
        "没有区域或派出所清单，无法统计零发案。",
        "No list of zones or stations is known: none can be told to have no incident.",
    ),
    "say.followed": (
        "警力跟着警情走：重合度 {overlap}；{n} 起警情若完全跟随平均可达 {ceiling}，偶然偏差至多 {noise}。{told}",
        "Forces follow incidents: overlap {overlap}; {n} incidents that followed perfectly would give {ceiling} on "
        "average, give or take {noise} by chance. {told}",
    ),
    "say.followed.vs": ("{vs} {overlap}（n = {n}），{verdict}。", "{vs}: {overlap} (n = {n}), {verdict}."),
    "say.followed.few": (
        "警情太少，无法判断警力是否跟着警情走。",
        "Too few incidents to tell whether forces follow them.",
    ),
    "say.tracks": (
        "轨迹覆盖 {first} 至 {last}；{minutes} 巡逻分钟在区域内，{outside} 在区域外，区域外警情 {n} 起，均不计入占比。",
        "Tracks from {first} to {last}; {minutes} unit-minutes in zones, {outside} outside, {n} incidents outside: "
        "the outside is in no share.",
    ),
    "say.gap": (
        "数据缺口：{from} — {to}（{how}），其间警情未计。",
        "Feed gap: {from} – {to} ({how}); its incidents are not counted.",
    ),
    "say.gap.more": ("另有 {n} 处数据缺口，见附录。", "More feed gaps, in the appendix: {n}."),
    "say.gap.none": ("本期没有数据缺口。", "No feed gaps in the period."),
    "verdict.none": ("不可比", "no comparison"),
    "say.odd": ("{day} 有换钟：{hour} 出现 {times} 次。", "{day}: clocks changed, {hour} came {times} times."),
}

PROPOSAL_TEXTS = {
    "propose.presence": (
        "向{name}增加巡逻：警情 {n} 起，按现有警力占比应为 {expected} 起（z = {z}）；巡逻 {minutes} 分钟，与警情相称"
        "需 {wanted} 分钟。",
        "Patrol {name} more: {n} incidents where its share of presence fits {expected} (z = {z}); {minutes} "
        "unit-minutes where its incidents ask for {wanted}.",
    ),
    "propose.from": (
        "可从警力相对富余的{names}调剂。",
        "Minutes could come from {names}, which have more presence than their incidents ask for.",
    ),
    "propose.station": (
        "复盘{name}的到场：达标 {k} / {n} 起（{share}），按场所构成应有 {expected} 起（z = {z}），差距超出偶然。",
        "Look into the responses of {name}: {k} of {n} in target ({share}) where its places would let {expected} be "
        "(z = {z}): more than chance.",
    ),
    "propose.cause": (
        "压缩{name}的{cause}环节：{n} 起超时中 {k} 起（{share}）由它造成。",
        "Shorten {cause} at {name}: it caused {k} of {n} breaches ({share}).",
    ),
    "propose.category": ("针对{name}部署专项防范：{n} 起，{told}。", "Act on {name}: {n}; {told}."),
    "propose.hot": (
        "把新增热点纳入巡逻路线：{names}；上期均非热点。",
        "Take the new hot spots into the patrols: {names}; none was hot in the period before.",
    ),
    "propose.none": (
        "没有一项指标超出偶然波动到需要调整部署，本期不提建议。",
        "No figure is so far beyond chance that deployment should change: no proposals.",
    ),
}

BRIEFING_TEXTS: dict[str, tuple[str, str]] = {
    **FRAME_TEXTS,
    **SAY_TEXTS,
    **PROPOSAL_TEXTS,
    **TILE_TEXTS,
    **TABLE_TEXTS,
    **DRONE_TEXTS,
}
