// What Dash calls in the browser: namespace "wall" of the clientside callbacks (components/*.py).
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});
  const page = /** @type {any} */ (globalThis);

  page.dash_clientside = Object.assign({}, page.dash_clientside, {
    wall: {
      start() {
        ui.start();
        return "";
      },
      /** @param {string[]} chosen */
      layers: (chosen) => ui.layers(chosen ?? []),
      /** @param {string} typed */
      search: (typed) => ui.search(typed),
      /** @param {string|null} id */
      found(id) {
        void ui.found(id);
        return null;
      },
    },
  });
})();
