"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { orders } = load("orders");

test("an order tells who goes, and of everybody else why not", () => {
  const against = (...codes) => codes.map((code) => ({ code, seconds: 3 }));
  const candidates = [{ unit_id: "a", against: [] }, { unit_id: "b", against: against("slower", "uncovers") }, { unit_id: "c", against: against("busy") }];
  const plain = JSON.parse(JSON.stringify(orders.orderOf("o1", { incident_id: "A-1", units: ["b"], candidates })));
  assert.deepEqual(plain, { order_id: "o1", incident_id: "A-1", units: ["b"], rejected: [{ unit_id: "a", reasons: [] }, { unit_id: "c", reasons: ["busy"] }] });
});

test("an order's id is written from sixteen bytes", () => {
  assert.equal(orders.idOf(Uint8Array.from({ length: 16 }, (_, k) => k)), "000102030405060708090a0b0c0d0e0f");
});

test("what has not been acknowledged has come no farther than written", () => {
  assert.deepEqual(["written", "overdue", "refused", "delivered", "accepted", "enroute", "on_scene", "strange"].map(orders.stepOf), [0, 0, 0, 1, 2, 3, 4, 0]);
});

test("an order is under way until each of its units has arrived or cannot go", () => {
  const order = (...states) => ({ units: states.map((state) => ({ state })) });
  const all = [order("on_scene", "refused"), order("on_scene", "enroute"), order("overdue"), order("failed")];
  assert.deepEqual([...orders.underWay(all)], [all[1], all[2]]);
});
