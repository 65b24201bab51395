/**
 * The pointer over the map: the worker is asked what is under it, one question at a time.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const pointer = {
    asks: 0,
    busy: false,
    /** @type {any} */
    next: null,
    /** @type {Map<number, {layer: any, kind: string, point: any}>} */
    open: new Map(),
    over: "",

    /** @param {any} layer @param {any} event Leaflet's */
    move(layer, event) {
      this.next = { layer, event };
      if (!this.busy) this.send();
    },

    send() {
      const { layer, event } = this.next;
      this.next = null;
      this.busy = true;
      this.ask(layer, event, "hover");
    },

    /** @param {any} layer @param {any} event */
    click(layer, event) {
      this.ask(layer, event, "select");
    },

    /** @param {any} layer */
    leave(layer) {
      this.next = null;
      // a click holds, also of a hand that is off the map before its answer comes
      for (const [ask, { kind }] of this.open) if (kind === "hover") this.open.delete(ask);
      this.busy = false;
      this.hover(layer, null, { x: 0, y: 0 });
    },

    /** Another worker has come: what the old one was asked stays without an answer. @param {any} layer */
    renew(layer) {
      this.open.clear();
      this.leave(layer);
    },

    /** @param {any} layer @param {any} event @param {string} kind */
    ask(layer, event, kind) {
      const zoom = layer.map.getZoom(), world = 256 * 2 ** zoom, point = event.containerPoint;
      const at = layer.map.containerPointToLayerPoint(point).add(layer.map.getPixelOrigin());
      this.open.set(++this.asks, { layer, kind, point });
      layer.post({ type: "hit", ask: this.asks, x: at.x / world, y: at.y / world, zoom });
    },

    /** @param {{ask: number, hit: any}} answer */
    answer({ ask, hit }) {
      const open = this.open.get(ask);
      if (!open) return;
      this.open.delete(ask);
      // an area is looked at, not chosen
      if (open.kind === "select") return open.layer.emit("select", hit?.kind === "heat" ? null : hit);
      this.busy = false;
      this.hover(open.layer, hit, open.point);
      if (this.next) this.send();
    },

    /** @param {any} layer @param {any} hit @param {{x: number, y: number}} point */
    hover(layer, hit, point) {
      const over = hit ? `${hit.kind} ${hit.id}` : "";
      if (!over && !this.over) return;
      this.over = over;
      layer.map.getContainer().style.cursor = over && hit.kind !== "heat" ? "pointer" : "";
      layer.emit("hover", { kind: null, id: null, ...hit, x: point.x, y: point.y });
    },
  };

  wallboard.pointer = pointer;
})(/** @type {any} */ (globalThis));
