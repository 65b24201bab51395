// Below the drones: worn and platforms' cameras that deliver and can be watched, as the map's worker tells them.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** @type {any[]} */
  let streams = [];
  let shownBefore = -1;

  /** @param {any} device */
  function makeStream(device) {
    const { make } = ui.dom;
    const line = make("li", "stream-line");
    line.append(make("span", "stream-name"), make("span", "stream-kind"), ui.devices.outside(make("a", "tile-watch")));
    line.addEventListener("click", async () => {
      ui.select("device", device.id);
      const carrier = device.unit_id ? await wallboard.live?.locate?.(device.unit_id) : null;
      const place = carrier ?? (await wallboard.live?.device?.(device.id));
      if (place && place.lat !== null && ui.state.selected?.id === device.id) wallboard.live?.flyTo?.(place.lat, place.lon);
    });
    return line;
  }

  /** @param {HTMLElement} line @param {any} device */
  function updateStream(line, device) {
    const { part, titled, text } = ui.dom, link = part(line, ".tile-watch");
    titled(part(line, ".stream-name"), device.name);
    text(part(line, ".stream-kind"), `${ui.texts.t(`device.${device.kind}`)} · ${ui.texts.t(`condition.${device.state}`)}`);
    text(link, ui.texts.t("drones.watch"));
    ui.devices.linkTo(link, device.stream_url, device.name);
  }

  (ui.panels ??= []).push({
    id: "drones",
    docs: ["drones", "streams"],
    start() {
      wallboard.live?.on?.("streams", (/** @type {any[]} */ told) => {
        streams = told;
        ui.changed("streams");
      });
    },
    /** @param {HTMLElement} root */
    render(root) {
      const list = ui.dom.part(root, ".streams");
      const room = Number.parseInt(getComputedStyle(list).getPropertyValue("--streams"), 10) || 0;
      const shown = streams.slice(0, room);
      ui.dom.list(list, shown, (/** @type {any} */ d) => d.id, makeStream, updateStream);
      ui.dom.show(list, shown.length > 0);
      if (shown.length !== shownBefore) ui.placeSoon();
      shownBefore = shown.length;
    },
  });
})();
