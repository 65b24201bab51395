// The panels' skeletons come with the page as templates (components/markup.py) and are put where they belong.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** Whether all places stood that the templates belong into; nothing is done before. */
  ui.fillSkeleton = () => {
    const templates = [.../** @type {NodeListOf<HTMLTemplateElement>} */ (document.querySelectorAll("template[data-lifted]"))];
    const places = templates.map((template) => document.querySelector(`[data-lift="${template.dataset.lifted}"]`));
    if (!document.getElementById(ui.ids.WALL) || places.includes(null)) return false;
    templates.forEach((template, i) => {
      places[i]?.append(template.content);
      template.remove();
    });
    return true;
  };
})();
