"""A small city of squares: branches A and B beside each other, two stations each, a patrol zone, a school."""

import copy


def square(west, south, east, north):
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def feature(place_id, kind, rings, parent=None, **more):
    geometry = {"type": "Polygon", "coordinates": rings}
    if isinstance(rings[0], float):
        geometry = {"type": "Point", "coordinates": rings}
    given = {"parent": parent, **more}
    properties = {"id": place_id, "kind": kind, **{k: v for k, v in given.items() if v is not None}}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


_FEATURES = [
    feature("C", "city", square(105.0, 26.0, 105.4, 26.2), name_zh="云岭市", name_en="Yunling"),
    feature("A", "branch", square(105.0, 26.0, 105.2, 26.2), "C", name_zh="江南分局", name_en="Jiangnan"),
    feature("B", "branch", square(105.2, 26.0, 105.4, 26.2), "C", name_zh="江北分局", name_en="Jiangbei"),
    feature("A1", "station", square(105.0, 26.0, 105.2, 26.1), "A", name_zh="桥南派出所", name_en="Bridge South"),
    feature("A2", "station", square(105.0, 26.1, 105.2, 26.2), "A", name_zh="中心派出所", name_en="Centre"),
    feature("B1", "station", square(105.2, 26.0, 105.4, 26.1), "B", name_zh="中心派出所", name_en="Centre"),
    feature("B2", "station", square(105.2, 26.1, 105.4, 26.2), "B", name_zh="湖畔派出所", name_en="Lakeside"),
    feature("Z1", "patrol_zone", square(105.0, 26.0, 105.1, 26.1), "A1", name_zh="一巡区", name_en="Beat 1"),
    feature("S1", "school", [105.05, 26.05], "A1", name_zh="一小", name_en="School 1", hours=["07:00-08:30"]),
]


def document():
    return {"type": "FeatureCollection", "features": copy.deepcopy(_FEATURES)}
