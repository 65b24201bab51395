"""Every string of the interface, in Chinese and English: ``TEXTS[key] == (zh, en)``.

The page carries the catalogue once, as JSON in a data attribute; the browser picks the language, so that switching
needs no server. ``{name}`` marks a value that the browser fills in. Names of incident categories and detection kinds
are the words of the messages in lower case; a word that is not here is shown as it came.
"""

from __future__ import annotations

import json

LANGUAGES = ("zh", "en")

WALL_TEXTS = {
    "language.other": ("EN", "中文"),
    "language.switch": ("Switch to English", "切换到中文"),
    "replay": ("回放", "REPLAY"),
    "data.none": ("尚无数据", "no data yet"),
    "data.loading": ("正在读取", "loading"),
    "data.still": ("面板停更", "stands still"),
    "data.stale": ("{age} 未更新", "no update for {age}"),
    "data.lost": ("已中断 {age}", "lost for {age}"),
    "data.never": ("无数据", "no data"),
    "data.useless": ("无可用数据", "nothing usable"),
    "data.missing": ("主题不存在", "topic missing"),
    "data.fresh": ("{n} 路数据正常", "{n} feeds fresh"),
    "more": ("另有 {n} 条", "{n} more"),
    "close": ("关闭", "Close"),
    "link.connecting": ("正在连接…", "Connecting…"),
    "link.broken": ("地图无法显示", "The map cannot be shown"),
    "link.basemap": ("底图读取失败", "The basemap could not be read"),
    "link.lost": ("连接中断 {age}", "Disconnected for {age}"),
    "link.asof": ("画面停在 {time}，正在重连", "Picture as of {time}; reconnecting"),
    "link.never": ("尚未收到数据，正在重连", "No data received yet; reconnecting"),
}

SCENE_TEXTS = {
    "scene.map": ("地图", "Map"),
    "scene.drones": ("无人机", "Drones"),
    "wall.newer": ("新版本 · 重新载入", "New version · reload"),
    "wall.lost": ("连接中断", "Disconnected"),
}

FEED_TEXTS = {
    "feed.roster": ("名册", "Roster"),
    "feed.position": ("定位", "Positions"),
    "feed.status": ("状态", "Status"),
    "feed.incident": ("警情", "Incidents"),
    "feed.telemetry": ("无人机", "Drones"),
    "feed.detection": ("识别", "Detections"),
    "feed.device": ("设备", "Devices"),
    "feed.clock": ("时钟", "Clock"),
    "feed.deadletter": ("死信", "Dead letters"),
    "feed.lag": ("积压 {n}", "{n} behind"),
    "feed.rate": ("{n} 条/s", "{n}/s"),
    "feed.refused": ("拒收 {n}", "{n} refused"),
}

# what a replayed source does not tell and a viewer would miss; other fields are not worth a line
LACK_TEXTS = {
    "lacks.incident": ("来源无警情", "The source has no incidents"),
    "lacks.incident.place_class": ("来源无场所分类，不倒计时", "No place classes in the source: no countdown"),
    "lacks.incident.call_received": ("来源无接警时间，不倒计时", "No call times in the source: no countdown"),
    "lacks.incident.on_scene": ("来源无到场时间", "No arrival times in the source"),
    "lacks.unit": ("来源无警力", "The source has no units"),
    "lacks.unit.status": ("来源无警力状态", "No unit statuses in the source"),
    "lacks.drone": ("来源无无人机", "The source has no drones"),
}

UNIT_TEXTS = {
    "units.title": ("警力", "Units"),
    "units.onmap": ("在线", "reporting"),
    "units.total": ("名册 {n}", "roster {n}"),
    "units.stale": ("定位过时 {n}", "{n} stale"),
    "units.sos": ("紧急求助", "SOS"),
    "units.types": ("类型", "Types"),
    "status.UNKNOWN": ("状态不明", "Unknown"),
    "status.AVAILABLE": ("可派", "Available"),
    "status.DISPATCHED": ("已派", "Dispatched"),
    "status.ENROUTE": ("途中", "En route"),
    "status.ON_SCENE": ("到场", "On scene"),
    "status.STANDBY": ("备勤", "Standby"),
    "status.RETURNING": ("返回", "Returning"),
    "status.OUT_OF_SERVICE": ("停勤", "Out of service"),
    "status.LOST": ("失联", "Lost"),
    "type.UNKNOWN": ("类型不明", "Unknown"),
    "type.CAR": ("巡逻车", "Car"),
    "type.MOTORCYCLE": ("铁骑", "Motorcycle"),
    "type.FOOT": ("步巡", "Foot patrol"),
    "type.TRAFFIC": ("交警", "Traffic"),
    "type.ASSAULT_VEHICLE": ("突击车", "Assault vehicle"),
    "type.COMMAND_VEHICLE": ("指挥车", "Command vehicle"),
    "type.MOBILE_PLATFORM": ("移动警务平台", "Mobile platform"),
    "type.POST": ("岗点", "Post"),
    "type.MOUNTED": ("骑警", "Mounted"),
    "type.DRONE": ("无人机", "Drone"),
    "type.HELICOPTER": ("直升机", "Helicopter"),
    "type.VOLUNTEERS": ("群防力量", "Volunteers"),
    "type.OTHER": ("其他", "Other"),
}

CARD_TEXTS = {
    "card.follow": ("跟随", "Follow"),
    "card.following": ("跟随中", "Following"),
    "card.type": ("类型", "Type"),
    "card.station": ("单位", "Station"),
    "card.speed": ("速度", "Speed"),
    "card.course": ("航向", "Course"),
    "card.fix": ("定位", "Last fix"),
    "card.crew": ("人员", "Crew"),
    "card.crew.value": ("民警 {officers} · 辅警 {auxiliaries}", "officers {officers} · auxiliaries {auxiliaries}"),
    "card.incident": ("处警", "Incident"),
    "card.accuracy": ("±{n} m", "±{n} m"),
    "card.trail": ("轨迹", "Trail"),
    "card.trail.value": ("{age} · {n} 点", "{age} · {n} points"),
    "card.trail.none": ("近 30 分钟无轨迹", "none in the last 30 min"),
    "card.ago": ("{age} 前", "{age} ago"),
    "card.nofix": ("无定位", "no fix"),
    "card.gone": ("该单元已不在名册", "This unit is no longer on the roster"),
    "card.failed": ("读取失败，5 s 后重试", "Could not be read; trying again in 5 s"),
    "card.loading": ("读取中…", "Reading…"),
    "card.closed": ("该警情已于 {time} 办结", "This incident was closed at {time}"),
    "card.unlisted": ("该警情已办结或不再列出", "This incident is closed or no longer listed"),
    "card.silent": ("该无人机不再列出", "This drone is no longer listed"),
    "card.remaining": ("剩余", "Time left"),
    "card.response": ("响应", "Response"),
    "card.age": ("已接警", "Since call"),
    "card.place": ("地点", "Place"),
    "card.class": ("场所", "Place class"),
    "card.received": ("接警", "Received"),
    "card.dispatched": ("派警", "Dispatched"),
    "card.enroute": ("出警", "En route"),
    "card.arrived": ("到场", "On scene"),
    "card.units": ("警力", "Units"),
    "card.source": ("来源", "Source"),
    "card.battery": ("电量", "Battery"),
    "card.height": ("高度", "Height"),
    "card.mission": ("任务", "Mission"),
    "card.stream": ("视频", "Video"),
    "card.recording": ("录像中", "recording"),
}

QUEUE_TEXTS = {
    "queue.title": ("在办警情", "Open incidents"),
    "queue.order": ("超时在前，再按剩余时间", "by time left"),
    "queue.newest": ("最新在前", "newest first"),
    "queue.more": ("另有 {n} 起", "{n} more"),
    "queue.aged": ("另有 {n} 起超过一天未办结", "{n} open for over a day"),
    "queue.empty": ("当前无在办警情", "No open incidents"),
    "queue.target": ("/{n} 分钟", "/{n} min"),
    "queue.age": ("已接警", "since call"),
    "queue.arrived": ("到场", "On scene"),
    "queue.overdue": ("已超时", "overdue"),
    "queue.exercise": ("演练", "Drill"),
    "queue.diverted": ("已分流", "Diverted"),
    "queue.invalid": ("无效", "Invalid"),
    "stage.none": ("未派警", "not dispatched"),
    "stage.dispatched": ("已派", "dispatched"),
    "stage.accepted": ("已接单", "accepted"),
    "stage.enroute": ("途中", "en route"),
    "stage.on_scene": ("处置中", "being handled"),
    "severity.UNKNOWN": ("等级不明", "Severity unknown"),
    "severity.LOW": ("一般", "Low"),
    "severity.MEDIUM": ("较大", "Medium"),
    "severity.HIGH": ("重大", "High"),
    "severity.CRITICAL": ("特别重大", "Critical"),
    "class.UNKNOWN": ("未分类", "Unclassified"),
    "class.KEY_SPOT": ("重点部位", "Key spot"),
    "class.CENTRE": ("中心城区", "City centre"),
    "class.OTHER": ("其他城区", "Elsewhere"),
    "source.UNKNOWN": ("来源不明", "Unknown"),
    "source.CALL": ("报警", "Call"),
    "source.VIDEO_PATROL": ("视频巡查", "Video patrol"),
    "source.PATROL": ("巡逻发现", "Patrol"),
    "source.DRONE": ("无人机", "Drone"),
    "source.SOS": ("紧急求助", "SOS"),
    "source.OTHER": ("其他", "Other"),
}

CATEGORY_TEXTS = {
    "category.": ("未分类", "Uncategorised"),
    "category.dispute": ("纠纷", "Dispute"),
    "category.domestic": ("家庭纠纷", "Domestic"),
    "category.theft": ("盗窃", "Theft"),
    "category.burglary": ("入室盗窃", "Burglary"),
    "category.vehicle_theft": ("盗车", "Vehicle theft"),
    "category.traffic": ("交通", "Traffic"),
    "category.traffic_accident": ("交通事故", "Road accident"),
    "category.congestion": ("拥堵", "Congestion"),
    "category.fraud": ("诈骗", "Fraud"),
    "category.help": ("求助", "Help request"),
    "category.welfare": ("走访查看", "Welfare check"),
    "category.public_order": ("治安", "Public order"),
    "category.disturbance": ("扰序", "Disturbance"),
    "category.noise": ("噪音扰民", "Noise"),
    "category.robbery": ("抢劫", "Robbery"),
    "category.snatching": ("抢夺", "Snatching"),
    "category.assault": ("殴打他人", "Assault"),
    "category.weapon": ("涉械", "Weapon"),
    "category.shooting": ("枪击", "Shooting"),
    "category.armed_injury": ("持械伤害", "Armed injury"),
    "category.gathering": ("人员聚集", "Gathering"),
    "category.missing_person": ("人员走失", "Missing person"),
    "category.suspicious": ("可疑情况", "Suspicious"),
    "category.fire": ("火警", "Fire"),
    "category.ems": ("医疗急救", "Medical"),
    "category.medical": ("医疗急救", "Medical"),
    "category.traffic_hazard": ("道路险情", "Traffic hazard"),
    "category.hazardous_material": ("危化品", "Hazardous material"),
    "category.utility": ("水电气故障", "Utility"),
    "category.aircraft_emergency": ("航空险情", "Aircraft emergency"),
    "category.rail_accident": ("铁路事故", "Rail accident"),
    "category.standby": ("待命", "Standby"),
    "category.alarm": ("报警器", "Alarm"),
    "category.gas": ("燃气", "Gas"),
    "category.hazard": ("险情", "Hazard"),
    "category.rescue": ("救援", "Rescue"),
    "category.sos": ("民警求助", "Officer SOS"),
    "category.vandalism": ("损毁财物", "Vandalism"),
    "category.drugs": ("涉毒", "Drugs"),
    "category.animal": ("动物", "Animal"),
    "category.other": ("其他", "Other"),
}

DRONE_TEXTS = {
    "drones.title": ("无人机", "Drones"),
    "drones.note": ("{flying} 在飞 / {ready} 就绪", "{flying} flying / {ready} ready"),
    "drones.lost": ("{n} 失联", "{n} lost"),
    "drones.more": ("+{n}", "+{n}"),
    "drones.empty": ("无在飞无人机", "No drones in the air"),
    "drones.battery": ("电量 {n}%", "battery {n}%"),
    "drones.lostnow": ("失联", "Lost"),
    "drones.nomission": ("无任务", "no mission"),
    "detection.crowd": ("聚集", "Crowd"),
    "detection.vehicle": ("车辆", "Vehicle"),
    "detection.illegal_parking": ("违停", "Parking"),
    "detection.fire": ("明火", "Fire"),
    "detection.smoke": ("烟雾", "Smoke"),
    "detection.congestion": ("拥堵", "Congestion"),
    "detection.accident": ("事故", "Accident"),
    "detection.intrusion": ("闯入", "Intrusion"),
    "detection.other": ("其他", "Other"),
    "detection.unknown": ("不明", "Unknown"),
}

ALARM_TEXTS = {
    "alarms.title": ("告警", "Alarms"),
    "alarms.empty": ("无告警", "No alarms"),
    "alarms.sos": ("{unit} 紧急求助", "{unit} calls for help"),
    "alarms.breach": ("{id} {category} 超时 {age}", "{id} {category} overdue {age}"),
    "alarms.feed_lost": ("{feed}数据中断 {age}", "{feed} feed lost for {age}"),
    "alarms.feed_missing": ("{feed}数据主题不存在", "{feed} topic does not exist"),
    "alarms.feed_refused": ("{feed}数据无法识别，未上图", "{feed}: nothing it sends can be used"),
    "alarms.panel_broken": ("{panel}面板停更", "{panel} panel stands still"),
    "alarms.clock_lost": ("回放时钟中断 {age}", "Replay clock lost for {age}"),
    "alarms.board_full": ("单元数已达上限，新单元未上图", "Unit limit reached: new units are not on the map"),
    "alarms.other": ("{kind}", "{kind}"),
}

MAP_TEXTS = {
    "layers.units": ("警力", "Units"),
    "layers.lost": ("失联", "Lost"),
    "layers.labels": ("呼号", "Callsigns"),
    "layers.incidents": ("警情", "Incidents"),
    "layers.drones": ("无人机", "Drones"),
    "layers.basemap": ("底图", "Basemap"),
    "search.label": ("搜索呼号", "Search callsigns"),
    "search.placeholder": ("搜索呼号", "Search callsigns"),
    "search.nothing": ("没有匹配的呼号", "No callsign matches"),
    "map.label": ("态势地图", "Live map"),
    "scale.data": ("数据 {time}", "data {time}"),
}

TEXTS: dict[str, tuple[str, str]] = {
    **WALL_TEXTS,
    **SCENE_TEXTS,
    **FEED_TEXTS,
    **LACK_TEXTS,
    **UNIT_TEXTS,
    **CARD_TEXTS,
    **QUEUE_TEXTS,
    **CATEGORY_TEXTS,
    **DRONE_TEXTS,
    **ALARM_TEXTS,
    **MAP_TEXTS,
}


def catalogue() -> str:
    """The catalogue as JSON for the page: ``{"zh": {key: text}, "en": {...}}``."""
    table = {lang: {key: pair[i] for key, pair in TEXTS.items()} for i, lang in enumerate(LANGUAGES)}
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


def text(key: str, lang: str) -> str:
    """The text of ``key`` in ``lang`` (zh or en). Raises KeyError for a key that the catalogue lacks."""
    return TEXTS[key][LANGUAGES.index(lang)]
