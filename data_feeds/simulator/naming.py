"""Names for Yunling in Chinese and English: streets by role, branches by place, spots by what they are. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data_feeds.simulator.frame import Points
from data_feeds.simulator.plan import NO_ROAD, Street
from data_feeds.simulator.skeleton import PRIMARY, RESIDENTIAL, SECONDARY, TERTIARY
from data_feeds.simulator.written import Names, Pair

ROLES = {
    "inner ring": ("内环快速路", "Inner Ring Expressway"), "middle ring": ("中环快速路", "Middle Ring Expressway"),
    "outer ring": ("绕城高速", "Ring Motorway"), "airport": ("机场高速", "Airport Motorway"),
    "north bank": ("江北滨江路", "North Embankment"), "south bank": ("江南滨江路", "South Embankment"),
    "north 0": ("人民路", "Renmin Road"), "east 1": ("云岭大道", "Yunling Avenue"),
    "east -1": ("江南大道", "Jiangnan Avenue"), "north 1": ("解放路", "Jiefang Road"),
    "north -1": ("中山路", "Zhongshan Road"), "east 2": ("朝阳路", "Chaoyang Road"),
}  # fmt: skip
GRAND = (
    "民族大道 Minzu Avenue|金象大道 Jinxiang Avenue|科园大道 Keyuan Avenue|建设大道 Jianshe Avenue|"
    "东风路 Dongfeng Road|"
    "友谊路 Youyi Road|大学路 Daxue Road|明秀路 Mingxiu Road|长湖路 Changhu Road|北湖路 Beihu Road|"
    "园湖路 Yuanhu Road|"
    "亭江路 Tingjiang Road|建造路 Jianzao Road|竹溪大道 Zhuxi Avenue|五象大道 Wuxiang Avenue|衡阳路 Hengyang Road|"
    "秀安路 Xiu'an Road|邕江大道 Yongjiang Avenue|望园路 Wangyuan Road|凤岭路 Fengling Road|青环路 Qinghuan Road|"
    "星湖路 Xinghu Road|教育路 Jiaoyu Road|新民路 Xinmin Road|桃源路 Taoyuan Road|双拥路 Shuangyong Road"
).split("|")
FIRST = (
    "云 Yun|长 Chang|朝 Chao|文 Wen|明 Ming|星 Xing|金 Jin|玉 Yu|青 Qing|松 Song|桂 Gui|梅 Mei|兰 Lan|竹 Zhu|"
    "龙 Long|凤 Feng|"
    "安 An|永 Yong|福 Fu|康 Kang|新 Xin|华 Hua|光 Guang|春 Chun|秋 Qiu|平 Ping|德 De|仁 Ren|义 Yi|和 He|景 Jing|"
    "瑞 Rui"
).split("|")
SECOND = (
    "安 an|宁 ning|兴 xing|昌 chang|泰 tai|和 he|江 jiang|湖 hu|溪 xi|泉 quan|山 shan|岭 ling|阳 yang|林 lin|"
    "园 yuan|门 men|"
    "桥 qiao|亭 ting|塘 tang|坡 po|井 jing|庆 qing|丰 feng|民 min|德 de|贤 xian|仁 ren|荣 rong|秀 xiu|苑 yuan|"
    "盛 sheng|海 hai"
).split("|")
ENDINGS = {
    PRIMARY: (("大道", "Avenue"),), SECONDARY: (("路", "Road"),),
    TERTIARY: (("路", "Road"), ("路", "Road"), ("街", "Street")), RESIDENTIAL: (("街", "Street"), ("巷", "Lane")),
}  # fmt: skip
BRANCHES = {  # by the compass, from the middle out
    "heart": ("兴宁分局", "Xingning Branch"), "south": ("江南分局", "Jiangnan Branch"),
    "east": ("青秀分局", "Qingxiu Branch"), "west": ("西乡塘分局", "Xixiangtang Branch"),
    "southeast": ("良庆分局", "Liangqing Branch"), "northwest": ("高新分局", "Gaoxin Branch"),
    "north": ("北岭分局", "Beiling Branch"), "northeast": ("凤岭分局", "Fengling Branch"),
    "southwest": ("云溪分局", "Yunxi Branch"),
}  # fmt: skip
WAYS = ("east", "northeast", "north", "northwest", "west", "southwest", "south", "southeast")
AGAIN = (("", ""), ("东", " East"), ("西", " West"), ("南", " South"), ("北", " North"), ("新", " New"))
HEART_M = 2_300.0
SPOTS = {
    "government": "市政府 City Hall|市民中心 Civic Centre|政务服务中心 Public Service Centre",
    "railway": "火车站 Railway Station|火车东站 East Railway Station",
    "hospital": "市第一人民医院 First People's Hospital|市中医院 Chinese Medicine Hospital|"
    "市妇幼保健院 Maternity Hospital|"
    "江滨医院 Riverside Hospital|医科大学附属医院 Medical University Hospital|"
    "市第二人民医院 Second People's Hospital",
    "mall": "万达茂 Wanda Mall|万象城 Vientiane Mall|航洋城 Hangyang Mall|百货大楼 Department Store|"
    "梦之岛 Dream Island Mall|"
    "和平商场 Heping Mall|华润中心 Huarun Centre|会展购物城 Expo Mall|水晶城 Crystal Mall",
    "market": "五里亭市场 Wuliting Market|淡村市场 Dancun Market|大沙田市场 Dashatian Market|"
    "江南批发市场 Jiangnan Market|"
    "北湖夜市 Beihu Night Market|海鲜批发市场 Seafood Market",
    "nightlife": "中山路美食街 Zhongshan Food Street|星光酒吧街 Xingguang Bar Street|三街两巷 Old Three Streets|"
    "滨江不夜城 Riverside Nights|建政路夜宵街 Jianzheng Supper Street",
    "square": "朝阳广场 Chaoyang Square|民族广场 Minzu Square|南湖广场 Nanhu Square|五象广场 Wuxiang Square",
    "park": "民歌湖 Minge Lake|人民公园 Renmin Park|南湖公园 Nanhu Park|青秀山 Qingxiu Hill",
    "bus_station": "江南客运站 Jiangnan Coach Station|安吉客运站 Anji Coach Station",
    "stadium": "市体育中心 Sports Centre",
}


def streets(plan_streets: list[Street], rng: np.random.Generator) -> list[Pair]:
    """A name for every street, each its own; "" for lines that nobody drives and for lanes too small to have one."""
    fresh = _fresh(rng)
    grand = iter([_pair(text) for text in rng.permutation(GRAND).tolist()])
    found: list[Pair] = [("", "")] * len(plan_streets)
    # the larger streets choose first, so that theirs are the plain names
    for k in sorted(range(len(plan_streets)), key=lambda k: plan_streets[k].road_class):
        street, sort = plan_streets[k], plan_streets[k].road_class
        if sort == NO_ROAD:
            continue
        if street.name in ROLES:
            found[k] = ROLES[street.name]
        elif street.name and (pair := next(grand, None)):
            found[k] = pair
        else:
            root, endings = next(fresh), ENDINGS.get(sort, ENDINGS[SECONDARY])
            zh, en = endings[int(rng.integers(len(endings)))]
            found[k] = (root[0] + zh, f"{root[1]} {en}")
    return found


def _fresh(rng: np.random.Generator) -> Iterator[Pair]:
    """Roots of names, all different: two syllables, later with a number of the lane."""
    known = {zh[:2] for zh in ("".join(GRAND), *(pair[0] for pair in ROLES.values()))}
    first, second = [_pair(t) for t in FIRST], [_pair(t) for t in SECOND]
    count = len(first) * len(second)
    for round_ in range(1_000):
        for k in rng.permutation(count).tolist():
            a, b = first[k // len(second)], second[k % len(second)]
            if a[0] == b[0] or a[0] + b[0] in known:
                continue
            mark = "'" if b[1][0] in "aeo" else ""
            zh, en = AGAIN[round_] if round_ < len(AGAIN) else (str(round_), f" {round_}")
            yield a[0] + b[0] + zh, a[1] + mark + b[1] + en


def _pair(text: str) -> Pair:
    zh, en = text.split(" ", 1)
    return zh, en


def names() -> Names:
    """How Yunling names its parts. One use only: names are given once."""
    free = dict(BRANCHES)

    def branch(k: int, at: Points) -> Pair:
        way = round(float(np.arctan2(at[1], at[0])) / (np.pi / 4)) % 8
        wishes = ["heart"] if np.hypot(*at) < HEART_M else []
        wishes += [WAYS[(way + turn) % 8] for turn in (0, 1, -1, 2, -2, 3, -3, 4)] + ["heart"]
        return free.pop(next((w for w in wishes if w in free), ""), (f"第{k + 1}分局", f"Branch {k + 1}"))

    def station(b: int, k: int, street: Pair) -> Pair:
        zh, en = street if street[0] else (f"{b + 1}-{k + 1}", f"No. {b + 1}-{k + 1}")
        return f"{zh}派出所", f"{en} Station"

    left = {sort: [_pair(t) for t in texts.split("|")] for sort, texts in SPOTS.items()}

    def spot(sort: str, k: int, street: Pair) -> Pair:
        return left[sort].pop(0) if left.get(sort) else (f"{street[0]}路口", f"{street[1]} Junction")

    def school(k: int, street: Pair) -> Pair:
        kinds = (("小学", "Primary School"), ("小学", "Primary School"), ("中学", "Middle School"))
        zh, en = kinds[k % 3]
        if k % 8 == 7:
            return f"市第{k // 8 + 1}中学", f"No. {k // 8 + 1} Middle School"
        root = (street[0].rstrip("路街巷大道"), street[1].rsplit(" ", 1)[0])
        return root[0] + zh, f"{root[1]} {en}"

    return Names("YL", ("云岭市", "Yunling"), branch, station, spot, school)
