// Small helpers for elements: texts only, never HTML; nothing is written that has not changed.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** The part of a panel that its skeleton must hold. @param {ParentNode} root @param {string} selector @returns {HTMLElement} */
  function part(root, selector) {
    const found = root.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`the page lacks ${selector}`);
    return found;
  }

  /** @param {string} tag @param {string} [className] @param {string} [text] */
  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  /** Writes text if it differs. @param {Element} element @param {unknown} value */
  function text(element, value) {
    const next = String(value ?? "");
    if (element.textContent !== next) element.textContent = next;
  }

  /** The same with the text as title, for what may be cut by an ellipsis. @param {Element} element @param {unknown} value */
  function titled(element, value) {
    text(element, value);
    attribute(element, "title", String(value ?? "") || null);
  }

  /** Sets or removes an attribute if it differs. @param {Element} element @param {string} name @param {string|null} value */
  function attribute(element, name, value) {
    if (value === null) {
      if (element.hasAttribute(name)) element.removeAttribute(name);
    } else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  /** @param {HTMLElement} element @param {boolean} shown */
  function show(element, shown) {
    if (element.hidden === shown) element.hidden = !shown;
  }

  /** A custom property, as in a bar's length. @param {HTMLElement} element @param {string} name @param {string} value */
  function property(element, name, value) {
    if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
  }

  /**
   * Keeps `parent`'s children equal to `items`: elements are made once per key, moved only when their place changed.
   * @template T
   * @param {HTMLElement} parent @param {T[]} items @param {(item: T) => string} keyOf
   * @param {(item: T) => HTMLElement} create @param {(element: HTMLElement, item: T) => void} update
   */
  function list(parent, items, keyOf, create, update) {
    /** @type {Map<string, HTMLElement>} */
    const known = new Map();
    for (const child of parent.children) {
      if (child instanceof HTMLElement && child.dataset.key !== undefined) known.set(child.dataset.key, child);
    }
    let at = parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      let element = known.get(key);
      if (element) known.delete(key);
      else {
        element = create(item);
        element.dataset.key = key;
      }
      update(element, item);
      if (element === at) at = at.nextElementSibling;
      else parent.insertBefore(element, at);
    }
    for (const old of known.values()) old.remove();
  }

  ui.dom = { part, make, text, titled, attribute, show, property, list };
})();
