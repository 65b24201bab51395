// Legend signs, drawn by the map's own code (assets/js/live), so that legend and map cannot drift apart.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const STATUSES = ["UNKNOWN", "AVAILABLE", "DISPATCHED", "ENROUTE", "ON_SCENE", "STANDBY", "RETURNING", "OUT_OF_SERVICE", "LOST"];
  const CAR = 1;
  const UNIT_RADIUS = 8.6;
  const DRONE_RADIUS = 10.5;
  const DEVICE_RADIUS = 6;
  // an incident's ring grows with its severity, and all rings shall fill the sign
  const INCIDENT_RADIUS = { MEDIUM: 15, HIGH: 17.5, CRITICAL: 17.5 };
  const CALM_INCIDENT_RADIUS = 11;
  const SIZE_REM = 1.667;
  const RED = "#ff5a52";

  /** @type {Map<string, string>} */
  const urls = new Map();

  /** @param {CanvasRenderingContext2D} c @param {string} name @param {string} severity */
  function draw(c, name, severity) {
    const status = { units: "AVAILABLE", lost: "LOST" }[name] ?? name;
    if (STATUSES.includes(status)) wallboard.icons.small(c, CAR, STATUSES.indexOf(status), 0);
    else if (name === "SOS") call(c);
    else if (name === "labels") letters(c);
    else if (name === "basemap") streets(c);
    else if (name === "devices") wallboard.devices.drawPoint(c, severity.split(" ")[0] || "CAMERA", severity.split(" ")[1] || "ONLINE");
    else if (name === "heat") hexagons(c);
    else if (name === "zones") boundary(c);
    else if (name === "cover") reach(c);
    else {
      const kind = name === "drones" ? "drone" : "incident";
      // the legend shows a plain incident, not one of unknown severity
      const data = { severity: name === "incidents" ? "LOW" : severity, on_scene: null, exercise: false, lost: name === "drones" && severity === "LOST" };
      wallboard.overlay.spriteOf({ mark: (/** @type {string} */ _, /** @type {number} */ __, /** @type {(c: any) => void} */ paint) => paint(c) }, { kind, look: "", data });
    }
  }

  /** A call for help: the red ring that the map puts around a unit. @param {CanvasRenderingContext2D} c */
  function call(c) {
    c.strokeStyle = c.fillStyle = RED;
    c.lineWidth = 2;
    c.beginPath();
    c.arc(0, 0, 7, 0, 2 * Math.PI);
    c.stroke();
    c.beginPath();
    c.arc(0, 0, 3, 0, 2 * Math.PI);
    c.fill();
  }

  /** @param {CanvasRenderingContext2D} c */
  function letters(c) {
    c.strokeStyle = "#7f93a8";
    c.lineWidth = 1.2;
    c.strokeRect(-7.5, -4.5, 15, 9);
    c.fillStyle = "#7f93a8";
    c.fillRect(-4.5, -0.8, 9, 1.6);
  }

  /** @param {CanvasRenderingContext2D} c */
  function boundary(c) {
    c.strokeStyle = "#66829e";
    c.lineWidth = 1.4;
    c.setLineDash([3, 2.2]);
    c.beginPath();
    for (const [x, y] of [[-6, -3], [1, -6.5], [6.5, -2], [4.5, 5], [-4.5, 5.5]]) c.lineTo(x, y);
    c.closePath();
    c.stroke();
    c.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} c */
  function streets(c) {
    c.strokeStyle = "#4d657e";
    c.lineWidth = 1.3;
    c.beginPath();
    for (const [x1, y1, x2, y2] of [[-7, -3, 7, -5], [-7, 4, 7, 2.5], [-3, -7, -1.5, 7], [4, -7, 5, 7]]) {
      c.moveTo(x1, y1);
      c.lineTo(x2, y2);
    }
    c.stroke();
  }

  /** Rings of reach. @param {CanvasRenderingContext2D} c */
  function reach(c) {
    c.strokeStyle = "#5aa9e6";
    for (const [r, alpha] of [[2.2, 1], [4.8, 0.75], [7.4, 0.5]]) {
      c.globalAlpha = alpha;
      c.lineWidth = 1.3;
      c.beginPath();
      c.arc(0, 0, r, 0, 2 * Math.PI);
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  /** Three cells of heat. @param {CanvasRenderingContext2D} c */
  function hexagons(c) {
    for (const [x, y, alpha] of [[-3.6, -3.2, 0.5], [3.6, -3.2, 0.8], [0, 3.2, 0.3]]) {
      c.fillStyle = `rgba(201,132,72,${alpha})`;
      c.beginPath();
      for (let k = 0; k < 6; k++) c.lineTo(x + 3.7 * Math.sin((k * Math.PI) / 3), y + 3.7 * Math.cos((k * Math.PI) / 3));
      c.fill();
    }
  }

  /** How far a sign reaches, in the units of the map's icons. @param {string} name @param {string} severity */
  function radius(name, severity) {
    if (name === "drones") return DRONE_RADIUS;
    if (name === "devices") return DEVICE_RADIUS;
    if (name !== "incident" && name !== "incidents") return UNIT_RADIUS;
    return /** @type {Record<string, number>} */ (INCIDENT_RADIUS)[severity] ?? CALM_INCIDENT_RADIUS;
  }

  /** An image of a sign, made once per size. @param {string} name @param {string} [severity] */
  function url(name, severity = "") {
    const px = Math.round(SIZE_REM * Number.parseFloat(document.documentElement.style.fontSize || "12") * devicePixelRatio);
    const key = `${name} ${severity} ${px}`;
    let made = urls.get(key);
    if (made === undefined) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = px;
      const c = canvas.getContext("2d");
      if (!c || !wallboard.icons || !wallboard.overlay || !wallboard.devices) return "";
      const k = px / 2 / radius(name, severity);
      c.setTransform(k, 0, 0, k, px / 2, px / 2);
      draw(c, name, severity);
      made = `url(${canvas.toDataURL()})`;
      urls.set(key, made);
    }
    return made;
  }

  /** Shows a sign in a .glyph element; it remembers which. @param {HTMLElement} element @param {string} name @param {string} [severity] */
  function paint(element, name, severity = "") {
    ui.dom.attribute(element, "data-glyph", name);
    ui.dom.attribute(element, "data-severity", severity || null);
    const image = url(name, severity);
    if (element.style.backgroundImage !== image.replace(/^url\((.*)\)$/, 'url("$1")')) element.style.backgroundImage = image;
  }

  /** Paints every sign that the page's skeleton holds, again when the scale has changed. @param {ParentNode} root */
  function paintAll(root) {
    for (const element of root.querySelectorAll(".glyph[data-glyph]")) {
      if (element instanceof HTMLElement) paint(element, element.dataset.glyph ?? "", element.dataset.severity ?? "");
    }
  }

  /** @param {string} name */
  function make(name) {
    const element = ui.dom.make("span", "glyph");
    paint(element, name);
    return element;
  }

  ui.glyphs = { url, paint, paintAll, make };
})();
