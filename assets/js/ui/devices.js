// Cameras in the card, and links to streams, which only the viewer's browser ever opens.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const SCHEMES = /^(https?|rtsps?|webrtc):\/\/[^\s]+$/i;
  const REFRESH_MS = 5000;

  /** what the map's worker last said of the selected camera, or of the cameras that the selected unit carries
   *  @type {{key: string, at: number, device: any, worn: any[]}} */
  const read = { key: "", at: -Infinity, device: undefined, worn: [] };

  /** Asks the worker for what is selected, at once and then now and again. @param {{kind: string, id: string}|null} selected */
  function watch(selected) {
    const kind = selected?.kind, key = kind === "device" || kind === "unit" ? `${kind} ${selected?.id}` : "";
    const now = performance.now();
    if (key === read.key && now - read.at < REFRESH_MS) return;
    if (key !== read.key) Object.assign(read, { device: undefined, worn: [] });
    Object.assign(read, { key, at: now });
    if (!key || !selected || !wallboard.live?.device) return;
    const answer = kind === "device" ? wallboard.live.device(selected.id) : wallboard.live.worn(selected.id);
    void answer.then((/** @type {any} */ found) => {
      if (read.key !== key) return;
      if (kind === "device") read.device = found;
      else read.worn = found ?? [];
      ui.changed("card");
    });
  }

  /** The address if a browser or a player may open it, else "". @param {unknown} url */
  const safe = (url) => (typeof url === "string" && SCHEMES.test(url) ? url : "");

  /** Shows or hides a link to a stream. @param {HTMLElement} link an <a> @param {string} url @param {string} name whose */
  function linkTo(link, url, name) {
    const address = safe(url);
    ui.dom.attribute(link, "href", address || null);
    ui.dom.attribute(link, "aria-label", address ? ui.texts.t("drones.watch.of", { name }) : null);
    ui.dom.show(link, Boolean(address));
  }

  /** A link that opens beside the wall and tells the other side nothing of it. @param {HTMLElement} link an <a> */
  function outside(link) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
    link.addEventListener("click", (/** @type {Event} */ event) => event.stopPropagation());
    return link;
  }

  /** As of when the list of cameras is known. */
  function asOf() {
    const doc = ui.state.docs.devices, feeds = ui.body("feeds")?.feeds ?? [];
    return doc ? ui.timeOf(ui.ages.asOf(doc.data_time, feeds, ["device"])) : "—";
  }

  /** Kind and state of a camera in words. @param {any} d */
  const state = (d) => ui.texts.t(`condition.${d.state}`);

  /** The card of a camera. @param {string} id @returns {any} as card.js has it */
  function content(id) {
    const d = read.key === `device ${id}` ? read.device : undefined;
    if (!d) return { name: id, state: "", glyph: "devices", facts: [], note: ui.texts.t(d === null ? "card.device.gone" : "card.loading") };
    /** @type {[string, string][]} */
    const facts = [["card.device", ui.texts.t(`device.${d.kind}`)]];
    if (d.unit_id) facts.push(["card.carrier", d.unit_id]);
    facts.push(["card.asof", asOf()]);
    return { name: d.name, state: state(d), glyph: "devices", severity: `${d.kind} ${d.state}`, facts, note: "", stream: d.stream_url };
  }

  /** What a unit's card says of the cameras that it carries. @param {string} id @returns {{facts: [string, string][], stream: string}} */
  function worn(id) {
    const found = read.key === `unit ${id}` ? read.worn : [];
    const words = found.map((d) => `${d.name} · ${state(d)}`).join(" / ");
    return { facts: words ? [["card.camera", words]] : [], stream: found.find((d) => d.state === "ONLINE" && safe(d.stream_url))?.stream_url ?? "" };
  }

  ui.devices = { watch, content, worn, safe, linkTo, outside };
})();
