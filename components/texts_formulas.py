"""What every figure means, as plain text in Chinese and English: ``FORMULAS[id] == (zh, en)``; lines by ``\\n``.

Ids are those that the figures carry (``formula``). They are no part of the wall's catalogue: the statistics page and
the API tell one when it is asked for. docs/figures.md has the sources.
"""

from __future__ import annotations

_CHANGE_ZH = (
    "环比对上一期，同比对去年同期；本期未完时，只与对比期的同一段相比。\n"
    "变化 % = (a − b) / b × 100；a：本期起数；b：对比的 k 期的平均起数。\n"
    "z = (√a − √b) / √(1/4 + 1/(4k))；|z| > 3 才算显著，否则为波动内；a、b 都不足 10 时为样本少，不给百分比；b 为 "
    "0 不给百分比。\n"
    "两期天数不等时，b 按有记录的天数折算后再比；漏记超过十分之一的时段不比。"
)
_CHANGE_EN = (
    "Against the period before and the same period last year; a period under way against the same part of them.\n"
    "change % = (a − b) / b × 100; a: count of this period; b: mean count of the k periods compared with.\n"
    "z = (√a − √b) / √(1/4 + 1/(4k)); significant if |z| > 3, else within noise; few, and without a percentage, "
    "if a and b are both below 10; no percentage of zero.\n"
    "Of periods of different length b is taken per recorded day; a span of which more than a tenth was not "
    "recorded is not compared."
)

FORMULAS: dict[str, tuple[str, str]] = {
    "count": (
        "起数 = 本期内接报、且符合筛选条件的警情数；演练、无效、分流警情不计入，另行列出。\n"
        f"{_CHANGE_ZH}",
        "count = incidents that became known in the period and fit the filters; drills, invalid and diverted ones "
        "are told apart.\n"
        f"{_CHANGE_EN}",
    ),
    "apart": (
        "每起警情只归入首个成立的一类：演练、无效、分流。\n"
        f"{_CHANGE_ZH}",
        "Every incident under the first that holds: drill, invalid, diverted.\n"
        f"{_CHANGE_EN}",
    ),
    "change": (_CHANGE_ZH, _CHANGE_EN),
    "ranking": (
        "名次：起数多者在前；起数相同者名次相同、按代码排列，下一名顺延（1、2、2、4）。\n"
        "占比 = 本项起数 / 有此项信息的全部起数。\n"
        f"{_CHANGE_ZH}",
        "Rank: most first; equal counts share a rank and stand in order of their code, the next one counts on (1, "
        "2, 2, 4).\n"
        "Share = own count / count of all incidents that carry such a key.\n"
        f"{_CHANGE_EN}",
    ),
    "hours": (
        "每小时起数，按钟点。\n"
        "阴影带：最近 8 个同类时段（按日看为最近 8 个同一星期几的日子）同一小时起数的中间 80 %，"
        "取第 p·(k+1) 个排序值，p = 0.1 与 0.9。\n"
        "不足 8 个时，取负二项分布的第 10 与第 90 百分位：均值为其平均数 m，方差为 m·d·(1 + 1/k)；d：各小时合并的"
        "方差与均值之比，至少为 1；k：时段数。",
        "Incidents by hour of the clock.\n"
        "Band: the middle 80 % of what the same hour had in the last 8 like periods (of a day: the last 8 same "
        "weekdays), the sorted values of rank p·(k+1), p = 0.1 and 0.9.\n"
        "Of fewer than 8: the 10th and 90th percentile of a negative binomial with their mean m and the variance "
        "m·d·(1 + 1/k); d: variance over mean of all hours together, at least 1; k: how many periods.",
    ),
    "rhythm": (
        "星期 × 小时的起数；均值 = 起数 / 本期已有的这一星期几、这一小时的次数（未过完的按比例，漏记时段不计）。",
        "Incidents by weekday and hour; mean = count / how often this hour of this weekday has been in the period "
        "(one under way in part, gaps left out).",
    ),
    "trend": (
        "每日起数与控制界限（u 图，分星期，Laney 修正）。\n"
        "界限 = e·m ± 3·σ·√(e·m·(1 + 1/k))；m：此前基准期内同一星期几的日均；e：当日有记录的时长（天）；k：同星期"
        "几的天数。\n"
        "σ = z 的平均移动极差 / 1.128，至少为 1；z = (n/e − m) / √(m/e)；n：当日起数。\n"
        "基准期：所示日期之前 8 周（季、年为之前一年）；未完的日与漏记超过十分之一的日不判。",
        "Incidents of each day with control limits (u-chart by weekday, after Laney).\n"
        "limits = e·m ± 3·σ·√(e·m·(1 + 1/k)); m: mean per day of that weekday in the base period; e: recorded "
        "length of the day in days; k: days of that weekday.\n"
        "σ = mean moving range of z / 1.128, at least 1; z = (n/e − m) / √(m/e); n: incidents of the day.\n"
        "Base: the 8 weeks before the days shown (quarter and year: a year before); days under way and days of "
        "which more than a tenth is missing are not judged.",
    ),
    "quiet": (
        "零发案占比 = 本期无警情的区域（或派出所）数 / 已知总数；天数：距最近一起警情的天数。",
        "Share without incidents = zones (or stations) without an incident in the period / all that are known; "
        "days: since the last one.",
    ),
    "spread": (
        "派警 = 派警 − 接警；出警 = 出警 − 派警；途中 = 到场 − 出警；响应 = 到场 − 接警；接听 = 接听 − 接警。\n"
        "n：两个时刻都有且先后合理的警情数；其余为缺失，不按 0 计。P50、P90、P95：百分位数，相邻两值间线性插值。\n"
        "达标率 = 响应时长不超过场所目标的警情数 / 有响应时长且场所有目标的警情数；合计中各类按各自目标。\n"
        "与对比期：中位数之差（双方至少 10 起）；达标率之差用两比例检验 z = (p₁ − p₂) / √(p·(1 − p)·(1/n₁ + 1/n₂))"
        "，p：两期合并的达标率；|z| > 3 才算显著；n 不足 10 或期望数不足 5 时为样本少。",
        "dispatch = dispatched − received; turnout = en route − dispatched; travel = on scene − en route; "
        "response = on scene − received; answering = answered − received.\n"
        "n: incidents with both times in the right order; the others are missing, never zero. P50, P90, P95: "
        "percentiles, linear between neighbouring values.\n"
        "share in target = responses within the target of their place class / responses whose class has a target; "
        "in all together each class by its own.\n"
        "Against a comparator: difference of the medians (10 or more on either side); of the share in target z = "
        "(p₁ − p₂) / √(p·(1 − p)·(1/n₁ + 1/n₂)), p: the share of both together; significant if |z| > 3; few if n "
        "is below 10 or an expected number below 5.",
    ),
    "stations": (
        "达标率 = 本所达标数 / 本所有目标的响应数。期望 = Σ 各类场所的本所响应数 n × 全部派出所达标率 X/N。\n"
        "z = (达标数 − 期望) / √Σ n·(N−n)·X·(N−X) / (N²·(N−1))（Mantel–Haenszel，按场所类分层）；|z| > 3 才算与其"
        "他所不同。",
        "share in target = own in target / own responses with a target. expected = Σ over place classes of own "
        "responses n × the share X/N of all stations.\n"
        "z = (in target − expected) / √Σ n·(N−n)·X·(N−X) / (N²·(N−1)) (Mantel–Haenszel, by place class); differs "
        "from the others if |z| > 3.",
    ),
    "units": (
        "只计只派一组警力的警情；派出多组的，到场时间不能归于其中一组。达标率、期望、z 与派出所到场达标同法，以全部可"
        "归属的响应为比较对象；按 z 从小到大，样本少的在后，按达标数 − 期望排列。",
        "Only incidents to which one unit alone was sent: where several went, the times cannot be told of one of them. "
        "Share in target, expected and z as for the stations, among all responses that are told of a unit; by z, the "
        "least first, then those of few responses by in target − expected.",
    ),
    "breaches": (
        "超时：响应时长超过场所目标 T。原因：超出其分配时长最多的那一段；无一段超出或都缺失时为不明。\n"
        "分配时长 = T × m / (m派警 + m出警 + m途中)；m：该类场所在本月之前 3 个整月的中位数（不足 10 起时用本月，再"
        "不足用各类场所的加权平均），取整后三段之和为 T。",
        "Breach: a response longer than the target T of its place class. Cause: the interval that exceeds its "
        "allowance by most; unknown if none does or none is known.\n"
        "allowance = T × m / (m dispatch + m turnout + m travel); m: medians of that class in the 3 calendar "
        "months before this month (of fewer than 10 this month's, then the weighted mean of all classes); in whole "
        "seconds that make T.",
    ),
    "sighting": (
        "见警 = 警力在区内的巡逻分钟（据定位轨迹）；每公里 = 分钟 / 天数 / 区内道路公里（双向道路计一次）；每平方"
        "公里同理。\n"
        "短缺：区内警情 k 多于按警力占比应有的 e = n × 警力占比，z = 2·(√k − √e) > 3；富余 z < −3；k、e 都不足 10 "
        "时为样本少。\n"
        "应有分钟 = 全部分钟 × 警情占比。不在任何区内的分钟与警情不计入占比，另行列出。",
        "Presence = patrol minutes of units in the zone, from their tracks; per km = minutes / days / km of road "
        "in the zone (a street for both directions counts once); per km² likewise.\n"
        "Short: the zone has more incidents k than e = n × its share of presence, z = 2·(√k − √e) > 3; ample: z < "
        "−3; few if k and e are both below 10.\n"
        "wanted minutes = all minutes × share of incidents. What lies in no zone is left out of all shares and "
        "told apart.",
    ),
    "followed": (
        "警力跟着警情走 = 1 − ½·Σ|p − q|，对全部区 × 小时求和；p：巡逻分钟占比；q：警情占比。1 为完全一致，0 为完"
        "全错开。\n"
        "上限 = 若警情恰按警力分布落下，偶然性所允许的平均值 = 1 − 1/(2n)·Σ E|k − np|，k 服从二项分布 (n, p)；n："
        "警情数。\n"
        "标准差至多 1/(2√n)；两期之差（各减上限）超过三倍才算显著。",
        "presence follows incidents = 1 − ½·Σ|p − q| over all zones × hours; p: share of patrol minutes; q: share "
        "of incidents. 1: alike, 0: nowhere together.\n"
        "ceiling = what chance would leave on average if incidents fell exactly as presence is spread = 1 − "
        "1/(2n)·Σ E|k − np|, k binomial (n, p); n: incidents.\n"
        "Its standard deviation is at most 1/(2√n); two periods (each less its ceiling) differ if by more than "
        "three of them.",
    ),
    "heat": (
        "每格起数；密度 = 起数 / 该格面积 (km²)。H3 六边形，8 级约 0.74 km²；按警情所在的 9 级格归入其上级格。\n"
        "导出时不列少于 k 起的格，并再略去若干格，使其无法由合计推出。\n"
        f"{_CHANGE_ZH}",
        "Incidents of each cell; density = count / area of that cell (km²). H3 hexagons, 0.74 km² at resolution "
        "8; an incident belongs to the parent of its cell of resolution 9.\n"
        "Exports leave out cells with fewer than k incidents, and as many more as keep them from being worked out.\n"
        f"{_CHANGE_EN}",
    ),
    "hot": (
        "Gi* = (Σx − W·x̄) / (S·√((N·W − W²)/(N − 1)))；Σx：本格与相邻格的起数之和；W：这些格的数目；x̄、S：研究区"
        " N 格的均值与标准差。\n"
        "p：Gi* 至少如此之大的概率，按起数重新随机分配到各格时的前三阶矩（皮尔逊 III 型）；q：按 N 次检验校正（"
        "Benjamini–Hochberg）。\n"
        "热点：q ≤ 0.05 且 Σx 不少于 10。研究区：中心在辖区界内的格（含空格）及界外有本辖区警情的格；无界线时，为"
        "本期、上期、去年同期有警情的格及其相邻格。",
        "Gi* = (Σx − W·x̄) / (S·√((N·W − W²)/(N − 1))); Σx: incidents in the cell and its neighbours; W: how many "
        "cells these are; x̄, S: mean and standard deviation of the N cells of the study area.\n"
        "p: how likely so large a Gi* is if the counts are dealt out to the cells anew, by the first three "
        "moments of that (Pearson III); q: corrected for N tests (Benjamini–Hochberg).\n"
        "Hot: q ≤ 0.05 and Σx at least 10. Study area: cells whose centre lies within the outline of the "
        "jurisdiction, empty ones too, and those beyond it that hold its incidents; without an outline the cells "
        "that had an incident in this period, the one before or the year before, and their neighbours.",
    ),
    "drones": (
        "在空：无人机报告离地 2 米以上，或不报高度；一分钟内有一次即计一分钟，位置和任务取该分钟最早一次报告。\n"
        "架次：同一架无人机前后相隔不超过 3 分钟的在空分钟合为一架次；隔得更久，无法确认仍是同一次飞行。\n"
        "识别：机载识别上报的次数，同一事物再次识别再计一次；类别限于设定的清单，清单之外计为不明。\n"
        f"{_CHANGE_ZH}",
        "In the air: a drone tells more than 2 m above ground, or no height; a minute counts when that was heard once "
        "within it, at the place and on the mission of the first time.\n"
        "Sortie: minutes of one drone in the air of which none comes more than 3 minutes after the one before; after "
        "a longer silence nobody knows that it is the same flight.\n"
        "Detections: how often what drones carry found something; the same thing found again counts again; kinds are "
        "those of a list, others are unknown.\n"
        f"{_CHANGE_EN}",
    ),
}


def formula(name: str, lang: str) -> str:
    """The text of formula ``name`` in ``lang`` (zh or en). Raises KeyError for one that nobody wrote."""
    return FORMULAS[name][0 if lang == "zh" else 1]
