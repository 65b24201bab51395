// The alarm lines. The server says kind and facts; the words are made here, in the viewer's language.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** @type {Record<string, string>} the panel whose document has another name */
  const PANEL = { incidents: "queue" };
  const GRAVE = ["sos", "breach", "feed_lost", "feed_refused", "clock_lost", "panel_broken"];

  /** @param {{kind: string}} alarm */
  ui.isGrave = (alarm) => GRAVE.includes(alarm.kind);

  /** @typedef {{id: string, kind: string, since: number|null, unit?: string, unit_id?: string, incident_id?: string, category?: string, feed?: string, panel?: string, place?: string}} Alarm */

  /** @param {Alarm} alarm */
  function words(alarm) {
    const now = ui.now();
    const since = typeof alarm.since === "number" ? alarm.since : null;
    const speed = alarm.feed ? ui.speed() : 1; // a feed's silence counts in real seconds
    const passed_s = now === null || since === null ? null : ((alarm.kind === "forecast" ? since - now : now - since) / 1000 / speed);
    const age = passed_s === null ? "" : (["breach", "forecast"].includes(alarm.kind) ? ui.format.clockwise : ui.format.age)(passed_s);
    const key = `alarms.${alarm.kind}`;
    const values = {
      age,
      kind: alarm.kind,
      unit: alarm.unit ?? alarm.unit_id,
      id: alarm.incident_id,
      category: ui.texts.named("category", alarm.category ?? ""),
      feed: alarm.feed ? ui.texts.t(`feed.${alarm.feed}`) : "",
      panel: alarm.panel ? ui.texts.t(`${PANEL[alarm.panel] ?? alarm.panel}.title`) : "",
    };
    const said = ui.texts.t(key, values);
    return said === key ? ui.texts.t("alarms.other", values) : said;
  }

  /** @param {Alarm} alarm */
  function makeLine(alarm) {
    const line = ui.dom.make("li", "alarm");
    line.append(ui.dom.make("b", "alarm-words"), ui.dom.make("span", "alarm-place"), ui.dom.make("time", "alarm-time"));
    const choose = () => {
      if (alarm.unit_id) ui.select("unit", alarm.unit_id);
      else if (alarm.incident_id) ui.select("incident", alarm.incident_id);
    };
    line.addEventListener("click", choose);
    line.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose();
    });
    if (alarm.unit_id || alarm.incident_id) {
      line.tabIndex = 0;
      line.setAttribute("role", "button");
    }
    return line;
  }

  /** @param {HTMLElement} line @param {Alarm} alarm */
  function updateLine(line, alarm) {
    ui.dom.attribute(line, "data-kind", alarm.kind);
    ui.dom.attribute(line, "data-grave", ui.isGrave(alarm) ? "" : null);
    ui.dom.titled(ui.dom.part(line, ".alarm-words"), words(alarm));
    ui.dom.titled(ui.dom.part(line, ".alarm-place"), ui.placeName(alarm.place));
    ui.dom.text(ui.dom.part(line, ".alarm-time"), typeof alarm.since === "number" ? ui.timeOf(alarm.since).slice(0, 5) : "");
  }

  /** the alarms that were last spoken */
  let spoken = "";

  /** Spoken when the alarms are others than before, and not because an age in them counts on. @param {HTMLElement} root @param {Alarm[]} shown */
  function speak(root, shown) {
    const ids = shown.map((alarm) => alarm.id).sort().join("\n");
    if (ids === spoken || (shown.length && ui.now() === null)) return; // without the clock nobody knows how long
    spoken = ids;
    ui.dom.text(ui.dom.part(root, ".for-readers"), shown.map(words).join("; "));
  }

  /** With a grave alarm the panel never leaves the wall. @param {HTMLElement} root @param {boolean} grave */
  function keep(root, grave) {
    if (root.hasAttribute("data-kept") === grave) return;
    ui.dom.attribute(root, "data-kept", grave ? "" : null);
    ui.placeSoon();
  }

  (ui.panels ??= []).push({
    id: "alarms",
    docs: ["alarms"],
    ticks: true,
    /** @param {HTMLElement} root */
    render(root) {
      const body = ui.body("alarms");
      if (!body) return;
      const { part, text, show } = ui.dom;
      const list = part(root, ".alarm-lines");
      const lines = Number.parseInt(getComputedStyle(list).getPropertyValue("--lines"), 10) || 3;
      // a call for help is never pushed off the wall by a newer alarm of another kind
      const ordered = [...body.alarms].sort((a, b) => Number(b.kind === "sos") - Number(a.kind === "sos"));
      const shown = ordered.slice(0, lines);
      ui.dom.list(list, shown, (/** @type {Alarm} */ a) => a.id, makeLine, updateLine);
      show(part(root, ".empty"), shown.length === 0);
      speak(root, shown);
      keep(root, ordered.some(ui.isGrave));
      const total = body.total ?? body.alarms.length;
      text(part(root, ".head-count"), total ? ui.format.count(total) : "");
      const hidden = total - shown.length;
      text(part(root, ".head-note"), hidden > 0 ? ui.texts.t("more", { n: ui.format.count(hidden) }) : "");
    },
  });
})();
