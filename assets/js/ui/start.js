// What Dash calls in the browser: namespace "wall" of the clientside callbacks (components/*.py).
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});
  const page = /** @type {any} */ (globalThis);
  const AGAIN_MS = 20, MOST_TRIES = 1500;

  /** Dash may call before all of its components stand. @param {number} tries */
  function begin(tries) {
    if (ui.fillSkeleton()) ui.start();
    else if (tries < MOST_TRIES) setTimeout(() => begin(tries + 1), AGAIN_MS);
    else console.error("the page lacks a place for its panels");
  }

  page.dash_clientside = Object.assign({}, page.dash_clientside, {
    wall: {
      start() {
        begin(0);
        return "";
      },
    },
  });
})();
