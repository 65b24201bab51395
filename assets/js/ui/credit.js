// Whose map lies below the live layer: map makers ask to be named.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  (ui.panels ??= []).push({
    id: "credit",
    docs: ["map"],
    /** @param {HTMLElement} root */
    render(root) {
      ui.dom.text(root, wallboard.live?.ground?.attribution ?? "");
    },
  });
})();
