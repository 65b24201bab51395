// A short label beside the pointer for what lies under it.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const OFFSET_PX = 14;
  const STANDS_MS = 5000;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  /** @param {any} thing */
  function words(thing) {
    const { t, named } = ui.texts;
    if (thing.kind === "incident") {
      const i = ui.body("incidents")?.incidents.find((/** @type {any} */ x) => x.id === thing.id);
      return i ? [named("category", i.category), i.id] : [thing.id];
    }
    if (thing.kind === "heat") return ui.heatWords(thing);
    if (thing.kind === "drone") return [thing.callsign || thing.id, t("drones.title")];
    if (thing.kind === "device") return [thing.callsign, t(`device.${thing.device}`), t(`condition.${thing.status}`)];
    if (thing.kind === "detection") return [named("detection", thing.category), thing.callsign, ui.timeOf(thing.time), thing.incident_id && `→ ${thing.incident_id}`];
    const status = thing.lost ? "LOST" : thing.status;
    return [thing.callsign || thing.id, status ? t(`status.${status}`) : ""];
  }

  /** @param {any} thing */
  function show(thing) {
    const element = document.getElementById(ui.ids.HOVER);
    const frame = document.getElementById(ui.ids.MAP_FRAME);
    if (!element || !frame) return;
    const shown = Boolean(thing?.kind);
    clearTimeout(timer);
    // things move away from under a resting pointer; the next movement asks again
    if (shown) timer = setTimeout(() => show(null), STANDS_MS);
    ui.dom.show(element, shown);
    ui.dom.attribute(frame, "data-over", shown && thing.kind !== "heat" ? thing.kind : null);
    if (!shown) return;
    ui.dom.text(element, words(thing).filter(Boolean).join(" · "));
    // beside the pointer, and never beyond the map
    const x = Math.min(thing.x + OFFSET_PX, frame.clientWidth - element.offsetWidth - 4);
    const y = Math.min(thing.y + OFFSET_PX, frame.clientHeight - element.offsetHeight - 4);
    element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  const listen = () => wallboard.live?.on("hover", show);
  if (wallboard.live) listen();
  else addEventListener("load", listen, { once: true });
})();
