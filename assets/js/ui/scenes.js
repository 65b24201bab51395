// The wall's scenes: named arrangements of this one page. Which one is shown says ui.Rotation; the rest is CSS by
// #wall[data-scene] and the panels' own word (data-scenes). A scene may add {idle, enter, leave, tick} to ui.scenes.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** @typedef {{idle?: () => boolean, enter?: () => void, leave?: () => void, tick?: () => void}} SceneScript */

  /** @type {Record<string, SceneScript>} */
  const scripts = (ui.scenes ??= {});
  const CALL = "sos";
  /** @type {any} */
  let rotation = null;
  /** @type {string|null} */
  let shown = null;

  const wall = () => document.getElementById(ui.ids.WALL);
  /** @param {string|undefined} text */
  const words = (text) => (text ?? "").split(" ").filter(Boolean);

  /** What the address fixes, if panels stand there. @param {HTMLElement} root */
  function fixedScene(root) {
    const asked = new URLSearchParams(location.search).get("scene");
    const known = ["map", ...[...root.querySelectorAll("[data-panel]")].flatMap((p) => words(/** @type {HTMLElement} */ (p).dataset.scenes))];
    return asked && known.includes(asked) ? asked : null;
  }

  function facts() {
    /** @type {any[]} */
    const alarms = ui.body("alarms")?.alarms ?? [];
    return {
      call: alarms.some((alarm) => alarm.kind === CALL),
      graves: alarms.filter((alarm) => ui.isGrave(alarm)).map((alarm) => alarm.id),
      idle: (/** @type {string} */ scene) => scripts[scene]?.idle?.() ?? false,
    };
  }

  /** Whether a person touched this wall within the last two minutes. */
  ui.attended = () => rotation?.attended(performance.now()) ?? false;

  /** The page in another arrangement, within one task: nothing is drawn in between. @param {HTMLElement} root @param {string} scene */
  function show(root, scene) {
    const first = shown === null;
    if (shown !== null) scripts[shown]?.leave?.();
    scripts[scene]?.enter?.();
    shown = scene;
    root.dataset.scene = scene;
    for (const panel of root.querySelectorAll("[data-panel]")) {
      const stands = words(/** @type {HTMLElement} */ (panel).dataset.scenes);
      ui.dom.attribute(panel, "data-off", stands.length && !stands.includes(scene) ? "" : null);
    }
    if (!first) ui.place(); // at the start the page is placed when all panels have begun
  }

  /** @param {HTMLElement} root */
  function name(root) {
    const label = document.getElementById(ui.ids.SCENE);
    if (!label) return;
    const several = rotation.scenes.length > 1 || rotation.fixed;
    ui.dom.show(label, Boolean(several));
    ui.dom.text(label, ui.texts.t(`scene.${shown}`));
    root.classList.toggle("has-scenes", Boolean(several));
  }

  function step() {
    const root = wall();
    if (!root || !rotation) return;
    const scene = rotation.step(performance.now(), facts());
    if (scene !== shown) show(root, scene);
    name(root);
    scripts[scene]?.tick?.();
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    rotation?.touch(performance.now());
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
    rotation?.choose(Number(event.key) - 1, performance.now());
    step();
  }

  (ui.panels ??= []).push({
    id: ui.ids?.SCENE ?? "scene-name",
    docs: ["alarms", "drones"],
    ticks: true,
    start() {
      const root = wall();
      if (!root) return;
      rotation = new ui.Rotation(words(root.dataset.scenes), 1000 * Number(root.dataset.turn), fixedScene(root));
      addEventListener("keydown", key);
      for (const kind of ["pointerdown", "pointermove", "wheel"]) {
        addEventListener(kind, () => rotation.touch(performance.now()), { passive: true });
      }
      step();
    },
    render: step,
  });
})();
