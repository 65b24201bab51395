// The order of the incident queue and what each row says at a moment. Pure.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /**
   * @typedef {{id: string, category: string, severity: string, place: string, place_class: string, branch: string,
   *   station: string, lat: number|null, lon: number|null, call_received: number|null, dispatched: number|null,
   *   accepted: number|null, enroute: number|null, on_scene: number|null, closed: number|null, target_s: number|null,
   *   units: string[], exercise: boolean, diverted: boolean, valid: boolean}} Incident times in Unix ms
   * @typedef {{incident: Incident, group: "breached"|"counting"|"plain"|"arrived", remaining_s: number|null,
   *   age_s: number|null, response_s: number|null, met: boolean|null, elapsed: number}} Entry
   */

  const GROUPS = ["breached", "counting", "plain", "arrived"];

  /** Where an incident stands at `now_ms`. @param {Incident} incident @param {number} now_ms @returns {Entry} */
  function entry(incident, now_ms) {
    const { call_received: call, on_scene: arrived, target_s } = incident;
    const age_s = call === null ? null : (now_ms - call) / 1000;
    const hasTarget = typeof target_s === "number" && target_s > 0;
    if (arrived !== null) {
      const taken_s = call === null ? null : (arrived - call) / 1000;
      const response_s = taken_s !== null && taken_s >= 0 ? taken_s : null; // an arrival before the call is a wrong time, not a perfect response
      const met = response_s === null || !hasTarget ? null : response_s <= target_s;
      const elapsed = response_s === null || !hasTarget ? 1 : Math.min(1, response_s / target_s);
      return { incident, group: "arrived", remaining_s: null, age_s, response_s, met, elapsed };
    }
    if (!hasTarget || age_s === null) {
      return { incident, group: "plain", remaining_s: null, age_s, response_s: null, met: null, elapsed: 0 };
    }
    const remaining_s = target_s - age_s;
    const group = remaining_s < 0 ? "breached" : "counting";
    return { incident, group, remaining_s, age_s, response_s: null, met: null, elapsed: Math.min(1, Math.max(0, age_s / target_s)) };
  }

  /** @param {Entry} a @param {Entry} b */
  function before(a, b) {
    const group = GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group);
    if (group) return group;
    if (a.remaining_s !== null && b.remaining_s !== null && a.remaining_s !== b.remaining_s) return a.remaining_s - b.remaining_s;
    const newest = a.group === "arrived"
      ? (b.incident.on_scene ?? 0) - (a.incident.on_scene ?? 0)
      : (b.incident.call_received ?? 0) - (a.incident.call_received ?? 0);
    return newest || (a.incident.id < b.incident.id ? -1 : 1);
  }

  /**
   * Breached first (longest overdue on top), then least time left, then those without a target (newest first),
   * then the arrived (newest first). Closed ones are left out.
   * @param {Incident[]} incidents @param {number} now_ms @returns {Entry[]}
   */
  function order(incidents, now_ms) {
    return incidents.filter((i) => i.closed === null || i.closed === undefined).map((i) => entry(i, now_ms)).sort(before);
  }

  /** How far the police have come with it. @param {Incident} incident */
  function stage(incident) {
    if (incident.on_scene !== null) return "on_scene";
    if (incident.enroute !== null) return "enroute";
    if (incident.accepted !== null) return "accepted";
    return incident.dispatched !== null || incident.units.length ? "dispatched" : "none";
  }

  /** The first callsigns and how many more. @param {string[]} units @param {number} shown */
  function crew(units, shown) {
    return units.length > shown ? `${units.slice(0, shown).join(" ")} +${units.length - shown}` : units.join(" ");
  }

  ui.queue = { entry, order, stage, crew };
})();
