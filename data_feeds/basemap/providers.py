"""Online map providers, one row each. Their tiles are fetched by the viewers' browsers, never by the wall's server."""

from __future__ import annotations

from typing import NamedTuple

from data_feeds.model import Datum


class Provider(NamedTuple):
    """Addresses of tiles in Web Mercator, from below; ``{-y}`` counts from the south, ``{s}`` is one of ``subdomains``,
    ``{lang}`` is zh_cn or en, ``{key}`` the setting ``basemap_key``."""

    urls: tuple[str, ...]
    subdomains: str
    datum: Datum
    attribution: str
    max_zoom: int
    look: str  # dark: a light map turned dark; dim: photographs; plain: as it comes


def _tianditu(layer: str) -> str:
    return (
        f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
        "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
    )


TIANDITU = "© 国家地理信息公共服务平台（天地图）"
PROVIDERS = {
    "tianditu": Provider(
        (_tianditu("vec"), _tianditu("cva")), "01234567", Datum.CGCS2000, TIANDITU, 18, "dark"
    ),
    "tianditu-image": Provider(
        (_tianditu("img"), _tianditu("cia")), "01234567", Datum.CGCS2000, TIANDITU, 18, "dim"
    ),
    "gaode": Provider(
        ("https://webrd0{s}.is.autonavi.com/appmaptile?lang={lang}&size=1&scale=1&style=8&x={x}&y={y}&z={z}",),
        "1234", Datum.GCJ02, "© 高德地图 AutoNavi", 18, "dark",
    ),
    "tencent": Provider(
        ("https://rt{s}.map.gtimg.com/tile?z={z}&x={x}&y={-y}&type=vector&styleid=3",),
        "0123", Datum.GCJ02, "© 腾讯地图 Tencent", 18, "dark",
    ),
}  # fmt: skip
