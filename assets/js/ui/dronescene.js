// The scene "drones": the map follows the drones in the air, unless a person or a followed unit leads it.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const CLOSEST_ZOOM = 15.5;
  const MARGIN_REM = 4;
  const EVERY_MS = 4000;
  // drones in sight that fill less than this of the map are looked at more closely
  const LEAST_FILLED = 0.3;

  /** brings back the map's view of the scene before @type {(() => void)|null} */
  let back = null;
  let movedAt = -Infinity;

  const flying = () => (ui.body("drones")?.drones ?? []).filter(ui.airborne);

  /** Those that are not out of this world: one wrong fix must not lead the map to another continent. With no bounds of the
   *  wall's own, or none within reach of them, all. @param {any[]} drones @param {string|undefined} bounds south,west,north,east */
  function near(drones, bounds) {
    const [south, west, north, east] = (bounds ?? "").split(",").map(Number);
    const tall = north - south, wide = east - west;
    if (!(tall > 0 && wide > 0)) return drones;
    const found = drones.filter(({ lat, lon }) => lat > south - tall && lat < north + tall && lon > west - wide && lon < east + wide);
    return found.length ? found : drones;
  }

  /** Corners of what the drones see, and they themselves, as Leaflet's points. */
  function points() {
    /** @type {[number, number][]} */
    const found = [];
    for (const drone of near(flying(), document.getElementById(ui.ids.WALL)?.dataset.bounds)) {
      for (const [lat, lon] of [[drone.lat, drone.lon], ...(drone.footprint ?? [])]) {
        if (Number.isFinite(lat) && Number.isFinite(lon)) found.push(wallboard.datum.latLng(lat, lon));
      }
    }
    return found;
  }

  /** @param {any} map @param {any} bounds @param {number} zoom that would show all of it */
  function wellSeen(map, bounds, zoom) {
    if (!map.getBounds().contains(bounds)) return false;
    return 2 ** (map.getZoom() - Math.min(zoom, CLOSEST_ZOOM)) >= LEAST_FILLED;
  }

  /** @param {boolean} gently */
  function follow(gently) {
    const map = ui.map, leaflet = globalThis.window?.L;
    const now = performance.now();
    if (!map?._loaded || !leaflet || map._animatingZoom || ui.state.followed !== null || now - movedAt < EVERY_MS) return;
    if (gently && ui.attended()) return;
    const all = points();
    if (!all.length) return;
    const bounds = leaflet.latLngBounds(all);
    const rem = Number.parseFloat(document.documentElement.style.fontSize) || 12;
    const padding = leaflet.point(MARGIN_REM * rem, MARGIN_REM * rem);
    const zoom = map.getBoundsZoom(bounds, false, padding.multiplyBy(2));
    if (gently && wellSeen(map, bounds, zoom)) return;
    movedAt = now;
    map.fitBounds(bounds, { padding, maxZoom: CLOSEST_ZOOM, animate: gently, duration: 0.6 });
  }

  (ui.scenes ??= {}).drones = {
    /** those last heard in the air count, however old that is: a dead feed must not look like an empty sky */
    idle: () => flying().length === 0,
    enter() {
      back = ui.keepView?.() ?? null;
      movedAt = -Infinity;
    },
    leave() {
      back?.();
      back = null;
    },
    tick() {
      follow(movedAt > -Infinity);
    },
    near,
  };
})();
