// Against burn-in: the whole wall moves by one pixel now and then, through every place of a small square.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const STEP_MS = 20_000;
  const MOST_PX = 80;

  /**
   * The k-th place of a path through all (2·reach + 1)² places around the middle, line by line to and fro, and back
   * the same way: two that follow each other are one pixel apart, the last and the first too.
   * @param {number} k a whole number from 0 @param {number} reach whole pixels @returns {[number, number]} x and y
   */
  function at(k, reach) {
    const side = 2 * reach + 1, last = side * side - 1;
    if (last === 0) return [0, 0];
    const turn = k % (2 * last), place = turn <= last ? turn : 2 * last - turn;
    const row = Math.floor(place / side), column = place % side;
    return [(row % 2 ? side - 1 - column : column) - reach, row - reach];
  }

  /** How far the wall may move, in device pixels. @param {string|null} asked by the address @param {number} set by the settings @param {number} grown pixels of the screen for one of 1920×1080 */
  function reachOf(asked, set, grown) {
    const wanted = asked === null || asked === "" ? set : Number(asked);
    return Number.isFinite(wanted) ? Math.min(MOST_PX, Math.max(0, Math.round(wanted * grown))) : 0;
  }

  let told = "";

  /** @param {HTMLElement} root */
  function move(root) {
    const dpr = devicePixelRatio || 1;
    const grown = Math.max(1, Math.min(innerWidth / 1920, innerHeight / 1080)) * dpr;
    const asked = new URLSearchParams(location.search).get("drift");
    const reach = reachOf(asked, ui.kiosk() ? Number(root.dataset.drift) : 0, grown);
    // from the time, so that a page that was loaded anew goes on where it was
    const [x, y] = at(Math.floor(Date.now() / STEP_MS), reach);
    const next = `${reach} ${x} ${y} ${dpr}`;
    if (next === told) return;
    const reachBefore = told.split(" ", 1)[0];
    told = next;
    ui.dom.property(root, "--drift", `${reach / dpr}px`);
    ui.dom.property(root, "--drift-x", `${x / dpr}px`);
    ui.dom.property(root, "--drift-y", `${y / dpr}px`);
    ui.dom.attribute(root, "data-drifts", reach ? "" : null);
    if (reachBefore !== String(reach)) ui.placeSoon();
  }

  ui.drift = { at, reachOf };
  (ui.panels ??= []).push({ id: "map-frame", docs: [], ticks: true, render: () => {
    const root = document.getElementById(ui.ids.WALL);
    if (root) move(root);
  } });
})();
