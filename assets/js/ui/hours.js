// The 24-hour line: incidents by hour of the day, today solid, and where the day stands now. Behind it what is usual
// on such a day, dashed with its 80 % band, or yesterday while history does not tell.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const SVG = "http://www.w3.org/2000/svg";
  const LABEL_EVERY_H = 3;

  /**
   * Incidents by hour of the day, 0…23: null where nothing is known or the clock skips the hour, the mean of both where
   * it comes twice (`twice` names it).
   * @param {[number, number|null][]} hours as the document has them @returns {{values: (number|null)[], twice: number|null}}
   */
  function byClock(hours) {
    /** @type {(number|null)[]} */
    const values = new Array(24).fill(null);
    const times = new Array(24).fill(0);
    for (const [hour, n] of hours) {
      times[hour]++;
      if (n !== null) values[hour] = (values[hour] ?? 0) + n;
    }
    const twice = times.findIndex((n) => n > 1);
    const shared = twice >= 0 ? values[twice] : null;
    if (shared !== null) values[twice] = shared / times[twice];
    return { values, twice: twice < 0 ? null : twice };
  }

  /** The top of the scale: 1, 2 or 5 × 10ⁿ, not below 5. @param {number} most */
  function top(most) {
    const power = 10 ** Math.floor(Math.log10(Math.max(5, most)));
    return [1, 2, 3, 4, 5, 6, 8, 10].map((m) => m * power).find((n) => n >= Math.max(5, most)) ?? most;
  }

  /** A path through the hours' middles, with gaps. @param {(number|null)[]} values @param {(h: number) => number} x @param {(n: number) => number} y */
  function path(values, x, y) {
    let d = "", open = false;
    values.forEach((n, hour) => {
      if (n !== null) d += `${open ? "L" : "M"}${x(hour + 0.5).toFixed(1)} ${y(n).toFixed(1)}`;
      open = n !== null;
    });
    return d;
  }

  /** The area between two lines, in as many pieces as there are gaps. @param {(number|null)[]} low @param {(number|null)[]} high
   *  @param {(h: number) => number} x @param {(n: number) => number} y */
  function area(low, high, x, y) {
    let d = "";
    /** @type {number[]} */
    let run = [];
    for (let hour = 0; hour <= low.length; hour++) {
      if (hour < low.length && low[hour] !== null && high[hour] !== null) {
        run.push(hour);
        continue;
      }
      const there = run.map((h) => `${x(h + 0.5).toFixed(1)} ${y(Number(high[h])).toFixed(1)}`);
      const back = run.map((h) => `${x(h + 0.5).toFixed(1)} ${y(Number(low[h])).toFixed(1)}`).reverse();
      if (run.length > 1) d += `M${[...there, ...back].join("L")}Z`;
      run = [];
    }
    return d;
  }

  /** Minutes of the day, which begins at `starts`, that a clock shows. @param {string} time 18:41:07 @param {number} starts */
  const minuteOf = (time, starts) => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)) - starts + 1440) % 1440;

  /** What the clock shows so many hours into the day. @param {number} hour @param {number} starts */
  function clock(hour, starts) {
    const m = (hour * 60 + starts) % 1440, shown = hour === 24 && !starts ? 1440 : m;
    return `${String(Math.floor(shown / 60)).padStart(2, "0")}:${String(shown % 60).padStart(2, "0")}`;
  }

  /** @param {string} name @param {Record<string, string|number>} attributes @param {string} [text] */
  function make(name, attributes, text) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    if (text !== undefined) element.textContent = text;
    return element;
  }

  let drawn = "";

  /** @param {HTMLElement} root */
  function render(root) {
    const body = ui.body("today"), chart = ui.dom.part(root, ".hours-chart"), now = ui.now();
    const w = chart.clientWidth, h = chart.clientHeight;
    if (!body || !w || !h || now === null) return;
    const time = ui.timeOf(now), starts = body.starts_min, at = minuteOf(time, starts) / 60, hour = Math.floor(at);
    const key = JSON.stringify([body.hours, starts, w, h, time.slice(0, 5), ui.texts.lang()]);
    if (key === drawn && chart.firstChild) return;
    drawn = key;
    const today = byClock(body.hours.today), { usual } = body.hours, before = byClock(body.hours.yesterday);
    const twice = today.twice ?? (usual ? null : before.twice), dashed = usual ? usual.mean : before.values;
    ui.dom.titled(ui.dom.part(root, ".head-note"), (usual ? ui.texts.t("hours.usual", { k: usual.days }) : ui.texts.t("hours.note"))
      + (twice === null ? "" : ` · ${ui.texts.t("hours.twice", { time: clock(twice, starts) })}`));
    // an hour that is not over yet would look like a fall
    const whole = today.values.map((n, k) => (k < hour ? n : null)), current = today.values[hour];
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const left = 3 * rem, right = w - 1.5 * rem, high = 0.9 * rem, low = h - 1.7 * rem;
    const most = top(Math.max(0, ...whole.map((n) => n ?? 0), ...[...dashed, ...(usual?.high ?? [])].map((n) => n ?? 0), current ?? 0));
    const x = (/** @type {number} */ t) => left + ((right - left) * t) / 24;
    const y = (/** @type {number} */ n) => low - ((low - high) * n) / most;
    const svg = make("svg", { width: w, height: h, viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" });
    for (const n of [0, most / 2, most]) {
      svg.append(make("line", { class: "hours-grid", x1: left, x2: right, y1: y(n), y2: y(n) }));
      if (Number.isInteger(n)) svg.append(make("text", { class: "hours-axis", x: left - 0.6 * rem, y: y(n) + 0.35 * rem, "text-anchor": "end" }, ui.format.count(n)));
    }
    for (let t = 0; t <= 24; t += LABEL_EVERY_H) {
      svg.append(make("text", { class: "hours-axis", x: x(t), y: h - 0.3 * rem, "text-anchor": "middle" }, clock(t, starts)));
    }
    if (usual) svg.append(make("path", { class: "hours-band", d: area(usual.low, usual.high, x, y) }));
    svg.append(make("path", { class: "hours-before", d: path(dashed, x, y) }));
    svg.append(make("path", { class: "hours-today", d: path(whole, x, y) }));
    svg.append(make("line", { class: "hours-now", x1: x(at), x2: x(at), y1: high - 0.3 * rem, y2: low }));
    svg.append(make("circle", { class: "hours-knob", cx: x(at), cy: high - 0.3 * rem, r: 0.35 * rem }));
    if (current !== null) {
      const end = at > 20;
      svg.append(make("text", { class: "hours-said", x: x(at) + (end ? -0.7 : 0.7) * rem, y: high + 0.5 * rem, "text-anchor": end ? "end" : "start" },
        ui.texts.t("hours.now", { n: ui.format.count(current) })));
    }
    chart.replaceChildren(svg);
  }

  (ui.panels ??= []).push({ id: "hours", docs: ["today"], ticks: true, render });
  ui.hours = { byClock, top, path, area, clock, minuteOf };
})();
