/**
 * The quiet dark look of a .pmtiles basemap, as rules for protomaps-leaflet; the layers are those that
 * data_feeds/basemap makes. Colours as in basedraw.js. Nothing here is as bright as the dimmest icon.
 *
 * @typedef {{layer: string, kinds?: string[], color: string, width?: [number, number][], from?: number, dash?: number[],
 *            under?: boolean, fill?: boolean}} GroundPaint widths in CSS px by zoom
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const GROUND = "#0d151e", WATER = "#0f2233", GREEN = "#0f1d1c", BUILDING = "#131e29";
  const GROWTH = 1.5;
  const FONT = '"Noto Sans SC Variable", "Noto Sans SC", sans-serif';
  const HALO_PX = 2.5, REPEAT_PX = 420;

  /** from below @type {GroundPaint[]} */
  const PAINT = [
    { layer: "green", color: GREEN, fill: true },
    { layer: "water", color: WATER, fill: true },
    { layer: "water", kinds: ["river"], color: WATER, width: [[9, 0.8], [13, 2.5], [17, 10]] },
    { layer: "water", kinds: ["canal", "stream", "drain", "ditch"], color: WATER, width: [[12, 0.6], [17, 4]] },
    { layer: "building", color: BUILDING, fill: true, from: 15 },
    { layer: "rail", kinds: ["subway"], color: "#1a2632", width: [[12, 0.5], [17, 1.2]], dash: [5, 4], from: 14 },
    { layer: "rail", kinds: ["tram"], color: "#1f2d3a", width: [[14, 0.4], [18, 1.2]], from: 15 },
    { layer: "rail", kinds: ["rail", "light_rail", "narrow_gauge", "monorail"], color: "#212f3c", width: [[10, 0.5], [15, 1], [18, 2]] },
    { layer: "road", kinds: ["path"], color: "#182430", width: [[15, 0.5], [17, 1.4], [19, 4]], dash: [3, 2.5], from: 16 },
    { layer: "road", kinds: ["service"], color: "#1a2733", width: [[14, 0.5], [16, 1.4], [18, 5]], from: 14 },
    { layer: "road", kinds: ["residential"], color: "#1d2c39", width: [[12, 0.5], [14, 1.2], [16, 3.2], [18, 11]] },
    { layer: "road", kinds: ["tertiary"], color: "#213241", width: [[11, 0.6], [14, 1.7], [16, 4.2], [18, 13]] },
    { layer: "road", kinds: ["secondary"], color: "#253847", width: [[10, 0.6], [14, 2.1], [16, 5], [18, 15]] },
    { layer: "road", kinds: ["primary"], color: "#2a3f50", width: [[8, 0.6], [12, 1.4], [14, 2.6], [16, 5.8], [18, 17]] },
    { layer: "road", kinds: ["trunk", "motorway"], color: "#304759", width: [[6, 0.6], [12, 1.9], [14, 3], [16, 6.4], [18, 18]] },
  ];
  const TUNNEL_ALPHA = 0.4;

  /** most important first: what comes first takes its room
   *  @type {{kinds: string[], px: number, color: string, from: number, to?: number, weight?: number, spaced?: boolean}[]} */
  const PLACES = [
    { kinds: ["city"], px: 15, color: "#8194a8", from: 0, to: 13, weight: 500 },
    { kinds: ["town", "borough"], px: 13, color: "#76889b", from: 8, to: 15 },
    { kinds: ["suburb", "village", "quarter", "island"], px: 13, color: "#6d8095", from: 11, to: 17 },
    { kinds: ["neighbourhood", "hamlet", "locality", "islet"], px: 12, color: "#617488", from: 14 },
    { kinds: ["water"], px: 12, color: "#3f6383", from: 11 },
    { kinds: ["park", "square"], px: 12, color: "#4d6b66", from: 13 },
  ];
  /** @type {{kinds: string[], px: number, from: number}[]} */
  const STREETS = [
    { kinds: ["motorway", "trunk", "primary"], px: 12, from: 14 },
    { kinds: ["secondary", "tertiary"], px: 12, from: 15 },
    { kinds: ["residential"], px: 12, from: 16.5 },
    { kinds: ["service", "path"], px: 11, from: 18 },
  ];

  /** Names in the viewer's language, else as on the spot. @param {string} lang @returns {string[]} */
  function nameKeys(lang) {
    return lang === "en" ? ["name_en", "name"] : ["name_zh", "name"];
  }

  /** @param {[number, number][]} stops @param {number} zoom @returns {number} */
  function widthAt(stops, zoom) {
    if (zoom <= stops[0][0]) return stops[0][1];
    for (let k = 1; k < stops.length; k++) {
      const [z0, w0] = stops[k - 1], [z1, w1] = stops[k];
      if (zoom <= z1) return w0 + ((w1 - w0) * (GROWTH ** (zoom - z0) - 1)) / (GROWTH ** (z1 - z0) - 1);
    }
    return stops[stops.length - 1][1];
  }

  /**
   * @param {any} protomaps the library's global @param {string} lang zh or en
   * @param {() => number} grow how much larger than on a tile at its own zoom on a wall of scale 1 things are drawn;
   *   at 2 a tile shows what it shows one zoom earlier at 1
   * @returns {{paintRules: any[], labelRules: any[]}}
   */
  function rules(protomaps, lang, grow) {
    const seen = (/** @type {number} */ zoom) => zoom - Math.log2(grow()) + 1e-6;
    /** @type {(kinds: string[]|undefined, from: number, under: boolean|null) => any} */
    const filter = (kinds, from, under) => (/** @type {number} */ zoom, /** @type {any} */ f) => seen(zoom) >= from
      && (!kinds || kinds.includes(f.props.class)) && (under === null || (f.props.under === 1) === under);
    const paintRules = PAINT.flatMap((paint) => {
      const { layer, kinds, color, from = 0 } = paint;
      if (paint.fill) {
        const only = (/** @type {number} */ zoom, /** @type {any} */ f) => f.geomType === 3 && seen(zoom) >= from;
        return [{ dataLayer: layer, filter: only, symbolizer: new protomaps.PolygonSymbolizer({ fill: color }) }];
      }
      const width = (/** @type {number} */ zoom) => widthAt(paint.width ?? [[0, 1]], seen(zoom)) * grow();
      return [true, false].map((under) => ({
        dataLayer: layer, filter: filter(kinds, from, under),
        symbolizer: new protomaps.LineSymbolizer({
          color, width, opacity: under ? TUNNEL_ALPHA : 1, lineCap: paint.dash ? "butt" : "round", lineJoin: "round",
          ...(paint.dash ? { dash: () => (paint.dash ?? []).map((d) => d * grow()), dashColor: color, dashWidth: width } : {}),
        }),
      }));
    });
    const text = (/** @type {number} */ px, /** @type {string} */ color, weight = 400) => ({
      labelProps: nameKeys(lang), fill: color, stroke: GROUND, width: () => HALO_PX * grow(),
      font: () => `${weight} ${(px * grow()).toFixed(2)}px ${FONT}`,
    });
    const labelRules = [
      ...PLACES.map(({ kinds, px, color, from, to = 99, weight }) => ({
        dataLayer: "place", symbolizer: new protomaps.CenteredTextSymbolizer({ ...text(px, color, weight), lineHeight: 1.3 }),
        filter: (/** @type {number} */ zoom, /** @type {any} */ f) => seen(zoom) >= from && seen(zoom) <= to && kinds.includes(f.props.class),
      })),
      ...STREETS.map(({ kinds, px, from }) => ({
        dataLayer: "road", filter: filter(kinds, from, null),
        symbolizer: new protomaps.LineLabelSymbolizer({ ...text(px, "#5d7186"), position: 2, repeatDistance: () => REPEAT_PX * grow() }),
      })),
    ];
    return { paintRules, labelRules };
  }

  wallboard.groundstyle = { rules, PAINT, PLACES };
})(/** @type {any} */ (globalThis));
